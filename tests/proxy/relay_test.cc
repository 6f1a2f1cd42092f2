// relay: bytes, ends, failures and backpressure, over TCP and over TLS.
#include "proxy/relay.h"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/identity.h"
#include "net/loopback.h"

namespace handfast::test {
namespace {

namespace asio = boost::asio;
using proxy::Leg;
using proxy::Relayed;
using proxy::RelayOptions;

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

awaitable<void> relay_into(Leg client, Leg origin, RelayOptions options, Relayed& result) {
  result = co_await proxy::relay(client, origin, options);
}

awaitable<void> send_all(tcp::socket& socket, std::string text, bool end) {
  error_code error;
  const asio::const_buffer buffer(text.data(), text.size());
  co_await asio::async_write(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
  if (end) socket.shutdown(tcp::socket::shutdown_send, error);
}

struct Read {
  std::string text;
  error_code error;
};

awaitable<void> read_all(tcp::socket& socket, Read& read) {
  char piece[4096];
  while (!read.error) {
    const asio::mutable_buffer buffer(piece, sizeof piece);
    const std::size_t count =
        co_await socket.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, read.error));
    read.text.append(piece, count);
  }
}

/// The client's end, the relay between two sockets, the origin's end.
struct Between {
  explicit Between(io_context& context) : outer(connected_sockets(context)), inner(connected_sockets(context)) {}
  awaitable<void> relay(RelayOptions options = {}) {
    return relay_into(Leg(net::PlainStream(std::move(outer.server))), Leg(net::PlainStream(std::move(inner.client))),
                      options, result);
  }
  tcp::socket& client() { return outer.client; }
  tcp::socket& origin() { return inner.server; }
  SocketPair outer;
  SocketPair inner;
  Relayed result;
};

TEST(Relay, BothWaysAtOnceUntilBothHaveEnded) {
  io_context context;
  Between between(context);
  Together together(context);
  const std::string up = pattern(3'000'000), down = pattern(2'000'001);
  Read at_origin, at_client;
  together.add(between.relay());
  together.add(send_all(between.client(), up, true));
  together.add(send_all(between.origin(), down, true));
  together.add(read_all(between.origin(), at_origin));
  together.add(read_all(between.client(), at_client));
  together.run();
  EXPECT_EQ(at_origin.text, up);
  EXPECT_EQ(at_client.text, down);
  EXPECT_EQ(at_origin.error, asio::error::eof);
  EXPECT_EQ(at_client.error, asio::error::eof);
  EXPECT_EQ(between.result.to_origin, up.size());
  EXPECT_EQ(between.result.to_client, down.size());
  EXPECT_FALSE(between.result.error);
}

/// Answers only when the other side has ended its half.
awaitable<void> answer_at_the_end(tcp::socket& socket, Read& read, std::string answer) {
  co_await read_all(socket, read);
  co_await send_all(socket, answer, true);
}

TEST(Relay, HandsOnAHalfClose) {
  io_context context;
  Between between(context);
  Together together(context);
  Read at_origin, at_client;
  together.add(between.relay());
  together.add(send_all(between.client(), "question", true));
  together.add(answer_at_the_end(between.origin(), at_origin, "answer"));
  together.add(read_all(between.client(), at_client));
  together.run();
  EXPECT_EQ(at_origin.text, "question");
  EXPECT_EQ(at_client.text, "answer");
}

awaitable<void> reset_after(tcp::socket& socket, std::chrono::milliseconds time) {
  co_await sleep_for(time);
  reset(socket);
}

TEST(Relay, AResetOfOneSideIsOneForTheOther) {
  io_context context;
  Between between(context);
  Together together(context);
  Read at_client;
  together.add(between.relay());
  together.add(send_all(between.origin(), "part of an answer", false));
  together.add(reset_after(between.origin(), 50ms));
  together.add(read_all(between.client(), at_client));
  together.run();
  EXPECT_EQ(at_client.error, asio::error::connection_reset) << at_client.error.message();
  ASSERT_TRUE(between.result.error);
  EXPECT_TRUE(between.result.origin_failed);
}

TEST(Relay, EndsWhenNothingMovesAndOnlyThen) {
  io_context context;
  Between between(context);
  Together together(context);
  Read at_origin, at_client;
  const auto talk = [](tcp::socket& socket) -> awaitable<void> { return send_all(socket, "x", false); };
  together.add(between.relay({.idle_timeout = 300ms}));
  together.add(talk(between.client()));
  together.add(read_all(between.origin(), at_origin));
  together.add(read_all(between.client(), at_client));
  together.run();
  EXPECT_TRUE(between.result.idle);
  EXPECT_EQ(at_origin.text, "x");
}

awaitable<void> read_when_told(tcp::socket& socket, const bool& go, Read& read) {
  while (!go) co_await sleep_for(5ms);
  co_await read_all(socket, read);
}

/// Writes without waiting for ever: gives how much was taken before nobody took more.
awaitable<void> fill(tcp::socket& socket, std::size_t& taken, bool& go) {
  socket.non_blocking(true);
  const std::string chunk(65536, 'x');
  int refused = 0;
  while (refused < 20) {
    error_code error;
    taken += socket.write_some(asio::buffer(chunk), error);
    if (error) {
      ++refused;
      co_await sleep_for(10ms);
    } else {
      refused = 0;
    }
  }
  go = true;
  socket.shutdown(tcp::socket::shutdown_send);
}

TEST(Relay, StopsReadingWhereTheOtherSideDoesNotTake) {
  io_context context;
  Between between(context);
  for (tcp::socket* socket :
       {&between.outer.client, &between.outer.server, &between.inner.client, &between.inner.server}) {
    socket->set_option(asio::socket_base::send_buffer_size(32768));
    socket->set_option(asio::socket_base::receive_buffer_size(32768));
  }
  Together together(context);
  Read at_origin, at_client;
  std::size_t taken = 0;
  bool go = false;
  together.add(between.relay());
  together.add(fill(between.client(), taken, go));
  together.add(read_when_told(between.origin(), go, at_origin));
  together.add(send_all(between.origin(), "", true));
  together.add(read_all(between.client(), at_client));
  together.run();
  EXPECT_EQ(at_origin.text.size(), taken);
  // Four buffers of the kernel (which doubles what it is told) and one of ours.
  EXPECT_LT(taken, 1'000'000U);
}

awaitable<void> serve_tls(Stream stream, Leg& origin, Relayed& result) {
  const NetResult<> done = co_await stream.handshake();
  EXPECT_TRUE(done);
  Leg client(std::move(stream));
  result = co_await proxy::relay(client, origin, {});
}

awaitable<void> cut_off_tls(Stream& stream) {
  const NetResult<> done = co_await stream.handshake();
  EXPECT_TRUE(done);
  const NetResult<> written = co_await stream.write(as_bytes("part of a request"));
  EXPECT_TRUE(written);
  stream.close();
}

TEST(Relay, ATruncatedConnectionIsNoEndInGoodOrder) {
  io_context context;
  StreamPair tls = connected_streams(context);
  SocketPair inner = connected_sockets(context);
  Leg origin{net::PlainStream(std::move(inner.client))};
  Together together(context);
  Relayed result;
  Read at_origin;
  together.add(serve_tls(std::move(tls.server), origin, result));
  together.add(cut_off_tls(tls.client));
  together.add(read_all(inner.server, at_origin));
  together.run();
  ASSERT_TRUE(result.error);
  ASSERT_NE(result.error->tls(), nullptr);
  EXPECT_EQ(result.error->tls()->reason(), Reason::truncated);
  EXPECT_FALSE(result.origin_failed);
  EXPECT_EQ(at_origin.error, asio::error::connection_reset);
}

}  // namespace
}  // namespace handfast::test
