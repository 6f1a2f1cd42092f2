// Peers that stop, stall, reset, drip or talk nonsense, at every stage of a handshake.
#include <algorithm>
#include <optional>
#include <string>

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

/// How a raw peer ends once it has sent as much as it was told.
enum class Ending { close, reset, stall };

struct Script {
  std::size_t budget;  ///< bytes that it sends of what a good peer would
  Ending ending;
  std::size_t piece = 1 << 20;         ///< so many at a time,
  std::chrono::milliseconds pause{0};  ///< with a pause after each
};

/// Sends what `connection` says, up to the budget; true: all of its handshake fitted into it.
awaitable<bool> send_output(tcp::socket& socket, Connection& connection, Script& script) {
  while (!connection.output().empty()) {
    const std::size_t count = std::min({connection.output().size(), script.budget, script.piece});
    if (count == 0) co_return false;
    error_code error;
    const asio::const_buffer piece(connection.output().data(), count);
    co_await asio::async_write(socket, piece, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    connection.drained(count);
    script.budget -= count;
    if (script.pause.count() > 0) co_await sleep_for(script.pause);
  }
  co_return true;
}

/// A good peer that goes bad.
awaitable<void> play(tcp::socket& socket, Connection connection, Script script) {
  socket.set_option(tcp::no_delay(true));
  Buffer input;
  for (;;) {
    const bool sent = co_await send_output(socket, connection, script);
    if (!sent) break;
    std::uint8_t chunk[4096];
    error_code error;
    const std::size_t count =
        co_await socket.async_read_some(asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    input.insert(input.end(), chunk, chunk + count);
    for (std::size_t consumed = 1; consumed > 0;) {
      Result<Received> taken = connection.receive(input);
      consumed = taken ? taken->consumed : 0;
      input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(consumed));
    }
  }
  if (script.ending == Ending::close) socket.close();
  if (script.ending == Ending::reset) reset(socket);
}

awaitable<void> handshake_fails(Stream& stream, std::optional<NetError>& error) {
  NetResult<> done = co_await stream.handshake();
  EXPECT_FALSE(done);
  if (!done) error = done.error();
}

awaitable<void> handshake_succeeds(Stream& stream) {
  NetResult<> done = co_await stream.handshake();
  EXPECT_TRUE(done) << done.error().message();
}

awaitable<void> handshake_then_close(Stream& stream) {
  co_await handshake_succeeds(stream);
  stream.close();
}

/// What a side sends in a handshake, less what the sizes of signatures vary by.
std::size_t size_of_handshake(Side side) {
  io_context context;
  StreamPair pair = connected_streams(context);
  Together both(context);
  both.add(handshake_succeeds(pair.client));
  both.add(handshake_succeeds(pair.server));
  both.run();
  return (side == Side::client ? pair.client : pair.server).bytes_sent() - 20;
}

Connection good_connection(Side side) {
  if (side == Side::server) return Connection::server(make(server_options()));
  Result<Connection> client = Connection::client(make(client_options()), host);
  if (!client) throw std::runtime_error(client.error().message());
  return *std::move(client);
}

/// A Stream against a raw peer that is `bad`.
struct Scene {
  explicit Scene(Side bad, const StreamOptions& options = {})
      : sockets(connected_sockets(context)),
        raw(bad == Side::client ? std::move(sockets.client) : std::move(sockets.server)),
        stream(bad == Side::client
                   ? Stream::server(std::move(sockets.server), make(server_options()), options)
                   : *Stream::client(std::move(sockets.client), make(client_options()), host, options)) {}
  io_context context;
  SocketPair sockets;
  tcp::socket raw;
  Stream stream;
};

/// A client that sends its Finished, five bytes, a long record, and one that is broken, all at once.
awaitable<void> go_bad_behind_the_handshake(tcp::socket& socket) {
  Connection connection = good_connection(Side::client);
  Script all{1 << 20, Ending::stall};
  Buffer input(4096);
  std::size_t had = 0;
  while (!connection.can_send()) {
    bool sent = co_await send_output(socket, connection, all);
    EXPECT_TRUE(sent);
    had += co_await socket.async_read_some(asio::buffer(input.data() + had, input.size() - had), asio::use_awaitable);
    for (std::size_t consumed = 1; consumed > 0; had -= consumed) {
      Result<Received> taken = connection.receive(MutableBytes(input).first(had));
      EXPECT_TRUE(taken);
      consumed = taken ? taken->consumed : 0;
      std::copy(input.begin() + static_cast<std::ptrdiff_t>(consumed), input.end(), input.begin());
    }
  }
  EXPECT_TRUE(connection.send(as_bytes("hello")));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(connection.send(Buffer(5000, 'x')));
  Buffer output(connection.output().begin(), connection.output().end());
  output.back() ^= 1;
  co_await asio::async_write(socket, asio::buffer(output), asio::use_awaitable);
}

awaitable<void> read_until_it_fails(Stream& stream, std::string& heard, std::optional<NetError>& error) {
  co_await handshake_succeeds(stream);
  while (!error) {
    NetResult<Bytes> piece = co_await stream.read();
    if (piece)
      heard += as_text(*piece);
    else
      error = piece.error();
  }
}

TEST(BadClient, WhatIsBrokenFailsNothingBeforeIt) {
  StreamOptions options;
  options.linger_timeout = 100ms;
  Scene scene(Side::client, options);
  std::string heard;
  std::optional<NetError> error;
  Together both(scene.context);
  both.add(go_bad_behind_the_handshake(scene.raw));
  both.add(read_until_it_fails(scene.stream, heard, error));
  both.run();
  EXPECT_EQ(heard, "hello" + std::string(5000, 'x'));
  ASSERT_TRUE(error && error->tls());
  EXPECT_EQ(error->tls()->reason(), Reason::bad_record_mac);
}

class BadPeer : public testing::TestWithParam<Side> {};
INSTANTIATE_TEST_SUITE_P(Sides, BadPeer, testing::Values(Side::client, Side::server),
                         [](const auto& side) { return name(side.param); });

TEST_P(BadPeer, EndsAtEachStage) {
  const std::size_t size = size_of_handshake(GetParam());
  ASSERT_GT(size, 200u);
  for (std::size_t budget : {std::size_t{0}, std::size_t{1}, std::size_t{4}, std::size_t{5}, std::size_t{60}, size / 4,
                             size / 2, size * 3 / 4, size}) {
    for (Ending ending : {Ending::close, Ending::reset, Ending::stall}) {
      StreamOptions options;
      if (ending == Ending::stall) options.handshake_timeout = 150ms;
      Scene scene(GetParam(), options);
      std::optional<NetError> error;
      const auto begin = std::chrono::steady_clock::now();
      Together both(scene.context);
      both.add(handshake_fails(scene.stream, error));
      both.add(play(scene.raw, good_connection(GetParam()), {budget, ending}));
      both.run();
      EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
      ASSERT_TRUE(error);
      EXPECT_EQ(error->stage(), Stage::handshake);
      const std::string what = std::to_string(budget) + " bytes: " + error->message();
      // A socket that is closed with unread bytes in it resets the connection as well.
      const bool was_reset =
          error->transport() == asio::error::connection_reset || error->transport() == asio::error::broken_pipe;
      const bool was_cut = error->tls() && error->tls()->reason() == Reason::truncated;
      switch (ending) {
        case Ending::close: EXPECT_TRUE(was_cut || was_reset) << what; break;
        case Ending::reset: EXPECT_TRUE(was_reset) << what; break;
        case Ending::stall: EXPECT_TRUE(error->timed_out()) << what; break;
      }
      EXPECT_LE(scene.stream.bytes_received(), budget);
    }
  }
}

TEST_P(BadPeer, DripsByteByByte) {
  Scene scene(GetParam());
  Together both(scene.context);
  both.add(handshake_then_close(scene.stream));
  both.add(play(scene.raw, good_connection(GetParam()), {1 << 20, Ending::close, 1}));
  both.run();
}

TEST_P(BadPeer, DrippingDoesNotExtendTheDeadline) {
  StreamOptions options;
  options.handshake_timeout = 300ms;
  Scene scene(GetParam(), options);
  std::optional<NetError> error;
  const auto begin = std::chrono::steady_clock::now();
  Together both(scene.context);
  both.add(handshake_fails(scene.stream, error));
  both.add(play(scene.raw, good_connection(GetParam()), {1 << 20, Ending::close, 1, 10ms}));
  both.run();
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(elapsed, 300ms);
  EXPECT_LT(elapsed, 3s);
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->timed_out()) << error->message();
  EXPECT_GT(scene.stream.bytes_received(), 5u);
}

/// A record with a ClientHello that has no body.
constexpr std::string_view empty_client_hello("\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9);

struct Heard {
  std::string bytes;
  error_code error;
};

/// Sends much before it reads anything, as a peer does that is not ready for an answer.
awaitable<void> talk_then_listen(tcp::socket& socket, std::string_view words, Heard& heard) {
  error_code error;
  const asio::const_buffer buffer(words.data(), words.size());
  co_await asio::async_write(socket, buffer, asio::redirect_error(asio::use_awaitable, error));
  EXPECT_FALSE(error) << error.message();
  co_await sleep_for(50ms);
  auto into = asio::dynamic_buffer(heard.bytes);
  co_await asio::async_read(socket, into, asio::redirect_error(asio::use_awaitable, heard.error));
}

TEST(LastWord, HearsTheAlertAlthoughItWasStillSending) {
  Scene scene(Side::client);
  const std::string words = std::string(empty_client_hello) + std::string(60'000, 'x');
  std::optional<NetError> error;
  Heard heard;
  Together both(scene.context);
  both.add(handshake_fails(scene.stream, error));
  both.add(talk_then_listen(scene.raw, words, heard));
  both.run();
  ASSERT_TRUE(error && error->tls());
  EXPECT_EQ(error->tls()->reason(), Reason::decode_error);
  EXPECT_EQ(heard.error, asio::error::eof) << heard.error.message();
  ASSERT_EQ(heard.bytes.size(), 7u);
  EXPECT_EQ(heard.bytes[0], static_cast<char>(ContentType::alert));
  EXPECT_EQ(static_cast<Alert>(heard.bytes[6]), error->tls()->alert());
}

awaitable<void> talk_without_end(tcp::socket& socket) {
  Buffer words(100'000, 'x');
  std::ranges::copy(empty_client_hello, words.begin());
  error_code error;
  while (!error) {
    co_await asio::async_write(socket, asio::buffer(words), asio::redirect_error(asio::use_awaitable, error));
  }
}

TEST(LastWord, IsNotListenedToForEverAfterTheAlert) {
  Scene scene(Side::client);
  std::optional<NetError> error;
  Together both(scene.context);
  both.add(handshake_fails(scene.stream, error));
  both.add(talk_without_end(scene.raw));  // ends when the stream has closed
  both.run(5s);
  ASSERT_TRUE(error && error->tls());
}

TEST(LastWord, StallsAfterTheAlert) {
  StreamOptions options;
  options.linger_timeout = 100ms;
  Scene scene(Side::client, options);
  error_code ignored;
  asio::write(scene.raw, asio::buffer(empty_client_hello), ignored);
  std::optional<NetError> error;
  const auto begin = std::chrono::steady_clock::now();
  Together failing(scene.context);
  failing.add(handshake_fails(scene.stream, error));
  failing.run();
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(elapsed, 100ms);
  EXPECT_LT(elapsed, 3s);
  ASSERT_TRUE(error && error->tls());
  EXPECT_EQ(error->tls()->reason(), Reason::decode_error);
}

TEST(LastWord, RefusesAndGoesAwayAtOnce) {
  Scene scene(Side::server);
  const std::uint8_t refusal[] = {21, 3, 3, 0, 2, 2, static_cast<std::uint8_t>(Alert::handshake_failure)};
  error_code ignored;
  asio::write(scene.raw, asio::buffer(refusal), ignored);
  scene.raw.close();
  std::optional<NetError> error;
  Together failing(scene.context);
  failing.add(handshake_fails(scene.stream, error));
  failing.run();
  // Writing the ClientHello may meet a reset by now; the alert says more.
  ASSERT_TRUE(error && error->tls()) << error->message();
  EXPECT_EQ(error->tls()->reason(), Reason::alert_received);
  EXPECT_EQ(error->tls()->alert(), Alert::handshake_failure);
}

TEST(Nonsense, AtEveryLength) {
  for (std::size_t size : {1u, 4u, 5u, 6u, 100u, 20'000u}) {
    for (Side bad : {Side::client, Side::server}) {
      StreamOptions options;
      options.linger_timeout = 50ms;
      Scene scene(bad, options);
      const Buffer words(size, 0xff);
      error_code ignored;
      asio::write(scene.raw, asio::buffer(words), ignored);
      scene.raw.shutdown(tcp::socket::shutdown_send, ignored);
      std::optional<NetError> error;
      Together failing(scene.context);
      failing.add(handshake_fails(scene.stream, error));
      failing.run();
      ASSERT_TRUE(error);
      EXPECT_TRUE(error->tls()) << size << ": " << error->message();
    }
  }
}

}  // namespace
}  // namespace handfast::test
