// Server: limits, reload without loss, drain, file descriptors that run out.
#include "proxy/server.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/static_files.h"
#include "net/bind.h"
#include "proxy/exchange.h"
#include "support/temporary_folder.h"

namespace handfast::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;
using proxy::Arrival;
using proxy::Awaitable;
using proxy::Limits;
using proxy::Log;
using proxy::Server;
using proxy::Service;
using proxy::Worker;

Awaitable<void> answer(net::PlainStream stream, [[maybe_unused]] proxy::Admission::Place place, std::string word,
                       Worker& worker) {
  for (;;) {
    NetResult<Bytes> question = std::unexpected(NetError(Stage::read, error_code()));
    {
      const Worker::Idle idle(worker, [&stream] { stream.close(); });
      question = co_await stream.read();
    }
    if (!question || question->empty()) co_return;
    const NetResult<> written = co_await stream.write(as_bytes(word));
    if (!written || worker.draining()) co_return;
  }
}

Awaitable<void> answer_once(Arrival arrival) {
  const NetResult<Bytes> question = co_await arrival.stream.read();
  if (!question || question->empty()) co_return;
  const NetResult<> written = co_await arrival.stream.write(as_bytes("once"));
}

/// Answers whatever comes first, at whatever time.
class Once final : public Service {
 public:
  Awaitable<void> serve(Arrival arrival, Worker&) const override { return answer_once(std::move(arrival)); }
  const Limits& limits() const noexcept override { return limits_; }

 private:
  Limits limits_;
};

/// Answers each read with its word.
class Echo final : public Service {
 public:
  explicit Echo(std::string word, Limits limits = {}) : word_(std::move(word)), limits_(limits) {}
  Awaitable<void> serve(Arrival arrival, Worker& worker) const override {
    return answer(std::move(arrival.stream), std::move(arrival.place), word_, worker);
  }
  const Limits& limits() const noexcept override { return limits_; }

 private:
  std::string word_;
  Limits limits_;
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port}, error_);
    const timeval patience{5, 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  /// What is answered; empty: the connection has ended.
  std::string ask() { return say("?") ? read() : std::string(); }
  bool say(std::string_view text) {
    error_code error;
    asio::write(socket_, asio::buffer(text), error);
    return !error;
  }
  std::string read() {
    char text[16];
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(text), error);
    return std::string(text, count);
  }
  bool connected() const { return !error_; }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  error_code error_;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "server_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    auto log = Log::open(folder_ + "/log", proxy::LogFormat::text);
    ASSERT_TRUE(log);
    server_.emplace(std::size_t{2}, *log);
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void listen(std::shared_ptr<const Service> service) {
    const NetResult<> listening = server_->listen({{{"127.0.0.1", 0}, std::move(service)}});
    ASSERT_TRUE(listening) << listening.error().message();
  }
  std::uint16_t port() const { return server_->addresses().front().port; }
  std::string log() {
    server_->log().flush();
    std::stringstream text;
    text << std::ifstream(folder_ + "/log").rdbuf();
    return text.str();
  }

  std::string folder_;
  std::optional<Server> server_;
};

TEST_F(ServerTest, ShedsWhatIsTooMuchAndSaysWhy) {
  listen(std::make_shared<Echo>("a", Limits{.connections = 0, .per_address = 2}));
  Client first(port()), second(port());
  EXPECT_EQ(first.ask(), "a");
  EXPECT_EQ(second.ask(), "a");
  Client third(port());
  EXPECT_EQ(third.ask(), "");
  EXPECT_NE(log().find("reason=\"too many connections of this address\""), std::string::npos) << log();
}

TEST_F(ServerTest, AReloadLosesNoConnection) {
  listen(std::make_shared<Echo>("a"));
  Client old(port());
  EXPECT_EQ(old.ask(), "a");
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0, asked = 0;
  std::jthread load([&, place = port()] {
    while (!stop) {
      Client client(place);
      if (client.ask().empty()) ++failures;
      ++asked;
    }
  });
  for (int i = 0; i < 50; ++i) {
    listen(std::make_shared<Echo>(i % 2 == 0 ? "b" : "c"));
    std::this_thread::sleep_for(2ms);
  }
  stop = true;
  load.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(asked, 10);
  EXPECT_EQ(old.ask(), "a");
  EXPECT_EQ(Client(port()).ask(), "c");
}

TEST_F(ServerTest, AnAddressThatCannotBeHadChangesNothing) {
  listen(std::make_shared<Echo>("a"));
  const std::uint16_t before = port();
  const auto refused = server_->listen({{{"127.0.0.1", before}, std::make_shared<Echo>("b")}});
  EXPECT_FALSE(refused);  // the port is ours already, by the name of port 0
  EXPECT_EQ(server_->failed_address(), "127.0.0.1:" + std::to_string(before));
  EXPECT_EQ(Client(before).ask(), "a");
}

TEST_F(ServerTest, SeveralThatWantAnyPortAreToldApart) {
  const auto listening = server_->listen(
      {{{"127.0.0.1", 0}, std::make_shared<Echo>("a")}, {{"127.0.0.1", 0}, std::make_shared<Echo>("b")}});
  ASSERT_TRUE(listening);
  const auto addresses = server_->addresses();
  ASSERT_NE(addresses[0].port, addresses[1].port);
  EXPECT_EQ(Client(addresses[0].port).ask(), "a");
  EXPECT_EQ(Client(addresses[1].port).ask(), "b");
}

TEST_F(ServerTest, ListensNoMoreWhereItIsNotTold) {
  listen(std::make_shared<Echo>("a"));
  const std::uint16_t before = port();
  const auto moved = server_->listen({{{"127.0.0.2", 0}, std::make_shared<Echo>("b")}});
  ASSERT_TRUE(moved) << moved.error().message();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Client(before).connected());
}

TEST_F(ServerTest, AnAddressThatWasLeftIsFree) {
  // No outgoing connection is given a port of this one.
  const auto listening = server_->listen({{{"127.0.0.3", 0}, std::make_shared<Echo>("a")}});
  ASSERT_TRUE(listening) << listening.error().message();
  const net::HostPort address = server_->addresses().front();
  for (int i = 0; i < 20; ++i) {
    const auto moved = server_->listen({{{"127.0.0.2", 0}, std::make_shared<Echo>("b")}});
    ASSERT_TRUE(moved) << moved.error().message();
    const auto back = server_->listen({{address, std::make_shared<Echo>("c")}});
    ASSERT_TRUE(back) << back.error().message();
  }
}

TEST_F(ServerTest, ADrainEndsWhatIsIdleAndLetsTheRestFinish) {
  listen(std::make_shared<Echo>("a"));
  Client idle(port());
  EXPECT_EQ(idle.ask(), "a");
  EXPECT_EQ(server_->drain(5s), 0U);
  EXPECT_EQ(idle.read(), "");
  EXPECT_EQ(server_->connections(), 0U);
}

/// Does nothing, for ever.
class Stuck final : public Service {
 public:
  Awaitable<void> serve(Arrival arrival, Worker&) const override { return hold(std::move(arrival)); }
  const Limits& limits() const noexcept override { return limits_; }

 private:
  static Awaitable<void> hold(Arrival arrival) {
    const NetResult<Bytes> never = co_await arrival.stream.read();
    const NetResult<Bytes> more = co_await arrival.stream.read();
  }
  Limits limits_;
};

TEST_F(ServerTest, ADrainCutsOffWhatDoesNotEnd) {
  listen(std::make_shared<Stuck>());
  Client client(port());
  while (server_->connections() == 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(server_->drain(50ms), 1U);
}

TEST_F(ServerTest, ADrainServesWhomNobodyHasCountedYet) {
  for (int i = 0; i < 30; ++i) {
    listen(std::make_shared<Once>());
    Client client(port());
    ASSERT_TRUE(client.say("?"));
    EXPECT_EQ(server_->drain(5s), 0U);
    ASSERT_EQ(client.read(), "once") << i;
    server_.emplace(std::size_t{2}, *Log::open(folder_ + "/log", proxy::LogFormat::text));
  }
}

/// A worker whose loop runs when the test says so.
class WorkerTest : public testing::Test {
 protected:
  void listen(std::shared_ptr<const Service> service) {
    auto acceptor = net::bind_and_listen(worker_->loop().get_executor(), {"127.0.0.1", 0}, net::Sharing::alone).value();
    port_ = acceptor.local_endpoint().port();
    worker_->listen("here", std::move(acceptor), std::move(service));
  }
  void drain() {
    worker_->post([this] { worker_->drain(); });
    worker_->run();
  }
  TemporaryFolder folder_;
  std::shared_ptr<proxy::Admission> admission_ = std::make_shared<proxy::Admission>();
  std::optional<Worker> worker_{
      std::in_place, Log::open((folder_.folder() / "log").string(), proxy::LogFormat::text).value(), admission_};
  std::uint16_t port_ = 0;
};

TEST_F(WorkerTest, ADrainServesWhomTheKernelHasAccepted) {
  listen(std::make_shared<Once>());
  // The first is accepted by the loop, but not come to yet when the drain is: the second waits in the kernel.
  Client first(port_), second(port_);
  ASSERT_TRUE(first.say("?") && second.say("?"));
  drain();
  EXPECT_EQ(first.read(), "once");
  EXPECT_EQ(second.read(), "once");
}

TEST_F(WorkerTest, ADrainServesTheOnlyOne) {
  listen(std::make_shared<Once>());
  Client client(port_);
  ASSERT_TRUE(client.say("?"));
  drain();
  EXPECT_EQ(client.read(), "once");
}

Awaitable<std::expected<proxy::Leg, proxy::Hop::Failed>> nowhere() {
  co_return std::unexpected(proxy::Hop::Failed{NetError(Stage::connect, asio::error::access_denied), std::nullopt});
}

/// "Here" to whatever is asked for.
class HereHop final : public proxy::Hop {
 public:
  Decision request(http::RequestHead&) override { return http::text_response(200, "Here."); }
  Awaitable<std::expected<proxy::Leg, Failed>> connect() override { return nowhere(); }
  void done(const proxy::ExchangeRecord&) override {}
};

Awaitable<void> serve_http(Arrival arrival, Worker& worker, Limits limits) {
  proxy::Leg client(std::move(arrival.stream));
  HereHop hop;
  const proxy::ExchangeEnd end = co_await exchange_http(client, hop, worker, limits);
}

class Http final : public Service {
 public:
  Awaitable<void> serve(Arrival arrival, Worker& worker) const override {
    return serve_http(std::move(arrival), worker, limits_);
  }
  const Limits& limits() const noexcept override { return limits_; }

 private:
  Limits limits_;
};

TEST_F(WorkerTest, ADrainAnswersTheFirstRequestOfWhoeverWasAccepted) {
  listen(std::make_shared<Http>());
  Client client(port_);
  ASSERT_TRUE(client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  drain();
  EXPECT_EQ(client.read(), "HTTP/1.1 200 OK\r");
}

const proxy::PoolKey pooled{.address = "here", .server_name = {}, .tls = nullptr, .scope = "client"};

/// As the hop of a client that was intercepted does.
struct Dropper {
  explicit Dropper(Worker& of) noexcept : worker(of) {}
  ~Dropper() { worker.pool().forget(pooled.scope); }
  Worker& worker;
};

Awaitable<void> pool_and_wait(Arrival arrival, Worker& worker) {
  const Dropper dropper(worker);
  worker.pool().put(pooled, proxy::RestingLeg(proxy::Leg(std::move(arrival.stream))), 10s);
  asio::steady_timer never(worker.loop(), std::chrono::steady_clock::time_point::max());
  co_await never.async_wait(asio::use_awaitable);
}

class Pooling final : public Service {
 public:
  Awaitable<void> serve(Arrival arrival, Worker& worker) const override {
    return pool_and_wait(std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return limits_; }

 private:
  Limits limits_;
};

TEST_F(WorkerTest, WhatIsCutOffMayStillAskForThePool) {
  listen(std::make_shared<Pooling>());
  Client client(port_);
  std::jthread running([this] { worker_->run(); });
  while (admission_->connections() == 0) std::this_thread::sleep_for(1ms);
  // Behind what the one that was admitted does first.
  worker_->post([this] { worker_->post([this] { worker_->stop(); }); });
  running.join();
  ASSERT_EQ(worker_->pool().size(), 1U);
  worker_.reset();
}

TEST_F(ServerTest, AcceptsAgainAfterDescriptorsRanOut) {
  listen(std::make_shared<Echo>("a"));
  // It stays, so that its descriptor is not to be had when all others are taken.
  Client first(port());
  EXPECT_EQ(first.ask(), "a");
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  asio::io_context context;
  tcp::socket client(context);
  client.open(tcp::v4());
  const rlimit low{64, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &low);
  std::vector<int> hoard;
  for (int fd = dup(0); fd >= 0; fd = dup(0)) hoard.push_back(fd);
  // The kernel takes the connection, and we can't.
  client.connect({asio::ip::address_v4::loopback(), port()});
  std::this_thread::sleep_for(150ms);
  for (const int fd : hoard) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(hoard.empty());
  asio::write(client, asio::buffer("?", 1));
  const timeval patience{5, 0};
  setsockopt(client.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char text[4];
  error_code error;
  EXPECT_EQ(client.read_some(asio::buffer(text), error), 1U) << error.message();
  EXPECT_EQ(Client(port()).ask(), "a");
  EXPECT_NE(log().find(" accept "), std::string::npos) << log();
}

}  // namespace
}  // namespace handfast::test
