// Memory that runs out: what was being done ends, all else goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include "net/bind.h"
#include "net/loopback.h"
#include "proxy/relay.h"
#include "proxy/running.h"
#include "proxy/worker.h"
#include "session/memory.h"

namespace handfast::test {
namespace {

using proxy::Leg;
using proxy::Relayed;
using proxy::Worker;

awaitable<void> relay_into(Leg client, Leg origin, Relayed& result) {
  result = co_await proxy::relay(client, origin, {});
}

struct Heard {
  std::string text;
  bool in_good_order;
};
Heard hear(tcp::socket socket) {
  TcpPeer peer(std::move(socket));
  std::string text = peer.receive_all();
  return {std::move(text), !peer.was_reset()};
}

/// Both sides have said all that they have to say; nothing of it may be taken for the whole that is not. Asio's
/// coroutines don't survive that memory is short for long; but they do one block.
void relay_without(std::size_t block, bool& was_missed) {
  io_context context;
  SocketPair outer = connected_sockets(context);
  SocketPair inner = connected_sockets(context);
  for (tcp::socket* end : {&outer.client, &inner.server}) {
    boost::asio::write(*end, boost::asio::buffer("all of it", 9));
    end->shutdown(tcp::socket::shutdown_send);
  }
  Relayed result;
  boost::asio::co_spawn(context,
                        relay_into(Leg(net::PlainStream(std::move(outer.server))),
                                   Leg(net::PlainStream(std::move(inner.client))), result),
                        [](std::exception_ptr) {});
  {
    const MissingBlock missing(block);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!context.stopped() && std::chrono::steady_clock::now() < deadline) {
      try {
        context.run_until(deadline);
      } catch (const std::bad_alloc&) {
        // As a worker does.
      }
    }
    was_missed = missing.was_missed();
  }
  ASSERT_TRUE(context.stopped()) << "it does not end";
  for (tcp::socket* end : {&outer.client, &inner.server}) {
    const Heard heard = hear(std::move(*end));
    EXPECT_TRUE(heard.text == "all of it" || (was_missed && !heard.in_good_order)) << heard.text;
  }
  EXPECT_TRUE(was_missed || !result.error);
}

TEST(Memory, ARelayThatIsRefusedAnyBlockIsBrokenOff) {
  bool was_missed = true;
  std::size_t block = 0;
  for (; was_missed && block < 1000 && !HasFailure(); ++block) {
    SCOPED_TRACE(block);
    relay_without(block, was_missed);
  }
  EXPECT_FALSE(was_missed);
  EXPECT_GT(block, 5U);
}

awaitable<void> answer_once(proxy::Arrival arrival) {
  const NetResult<Bytes> question = co_await arrival.stream.read();
  if (!question || question->empty()) co_return;
  const NetResult<> written = co_await arrival.stream.write(as_bytes("once"));
}

/// Answers whatever comes first; or it has no memory for that.
class Once final : public proxy::Service {
 public:
  explicit Once(bool without_memory = false) : without_memory_(without_memory) {}
  proxy::Awaitable<void> serve(proxy::Arrival arrival, Worker&) const override {
    if (without_memory_) throw std::bad_alloc();
    return answer_once(std::move(arrival));
  }
  const proxy::Limits& limits() const noexcept override { return limits_; }

 private:
  bool without_memory_;
  proxy::Limits limits_;
};

class WorkerMemory : public ::testing::Test {
 protected:
  WorkerMemory() {
    auto acceptor = net::bind_and_listen(worker_.loop().get_executor(), {"127.0.0.1", 0}, net::Sharing::alone).value();
    port_ = acceptor.local_endpoint().port();
    worker_.listen("here", std::move(acceptor), std::make_shared<Once>());
    loop_ = std::jthread([this] { worker_.run(); });
  }
  ~WorkerMemory() override { worker_.stop(); }

  /// In the worker's thread; waits for it.
  void in_loop(std::function<void()> task) {
    std::promise<void> done;
    worker_.post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  TcpPeer ask() {
    TcpPeer client = TcpPeer::connect(context_, loopback(port_));
    client.send("?");
    return client;
  }
  std::string log() {
    log_->flush();
    std::ifstream file(log_path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder_;
  std::string log_path_ = folder_.folder() / "log";
  std::shared_ptr<proxy::Log> log_ = proxy::Log::open(log_path_, proxy::LogFormat::text).value();
  Worker worker_{log_, std::make_shared<proxy::Admission>()};
  boost::asio::io_context context_;
  std::uint16_t port_ = 0;
  std::jthread loop_;
};

TEST_F(WorkerMemory, WhoseBlockIsMissingIsDroppedAndTheNextIsServed) {
  EXPECT_EQ(ask().receive_all(), "once");
  bool was_missed = true;
  int dropped = 0;
  for (std::size_t block = 0; was_missed && block < 200; ++block) {
    std::optional<MissingBlock> missing;
    in_loop([&] { missing.emplace(block); });
    const std::string answer = ask().receive_all();
    in_loop([&] {
      was_missed = missing->was_missed();
      missing.reset();
    });
    EXPECT_TRUE(answer == "once" || (was_missed && answer.empty())) << block << ": " << answer;
    if (answer.empty()) ++dropped;
    EXPECT_EQ(ask().receive_all(), "once") << "behind the one that was refused block " << block;
  }
  EXPECT_FALSE(was_missed);
  EXPECT_GT(dropped, 0);
  std::size_t left = 1;
  for (int i = 0; i < 200 && left > 0; ++i) {
    in_loop([&] { left = worker_.connections(); });
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(left, 0U) << "none is counted that is not there";
  EXPECT_NE(log().find(" accept listener=here error=\"Cannot allocate memory\""), std::string::npos) << log();
  // Nor does a drain wait for one.
  worker_.post([this] { worker_.drain(); });
  loop_.join();
}

TEST_F(WorkerMemory, AServiceWithoutAnyEndsThatConnectionAlone) {
  in_loop([&] { worker_.replace("here", std::make_shared<Once>(true)); });
  EXPECT_EQ(ask().receive_all(), "");
  in_loop([&] { worker_.replace("here", std::make_shared<Once>()); });
  EXPECT_EQ(ask().receive_all(), "once");
  EXPECT_NE(log().find("out of memory"), std::string::npos) << log();
}

}  // namespace
}  // namespace handfast::test
