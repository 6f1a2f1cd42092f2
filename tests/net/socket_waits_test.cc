// The waits of both streams: reads that are stopped, deadlines that come and that do not.
#include "net/socket_waits.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "net/loopback.h"
#include "net/plain_stream.h"

namespace handfast::test {
namespace {

using net::PlainStream;

/// How a read ended: what it gave, or the error's words.
template <typename AnyStream>
awaitable<void> read_into(AnyStream& stream, std::string& outcome) {
  NetResult<Bytes> bytes = co_await stream.read();
  outcome = bytes ? std::string(as_text(*bytes)) : bytes.error().transport().message();
}

template <typename AnyStream>
awaitable<void> stop_in(AnyStream& stream, std::chrono::milliseconds time) {
  co_await sleep_for(time);
  stream.stop_reading();
}

awaitable<void> say_in(tcp::socket& socket, std::chrono::milliseconds time, std::string text) {
  co_await sleep_for(time);
  boost::asio::write(socket, boost::asio::buffer(text));
}

const std::string stopped = error_code(boost::asio::error::operation_aborted).message();
const std::string timed_out = error_code(boost::asio::error::timed_out).message();

struct Plain {
  io_context context;
  SocketPair pair = connected_sockets(context);
  PlainStream stream{std::move(pair.server)};

  void expect_what_is_said() {
    std::string outcome;
    Together together(context);
    together.add(read_into(stream, outcome));
    together.add(say_in(pair.client, 5ms, "hello"));
    together.run();
    EXPECT_EQ(outcome, "hello");
  }
};

TEST(SocketWaits, AReadThatIsStoppedLosesNothing) {
  Plain plain;
  std::string first;
  Together together(plain.context);
  together.add(read_into(plain.stream, first));
  together.add(stop_in(plain.stream, 5ms));
  together.run();
  EXPECT_EQ(first, stopped);

  plain.expect_what_is_said();
}

TEST(SocketWaits, OnlyTheReadThatIsUnderWayIsStopped) {
  Plain plain;
  plain.stream.stop_reading();
  plain.expect_what_is_said();
}

TEST(SocketWaits, ATlsReadThatIsStoppedLosesNothing) {
  io_context context;
  StreamPair pair = connected_streams(context);
  Together together(context);
  const auto shake = [](Stream& stream) -> awaitable<void> {
    NetResult<> done = co_await stream.handshake();
    EXPECT_TRUE(done);
  };
  together.add(shake(pair.client));
  together.add(shake(pair.server));
  together.run();

  std::string first;
  together.add(read_into(pair.server, first));
  together.add(stop_in(pair.server, 5ms));
  together.run();
  EXPECT_EQ(first, stopped);

  std::string second;
  const auto say = [](Stream& stream) -> awaitable<void> {
    NetResult<> written = co_await stream.write(as_bytes("hello"));
    EXPECT_TRUE(written);
  };
  together.add(read_into(pair.server, second));
  together.add(say(pair.client));
  together.run();
  EXPECT_EQ(second, "hello");
}

/// The timer is set anew for a deadline that is earlier, and ends nothing when it is later.
TEST(SocketWaits, DeadlinesInAnyOrder) {
  Plain plain;
  Together together(plain.context);
  for (const std::chrono::milliseconds patience : {60'000ms, 10ms, 60'000ms, 20ms}) {
    const bool is_patient = patience > 1s;
    plain.stream.set_read_timeout(patience);
    std::string outcome;
    together.add(read_into(plain.stream, outcome));
    if (is_patient) together.add(say_in(plain.pair.client, 40ms, "hello"));
    together.run();
    EXPECT_EQ(outcome, is_patient ? "hello" : timed_out);
  }
}

TEST(SocketWaits, OneDirectionsTimeOutIsNotTheOthers) {
  Plain plain;
  plain.stream.set_write_timeout(20ms);
  std::string outcome;
  const auto write_much = [](PlainStream& stream, tcp::socket& peer) -> awaitable<void> {
    // Nobody reads it.
    const std::string much(64'000'000, 'x');
    NetResult<> written = co_await stream.write(as_bytes(much));
    EXPECT_FALSE(written);
    EXPECT_TRUE(!written && written.error().timed_out());
    boost::asio::write(peer, boost::asio::buffer("hello", 5));
  };
  Together together(plain.context);
  together.add(read_into(plain.stream, outcome));
  together.add(write_much(plain.stream, plain.pair.client));
  together.run();
  EXPECT_EQ(outcome, "hello");
}

/// Its timer may have ended, and be on its way to it, when a stream goes.
TEST(SocketWaits, AStreamMayGoWhenItsTimeHasCome) {
  for (int number = 0; number < 20; ++number) {
    io_context context;
    SocketPair pair = connected_sockets(context);
    auto stream = std::make_unique<PlainStream>(std::move(pair.server));
    stream->set_read_timeout(1ms);
    std::string outcome;
    const auto drop = [](std::unique_ptr<PlainStream>& gone) -> awaitable<void> {
      co_await sleep_for(1ms);
      gone.reset();
    };
    Together together(context);
    together.add(read_into(*stream, outcome));
    together.add(drop(stream));
    together.run();
    EXPECT_TRUE(outcome == stopped || outcome == timed_out) << outcome;
  }
}

}  // namespace
}  // namespace handfast::test
