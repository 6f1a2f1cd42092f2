// Stream with coroutines, against itself: handshake, data, half-close, key updates, time-outs.
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include "net/identity.h"
#include "net/loopback.h"

namespace handfast::test {
namespace {

/// Byte number `at` of a long transfer.
std::uint8_t pattern(std::size_t at) { return static_cast<std::uint8_t>(at * 7 + at / 251); }

awaitable<void> handshake(Stream& stream) {
  NetResult<> done = co_await stream.handshake();
  EXPECT_TRUE(done) << done.error().message();
}

awaitable<void> write_all(Stream& stream, std::string_view text) {
  NetResult<> written = co_await stream.write(as_bytes(text));
  EXPECT_TRUE(written) << written.error().message();
}

/// Until the peer's close_notify.
awaitable<std::string> read_all(Stream& stream) {
  std::string all;
  for (;;) {
    NetResult<Bytes> piece = co_await stream.read();
    EXPECT_TRUE(piece) << piece.error().message();
    if (!piece || piece->empty()) break;
    all += as_text(*piece);
  }
  co_return all;
}

awaitable<void> close_write(Stream& stream) {
  NetResult<> closed = co_await stream.close_write();
  EXPECT_TRUE(closed) << closed.error().message();
}

awaitable<void> shut_down(Stream& stream) {
  NetResult<> closed = co_await stream.shutdown();
  EXPECT_TRUE(closed) << closed.error().message();
}

TEST(Stream, HandshakeAgrees) {
  io_context context;
  ServerOptions server_choice = server_options();
  server_choice.application_protocols = {"http/1.1"};
  ClientOptions client_choice = client_options();
  client_choice.application_protocols = {"h2", "http/1.1"};
  StreamPair pair = connected_streams(context, make(client_choice), make(server_choice));
  Together both(context);
  both.add(handshake(pair.client));
  both.add(handshake(pair.server));
  both.run();
  for (const Stream* stream : {&pair.client, &pair.server}) {
    EXPECT_EQ(stream->info().version, ProtocolVersion::tls1_3);
    EXPECT_EQ(stream->info().application_protocol, "http/1.1");
    EXPECT_FALSE(stream->connection().handshaking());
  }
  EXPECT_TRUE(pair.client.info().peer_verified);
  EXPECT_EQ(pair.server.info().server_name, host);
  EXPECT_EQ(pair.client.bytes_sent(), pair.server.bytes_received());
}

awaitable<void> ask_early(Stream& stream, std::string& answer) {
  co_await handshake(stream);
  EXPECT_TRUE(stream.connection().handshaking());
  co_await write_all(stream, "ping");
  co_await close_write(stream);
  answer = co_await read_all(stream);
  EXPECT_FALSE(stream.connection().handshaking());
}

awaitable<void> answer_early(Stream& stream, std::string& asked) {
  co_await handshake(stream);
  NetResult<Bytes> piece = co_await stream.read();
  EXPECT_TRUE(piece) << piece.error().message();
  if (piece) asked = as_text(*piece);
  co_await write_all(stream, "pong");
  co_await close_write(stream);
}

/// RFC 7918: the request leaves with our Finished.
TEST(Stream, FalseStart) {
  io_context context;
  ClientOptions client_choice = client_options();
  client_choice.max_version = ProtocolVersion::tls1_2;
  client_choice.false_start = true;
  StreamPair pair = connected_streams(context, make(client_choice), make(server_options()));
  std::string asked, answer;
  Together both(context);
  both.add(ask_early(pair.client, answer));
  both.add(answer_early(pair.server, asked));
  both.run();
  EXPECT_EQ(asked, "ping");
  EXPECT_EQ(answer, "pong");
}

awaitable<void> ask_and_finish(Stream& stream, std::string& answer) {
  co_await handshake(stream);
  co_await write_all(stream, "ping");
  co_await close_write(stream);
  answer = co_await read_all(stream);
  NetResult<> late = co_await stream.write(as_bytes("late"));
  EXPECT_FALSE(late);
  const Error* why = late ? nullptr : late.error().tls();
  EXPECT_TRUE(why && why->reason() == Reason::closed);
  co_await shut_down(stream);
}

awaitable<void> answer_after_end(Stream& stream, std::string& asked) {
  co_await handshake(stream);
  asked = co_await read_all(stream);
  const std::string answer(100'000, 'p');
  co_await write_all(stream, answer);
  co_await shut_down(stream);
}

TEST(Stream, HalfClose) {
  io_context context;
  StreamPair pair = connected_streams(context);
  std::string asked;
  std::string answer;
  Together both(context);
  both.add(ask_and_finish(pair.client, answer));
  both.add(answer_after_end(pair.server, asked));
  both.run();
  EXPECT_EQ(asked, "ping");
  EXPECT_EQ(answer, std::string(100'000, 'p'));
}

constexpr std::size_t bulk = 3'000'000;

/// Writes the pattern in pieces of odd sizes.
awaitable<void> write_pattern(Stream& stream) {
  std::size_t sent = 0;
  for (std::size_t size = 1; sent < bulk; size = size * 3 % 200'003 + 1) {
    Buffer piece(std::min(size, bulk - sent));
    for (std::uint8_t& byte : piece) byte = pattern(sent++);
    NetResult<> written = co_await stream.write(piece);
    EXPECT_TRUE(written) << written.error().message();
    if (!written) co_return;
  }
  co_await close_write(stream);
}

/// Reads it with a small buffer, and stops for a while again and again; `most` is the most that waited to be sent.
awaitable<void> read_pattern_slowly(Stream& stream, std::size_t& most) {
  Buffer buffer(5000);
  std::size_t received = 0;
  std::size_t wrong = 0;
  for (int turn = 0;; ++turn) {
    NetResult<std::size_t> count = co_await stream.read_some(buffer);
    EXPECT_TRUE(count) << count.error().message();
    if (!count || *count == 0) break;
    for (std::size_t i = 0; i < *count; ++i) wrong += buffer[i] != pattern(received++);
    most = std::max(most, stream.connection().output().size());
    if (turn % 64 == 0) co_await sleep_for(1ms);
  }
  EXPECT_EQ(received, bulk);
  EXPECT_EQ(wrong, 0u);
}

void run_handshake(io_context& context, StreamPair& pair) {
  Together both(context);
  both.add(handshake(pair.client));
  both.add(handshake(pair.server));
  both.run();
}

/// Two streams after their handshake.
StreamPair established(io_context& context, const StreamOptions& options = {}) {
  StreamPair pair = connected_streams(context, options);
  run_handshake(context, pair);
  return pair;
}

awaitable<void> write_and_close(Stream& stream, std::size_t count) {
  Buffer all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = pattern(i);
  NetResult<> written = co_await stream.write(all);
  EXPECT_TRUE(written);
  co_await close_write(stream);
}

/// Reads so much of the pattern, then answers, then reads the end.
awaitable<void> read_and_answer(Stream& stream, std::size_t count, std::vector<std::size_t>& sizes) {
  std::size_t received = 0;
  std::size_t wrong = 0;
  while (received < count) {
    NetResult<Bytes> piece = co_await stream.read();
    EXPECT_TRUE(piece && !piece->empty());
    if (!piece || piece->empty()) co_return;
    sizes.push_back(piece->size());
    for (const std::uint8_t byte : *piece) wrong += byte != pattern(received++);
  }
  EXPECT_EQ(received, count);
  EXPECT_EQ(wrong, 0u);
  co_await write_all(stream, "answer");
  std::string end = co_await read_all(stream);
  EXPECT_EQ(end, "");
}

/// Records that have come already are read in one piece, and what the peer's end does it does not do before it is read:
/// a server of TLS 1.2 can still answer.
void read_what_has_come(ProtocolVersion version) {
  io_context context;
  ClientOptions client_choice = client_options();
  client_choice.max_version = version;
  StreamPair pair = connected_streams(context, make(client_choice), make(server_options()));
  run_handshake(context, pair);
  constexpr std::size_t count = 3 * 16384 + 100;
  Together writing(context);
  writing.add(write_and_close(pair.client, count));
  writing.run();
  std::vector<std::size_t> sizes;
  Together reading(context);
  reading.add(read_and_answer(pair.server, count, sizes));
  reading.run();
  // Where nothing has flowed yet one record is asked for; the last one is short.
  EXPECT_EQ(sizes, (std::vector<std::size_t>{16384, 2 * 16384, 100}));
}

TEST(Stream, LongRecordsAreReadTogether) {
  for (const ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3}) read_what_has_come(version);
}

awaitable<void> count_all(Stream& stream, std::size_t& count) {
  std::string all = co_await read_all(stream);
  count = all.size();
}

awaitable<void> write_padded(Stream& stream, const std::string& piece) {
  for (int i = 0; i < 3; ++i) {
    co_await write_all(stream, piece);
    co_await write_all(stream, piece);
    NetResult<> updated = co_await stream.update_keys(KeyUpdateRequest::update_not_requested);
    EXPECT_TRUE(updated);
  }
  co_await close_write(stream);
}

/// Records that look as if they held data, and hold none of it.
TEST(Stream, PaddedRecordsBehindData) {
  io_context context;
  ClientOptions client_choice = client_options();
  client_choice.record_padding = 8192;
  StreamPair pair = connected_streams(context, make(client_choice), make(server_options()));
  run_handshake(context, pair);
  const std::string piece(9'000, 'p');
  Together writing(context);
  writing.add(write_padded(pair.client, piece));
  writing.run();
  std::size_t count = 0;
  Together reading(context);
  reading.add(count_all(pair.server, count));
  reading.run();
  EXPECT_EQ(count, 6 * piece.size());
}

TEST(Stream, BothDirectionsAtOnceWithSlowReaders) {
  io_context context;
  SocketPair sockets = connected_sockets(context);
  // The system's buffers would swallow much of it.
  for (tcp::socket* socket : {&sockets.client, &sockets.server}) {
    socket->set_option(tcp::socket::send_buffer_size(65536));
    socket->set_option(tcp::socket::receive_buffer_size(65536));
  }
  StreamPair pair{*Stream::client(std::move(sockets.client), make(client_options()), host),
                  Stream::server(std::move(sockets.server), make(server_options()))};
  run_handshake(context, pair);
  std::size_t most = 0;
  Together all(context);
  for (Stream* stream : {&pair.client, &pair.server}) {
    all.add(write_pattern(*stream));
    all.add(read_pattern_slowly(*stream, most));
  }
  all.run();
  EXPECT_GT(most, 0u);
  EXPECT_LE(most, 4 * Connection::max_record_size);
}

awaitable<void> write_and_update_keys(Stream& stream, int times) {
  for (int i = 0; i < times; ++i) {
    const std::string piece(20'000, static_cast<char>('a' + i % 26));
    co_await write_all(stream, piece);
    NetResult<> updated = co_await stream.update_keys(KeyUpdateRequest::update_requested);
    EXPECT_TRUE(updated) << updated.error().message();
  }
  co_await close_write(stream);
}

TEST(Stream, KeyUpdatesInBothDirectionsAtOnce) {
  io_context context;
  StreamPair pair = established(context);
  std::size_t counts[2] = {};
  Together all(context);
  all.add(write_and_update_keys(pair.client, 30));
  all.add(write_and_update_keys(pair.server, 30));
  all.add(count_all(pair.client, counts[0]));
  all.add(count_all(pair.server, counts[1]));
  all.run();
  EXPECT_EQ(counts[0], 600'000u);
  EXPECT_EQ(counts[1], 600'000u);
}

awaitable<void> read_in_vain(Stream& stream, std::optional<NetError>& error) {
  NetResult<Bytes> nothing = co_await stream.read();
  EXPECT_FALSE(nothing);
  if (!nothing) error = nothing.error();
}

TEST(Stream, AfterATimeOutReadingGoesOn) {
  io_context context;
  StreamOptions options;
  options.read_timeout = 200ms;
  StreamPair pair = established(context, options);
  std::optional<NetError> error;
  Together reading(context);
  reading.add(read_in_vain(pair.client, error));
  reading.run();
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->timed_out()) << error->message();
  EXPECT_EQ(error->stage(), Stage::read);
  std::size_t count = 0;
  Together both(context);
  both.add(write_and_update_keys(pair.server, 1));
  both.add(count_all(pair.client, count));
  both.run();
  EXPECT_EQ(count, 20'000u);
}

TEST(Stream, AfterACancelledReadReadingGoesOn) {
  io_context context;
  StreamPair pair = established(context);
  std::optional<NetError> error;
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(context, read_in_vain(pair.client, error),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  context.restart();
  context.run_for(20ms);
  signal.emit(boost::asio::cancellation_type::terminal);
  context.run_for(20ms);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->transport(), boost::asio::error::operation_aborted) << error->message();
  std::size_t count = 0;
  Together both(context);
  both.add(write_and_update_keys(pair.server, 1));
  both.add(count_all(pair.client, count));
  both.run();
  EXPECT_EQ(count, 20'000u);
}

awaitable<void> write_until_it_fails(Stream& stream, std::optional<NetError>& error) {
  const Buffer piece(1'000'000);
  while (!error) {
    NetResult<> written = co_await stream.write(piece);
    if (!written) error = written.error();
  }
}

TEST(Stream, APeerThatDoesNotReadIsNotWaitedForForEver) {
  io_context context;
  StreamOptions options;
  options.write_timeout = 100ms;
  StreamPair pair = established(context, options);
  std::optional<NetError> error;
  Together writing(context);
  writing.add(write_until_it_fails(pair.client, error));
  writing.run();
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->timed_out()) << error->message();
  EXPECT_EQ(error->stage(), Stage::write);
}

awaitable<void> destroy_soon(std::optional<Stream>& stream) {
  co_await sleep_for(20ms);
  stream.reset();
}

TEST(Stream, DestroyedWhileItReads) {
  io_context context;
  StreamPair pair = established(context);
  std::optional<Stream> client(std::move(pair.client));
  std::optional<NetError> client_error;
  std::optional<NetError> server_error;
  Together all(context);
  all.add(read_in_vain(*client, client_error));
  all.add(read_in_vain(pair.server, server_error));
  all.add(destroy_soon(client));
  all.run();
  ASSERT_TRUE(client_error);
  EXPECT_EQ(client_error->transport(), boost::asio::error::operation_aborted);
  // The other side sees an end that nobody announced.
  ASSERT_TRUE(server_error && server_error->tls());
  EXPECT_EQ(server_error->tls()->reason(), Reason::truncated);
  EXPECT_EQ(server_error->stage(), Stage::read);
}

TEST(Stream, ResetWhileItReads) {
  io_context context;
  SocketPair sockets = connected_sockets(context);
  const int descriptor = sockets.client.native_handle();
  Result<Stream> client = Stream::client(std::move(sockets.client), make(client_options()), host);
  Stream server = Stream::server(std::move(sockets.server), make(server_options()));
  Together both(context);
  both.add(handshake(*client));
  both.add(handshake(server));
  both.run();
  const linger at_once{1, 0};
  ASSERT_EQ(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  client->close();
  std::optional<NetError> error;
  Together reading(context);
  reading.add(read_in_vain(server, error));
  reading.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->transport(), boost::asio::error::connection_reset) << error->message();
  EXPECT_EQ(error->message(), "read: Connection reset by peer");
  // What failed stays failed.
  error.reset();
  Together again(context);
  again.add(read_in_vain(server, error));
  again.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->transport(), boost::asio::error::connection_reset);
}

TEST(Stream, ShutdownDropsWhatStillComesAndIsBounded) {
  io_context context;
  StreamOptions options;
  options.linger_timeout = 100ms;
  StreamPair pair = established(context, options);
  const auto begin = std::chrono::steady_clock::now();
  Together both(context);
  both.add(write_all(pair.server, "nobody reads this"));
  both.add(shut_down(pair.client));  // the server never answers it
  both.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  std::optional<NetError> error;
  Together reading(context);
  reading.add(read_in_vain(pair.client, error));
  reading.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->transport(), boost::asio::error::operation_aborted) << error->message();
}

awaitable<void> read_end(Stream& stream, bool& in_good_order) {
  NetResult<Bytes> bytes = co_await stream.read();
  in_good_order = bytes && bytes->empty();
}

TEST(Stream, LeavesInGoodOrderWithoutWaiting) {
  io_context context;
  StreamPair pair = established(context);
  pair.client.leave();
  bool in_good_order = false;
  Together reading(context);
  reading.add(read_end(pair.server, in_good_order));
  reading.run();
  EXPECT_TRUE(in_good_order);
  // Of one that has gone already there is nothing to be said, nor in the middle of a handshake.
  pair.client.leave();
  StreamPair beginning = connected_streams(context);
  beginning.client.leave();
  EXPECT_EQ(beginning.client.bytes_sent(), 0U);
}

TEST(Stream, ANameThatIsNone) {
  io_context context;
  SocketPair sockets = connected_sockets(context);
  Result<Stream> client = Stream::client(std::move(sockets.client), make(client_options()), "a..b");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().reason(), Reason::bad_config);
}

}  // namespace
}  // namespace handfast::test
