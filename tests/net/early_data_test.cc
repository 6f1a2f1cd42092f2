// Early data through Stream: taken, rejected, sent again, read in pieces, and the rest of the handshake behind it.
#include <algorithm>
#include <functional>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include "net/resumer.h"

namespace handfast::test {
namespace {

/// Has a session that allows early data.
struct EarlyResumer : Resumer {
  explicit EarlyResumer(std::uint32_t limit = 1000) {
    allow_early_data(limit);
    refresh();
  }
  /// A session is good once.
  void refresh() {
    const Talk first = talk("first.");
    EXPECT_TRUE(first.good("first.")) << first.why();
  }
};

TEST(EarlyData, IsAccepted) {
  EarlyResumer resumer;
  for (int again = 0; again < 3; ++again) {
    const Talk second = resumer.talk("early words.", true);
    ASSERT_TRUE(second.good("early words.")) << second.why();
    EXPECT_TRUE(second.client.sent_early);
    EXPECT_EQ(second.server.heard_early, "early words.");
    EXPECT_TRUE(second.server.handshaking);
    EXPECT_FALSE(second.client.handshaking);
    EXPECT_EQ(second.client.info.early_data, EarlyData::accepted);
    EXPECT_EQ(second.server.info.early_data, EarlyData::accepted);
  }
}

TEST(EarlyData, IsAcceptedForStoredSessions) {
  Resumer resumer;
  resumer.allow_early_data();
  resumer.server.sessions.store = std::make_shared<MemorySessionStore>();
  resumer.server.sessions.stored_tickets = true;
  ASSERT_TRUE(resumer.talk().good("words."));
  const Talk second = resumer.talk("early words.", true);
  ASSERT_TRUE(second.good("early words.")) << second.why();
  EXPECT_EQ(second.server.heard_early, "early words.");
}

TEST(EarlyData, IsReadInSmallPieces) {
  std::string words(16'000, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = static_cast<char>('a' + i % 23);
  for (const std::size_t size : {1u, 7u, 5000u, 40'000u}) {
    EarlyResumer resumer(16'384);
    words.back() = '.';
    const Talk second = resumer.talk(words, true, size);
    ASSERT_TRUE(second.good(words)) << second.why();
    EXPECT_EQ(second.server.heard_early, words);
  }
}

TEST(EarlyData, IsRejectedAndSentAgain) {
  EarlyResumer resumer;
  resumer.server.sessions.max_early_data = 0;
  const Talk second = resumer.talk("early words.", true);
  ASSERT_TRUE(second.good("early words.")) << second.why();
  EXPECT_TRUE(second.client.sent_early);
  EXPECT_EQ(second.server.heard_early, "");
  EXPECT_FALSE(second.server.handshaking);
  EXPECT_EQ(second.client.info.resumption, Resumption::psk);
  EXPECT_EQ(second.client.info.early_data, EarlyData::peer_declined);
}

TEST(EarlyData, IsRejectedWithItsSession) {
  EarlyResumer resumer;
  resumer.server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  const Talk second = resumer.talk("early words.", true);
  ASSERT_TRUE(second.good("early words.")) << second.why();
  EXPECT_TRUE(second.client.sent_early);
  EXPECT_EQ(second.server.heard_early, "");
  EXPECT_EQ(second.client.info.early_data, EarlyData::session_not_resumed);
}

TEST(EarlyData, IsRejectedByARetry) {
  EarlyResumer resumer;
  resumer.client.empty_key_share = true;
  const Talk second = resumer.talk("early words.", true);
  ASSERT_TRUE(second.good("early words.")) << second.why();
  EXPECT_TRUE(second.client.info.retried);
  EXPECT_TRUE(second.client.sent_early);
  EXPECT_EQ(second.client.info.early_data, EarlyData::hello_retry_request);
  EXPECT_EQ(second.server.heard_early, "");
}

TEST(EarlyData, IsNotSentInParts) {
  EarlyResumer resumer(10);
  const Talk second = resumer.talk("early words.", true);
  ASSERT_TRUE(second.good("early words.")) << second.why();
  EXPECT_FALSE(second.client.sent_early);
  EXPECT_EQ(second.server.heard_early, "");
  EXPECT_EQ(second.client.info.early_data, EarlyData::accepted) << "there was none of it";
}

TEST(EarlyData, IsNotSentWithoutASession) {
  Resumer resumer;
  resumer.allow_early_data();
  const Talk first = resumer.talk("early words.", true);
  ASSERT_TRUE(first.good("early words.")) << first.why();
  EXPECT_FALSE(first.client.sent_early);
  EXPECT_EQ(first.client.info.early_data, EarlyData::no_session_offered);
}

awaitable<void> handshake(Stream& stream) {
  NetResult<> done = co_await stream.handshake();
  EXPECT_TRUE(done) << done.error().message();
}

awaitable<void> resend(Stream& stream, std::optional<NetResult<>>& result) {
  NetResult<> done = co_await stream.resend_early_data();
  result = std::move(done);
}

void expect_nothing_to_resend(io_context& context, Stream& stream) {
  std::optional<NetResult<>> result;
  Together alone(context);
  alone.add(resend(stream, result));
  alone.run();
  ASSERT_FALSE(*result);
  ASSERT_TRUE(result->error().tls()) << result->error().message();
  EXPECT_EQ(result->error().tls()->reason(), Reason::closed);
  EXPECT_FALSE(stream.connection().error());
}

TEST(EarlyData, IsSentAgainOnceAndWhereItWasRejected) {
  for (const bool rejected : {false, true}) {
    EarlyResumer resumer;
    if (rejected) resumer.server.sessions.max_early_data = 0;
    resumer.options.early_data = Buffer(5, 'x');
    io_context context;
    StreamPair pair = resumer.streams(context);
    Together both(context);
    both.add(handshake(pair.client));
    both.add(handshake(pair.server));
    both.run();
    ASSERT_TRUE(pair.client.early_data_sent());
    if (rejected) {
      std::optional<NetResult<>> result;
      Together alone(context);
      alone.add(resend(pair.client, result));
      alone.run();
      EXPECT_TRUE(*result) << result->error().message();
    }
    expect_nothing_to_resend(context, pair.client);
    expect_nothing_to_resend(context, pair.server);
  }
}

// --- A store of sessions that lets us wait
// ----------------------------------------------------------------------------------------

/// Answers from another thread, after a while.
class SlowStore final : public SessionStore {
 public:
  explicit SlowStore(Workers& workers) : workers_(workers) {}
  void find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) override {
    memory_.find(std::move(id), use, [&](std::optional<Buffer> session) {
      workers_.add([session = std::move(session), done = std::move(done)] {
        std::this_thread::sleep_for(50ms);
        done(session);
      });
    });
  }
  void put(Bytes id, Bytes session, std::int64_t expires) noexcept override { memory_.put(id, session, expires); }
  void erase(Bytes id) noexcept override { memory_.erase(id); }

 private:
  Workers& workers_;
  MemorySessionStore memory_;
};

/// Early data is there long before the server knows whether it wants it.
TEST(EarlyData, ArrivesWhileTheStoreIsAsked) {
  Workers workers;
  Resumer resumer;
  resumer.allow_early_data(16'384);
  resumer.options.session_timeout = 1h;
  resumer.server.sessions.store = std::make_shared<SlowStore>(workers);
  resumer.server.sessions.stored_tickets = true;
  ASSERT_TRUE(resumer.talk().good("words."));
  const std::string words = std::string(15'999, 'w') + '.';
  Talk second = resumer.talk(words, true);
  ASSERT_TRUE(second.good(words)) << second.why();
  EXPECT_EQ(second.server.heard_early, words);
  // And where it gives up, what has come is dropped.
  resumer.options.session_timeout = 1ms;
  Talk third = resumer.talk(words, true);
  ASSERT_TRUE(third.good(words)) << third.why();
}

// --- A client that is slow to go on, and one that does not
// ------------------------------------------------------------------------

/// A client without a Stream: it sends its first flight, and goes on when the test says so.
class SlowClient {
 public:
  SlowClient(Resumer& resumer, tcp::socket socket, std::string_view early)
      : socket_(std::move(socket)), connection_(*Connection::client(make(resumer.client), {host, 443})) {
    EXPECT_TRUE(connection_.send_early_data(as_bytes(early)));
  }
  /// Sends what it has, `size` bytes at a time.
  void push(std::size_t size = 100'000) {
    while (!connection_.output().empty()) {
      const Bytes piece = connection_.output().first(std::min(size, connection_.output().size()));
      boost::asio::write(socket_, boost::asio::buffer(piece.data(), piece.size()));
      connection_.drained(piece.size());
    }
  }
  /// Reads until something is there to be sent.
  void pull() {
    while (connection_.output().empty()) {
      std::uint8_t bytes[4096];
      const std::size_t count = socket_.read_some(boost::asio::buffer(bytes));
      input_.insert(input_.end(), bytes, bytes + count);
      for (;;) {
        Result<Received> received = connection_.receive(input_);
        ASSERT_TRUE(received) << received.error().message();
        heard += as_text(received->data);
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(received->consumed));
        if (received->consumed == 0) break;
      }
    }
  }
  void close() { socket_.close(); }
  Connection& connection() { return connection_; }

  std::string heard;

 private:
  tcp::socket socket_;
  Connection connection_;
  Buffer input_;
};

/// The first flight of a client with early data is on its way to a server.
struct Waiting {
  explicit Waiting(Resumer& resumer, std::string_view early = "early")
      : sockets(connected_sockets(context)),
        client(resumer, std::move(sockets.client), early),
        server(Stream::server(std::move(sockets.server), make(resumer.server), resumer.options)) {}

  void run(awaitable<void> work) {
    Together alone(context);
    alone.add(std::move(work));
    alone.run();
  }

  io_context context;
  SocketPair sockets;
  SlowClient client;
  Stream server;
};

awaitable<void> read(Stream& stream, std::string& heard, std::optional<NetError>& failure) {
  NetResult<Bytes> piece = co_await stream.read();
  if (piece)
    heard = as_text(*piece);
  else
    failure = piece.error();
}

awaitable<void> write(Stream& stream, std::string_view words) {
  NetResult<> done = co_await stream.write(as_bytes(words));
  EXPECT_TRUE(done) << done.error().message();
}

awaitable<void> shut_down(Stream& stream, std::optional<NetError>& failure) {
  NetResult<> done = co_await stream.shutdown();
  if (!done) failure = done.error();
}

/// A question and its answer without a round trip before them.
TEST(EarlyData, IsReadAndAnsweredAtOnce) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  std::string heard;
  std::optional<NetError> failure;
  waiting.run(handshake(waiting.server));
  waiting.run(read(waiting.server, heard, failure));
  EXPECT_EQ(heard, "early");
  EXPECT_TRUE(waiting.server.read_early_data());
  waiting.run(write(waiting.server, "half"));
  EXPECT_TRUE(waiting.server.connection().handshaking());

  waiting.client.pull();
  ASSERT_TRUE(waiting.client.connection().send(as_bytes("late")));
  waiting.client.push();
  waiting.run(read(waiting.server, heard, failure));
  EXPECT_EQ(heard, "late");
  EXPECT_FALSE(waiting.server.read_early_data());
  EXPECT_FALSE(waiting.server.connection().handshaking());
  waiting.client.connection().close();
  waiting.client.push();
  waiting.run(shut_down(waiting.server, failure));
  EXPECT_FALSE(failure) << failure->message();
  EXPECT_EQ(waiting.client.heard, "half");
}

TEST(EarlyData, ArrivesByteByByte) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  std::jthread client([&] {
    waiting.client.push(1);
    waiting.client.pull();
    EXPECT_TRUE(waiting.client.connection().send(as_bytes("late.")));
    waiting.client.connection().close();
    waiting.client.push(1);
  });
  Told told;
  waiting.run(serve(waiting.server, told, 2));
  EXPECT_FALSE(told.failure) << told.why();
  EXPECT_EQ(told.heard_early, "early");
  EXPECT_EQ(told.heard, "late.");
}

TEST(EarlyData, ShutdownFinishesTheHandshake) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  waiting.run(handshake(waiting.server));
  std::jthread client([&] {
    waiting.client.pull();
    waiting.client.connection().close();
    waiting.client.push();
  });
  std::optional<NetError> failure;
  waiting.run(shut_down(waiting.server, failure));
  EXPECT_FALSE(failure) << failure->message();
  EXPECT_FALSE(waiting.server.connection().handshaking());
  EXPECT_FALSE(waiting.server.connection().error());
}

awaitable<void> close_write(Stream& stream) {
  NetResult<> done = co_await stream.close_write();
  EXPECT_TRUE(done) << done.error().message();
}

/// We have said our last word, the client not yet: nothing follows close_notify.
TEST(EarlyData, HalfCloseBeforeTheEndOfTheHandshake) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  waiting.run(handshake(waiting.server));
  waiting.run(write(waiting.server, "half"));
  waiting.run(close_write(waiting.server));
  const std::uint64_t sent = waiting.server.bytes_sent();
  waiting.client.pull();
  EXPECT_EQ(waiting.client.heard, "half");
  waiting.client.connection().close();
  waiting.client.push();
  std::optional<NetError> failure;
  waiting.run(shut_down(waiting.server, failure));
  EXPECT_FALSE(failure) << failure->message();
  EXPECT_FALSE(waiting.server.connection().handshaking());
  EXPECT_EQ(waiting.server.bytes_sent(), sent);
}

TEST(EarlyData, ShutdownFailsWithTheHandshake) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  waiting.run(handshake(waiting.server));
  waiting.client.close();
  std::optional<NetError> failure;
  waiting.run(shut_down(waiting.server, failure));
  ASSERT_TRUE(failure);
  std::string heard;
  waiting.run(read(waiting.server, heard, failure));
  EXPECT_EQ(heard, "") << "what was not read is gone";
}

/// The client ends the handshake and goes on, and the server hears it.
void expect_the_rest(Waiting& waiting) {
  std::string heard;
  std::optional<NetError> failure;
  waiting.client.pull();
  ASSERT_TRUE(waiting.client.connection().send(as_bytes("late")));
  waiting.client.push();
  waiting.run(read(waiting.server, heard, failure));
  EXPECT_FALSE(failure) << failure->message();
  EXPECT_EQ(heard, "late");
}

TEST(EarlyData, ACancelledReadLosesNothing) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  std::string heard;
  std::optional<NetError> failure;
  waiting.run(handshake(waiting.server));
  waiting.run(read(waiting.server, heard, failure));
  ASSERT_EQ(heard, "early");
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(waiting.context, read(waiting.server, heard, failure),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  waiting.context.restart();
  waiting.context.run_for(20ms);
  signal.emit(boost::asio::cancellation_type::terminal);
  waiting.context.run_for(20ms);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->transport(), boost::asio::error::operation_aborted) << failure->message();
  expect_the_rest(waiting);
}

/// A client that does not go on is waited for no longer than any other, whatever `read_timeout` says.
TEST(EarlyData, TheRestOfTheHandshakeIsNotWaitedForForEver) {
  EarlyResumer resumer;
  resumer.options.handshake_timeout = 2s;
  Waiting waiting(resumer);
  waiting.client.push();
  std::string heard;
  std::optional<NetError> failure;
  waiting.run(handshake(waiting.server));
  waiting.run(read(waiting.server, heard, failure));
  EXPECT_EQ(heard, "early");
  waiting.run(read(waiting.server, heard, failure));
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->timed_out()) << failure->message();
  // What it sends all the same is read.
  expect_the_rest(waiting);
}

TEST(EarlyData, TheRestOfTheHandshakeFails) {
  EarlyResumer resumer;
  Waiting waiting(resumer);
  waiting.client.push();
  std::string heard;
  std::optional<NetError> failure;
  waiting.run(handshake(waiting.server));
  waiting.run(read(waiting.server, heard, failure));
  waiting.client.connection().abort(Alert::user_canceled);
  waiting.client.push();
  waiting.run(read(waiting.server, heard, failure));
  ASSERT_TRUE(failure);
  ASSERT_TRUE(failure->tls()) << failure->message();
  EXPECT_EQ(failure->tls()->reason(), Reason::alert_received);
}

// --- Beside other things
// ---------------------------------------------------------------------------------------------------------

awaitable<void> say_more(Stream& stream, std::string& heard) {
  co_await handshake(stream);
  co_await write(stream, "more");
  for (;;) {
    NetResult<Bytes> piece = co_await stream.read();
    EXPECT_TRUE(piece) << piece.error().message();
    if (!piece || piece->empty()) break;
    heard += as_text(*piece);
  }
  co_await stream.shutdown();
}

awaitable<void> authenticate(Stream& stream, std::size_t first, Told& told) {
  co_await handshake(stream);
  told.handshaking = stream.connection().handshaking();
  Buffer buffer(3);
  for (bool asked = false; told.heard_early.size() + told.heard.size() < 9;) {
    if (!asked && told.heard_early.size() >= first) {
      asked = true;
      NetResult<> done = co_await stream.request_certificate();
      EXPECT_TRUE(done) << done.error().message();
      if (!done) co_return;
    }
    NetResult<std::size_t> count = co_await stream.read_some(buffer);
    EXPECT_TRUE(count) << count.error().message();
    if (!count || *count == 0) break;
    (stream.read_early_data() ? told.heard_early : told.heard) += as_text(Bytes(buffer).first(*count));
  }
  told.info = stream.info();
  co_await write(stream, "answer");
  co_await stream.shutdown();
}

/// Whoever asks for a certificate behind early data waits for the end of the handshake, and keeps what came early
/// apart.
TEST(EarlyData, AndThenACertificate) {
  for (const std::size_t first : {0u, 3u}) {
    Resumer resumer;
    resumer.client.post_handshake_auth = true;
    resumer.client.credentials = {credential()};
    resumer.server.post_handshake_auth = true;
    resumer.server.client_trust = trust();
    resumer.allow_early_data();
    ASSERT_TRUE(resumer.talk().good("words."));
    resumer.options.early_data = Buffer(5, 'e');
    io_context context;
    StreamPair pair = resumer.streams(context);
    std::string heard;
    Told told;
    Together both(context);
    both.add(say_more(pair.client, heard));
    both.add(authenticate(pair.server, first, told));
    both.run();
    EXPECT_TRUE(told.handshaking);
    EXPECT_EQ(told.heard_early, "eeeee");
    EXPECT_EQ(told.heard, "more");
    EXPECT_TRUE(told.info.peer_verified);
    EXPECT_EQ(heard, "answer");
  }
}

TEST(EarlyData, Blocking) {
  for (const bool accepted : {true, false}) {
    EarlyResumer resumer;
    if (!accepted) resumer.server.sessions.max_early_data = 0;
    io_context context;
    SocketPair sockets = connected_sockets(context);
    std::jthread server([&, config = make(resumer.server)] {
      NetResult<BlockingStream> stream = BlockingStream::server(std::move(sockets.server), config);
      ASSERT_TRUE(stream) << stream.error().message();
      NetResult<Bytes> words = stream->read();
      ASSERT_TRUE(words) << words.error().message();
      EXPECT_EQ(as_text(*words), "early");
      EXPECT_EQ(stream->read_early_data(), accepted);
      EXPECT_TRUE(stream->write(as_bytes("answer")));
      EXPECT_TRUE(stream->shutdown());
    });
    StreamOptions options;
    options.early_data = {'e', 'a', 'r', 'l', 'y'};
    NetResult<BlockingStream> client =
        BlockingStream::client(std::move(sockets.client), make(resumer.client), {host, 443}, options);
    ASSERT_TRUE(client) << client.error().message();
    EXPECT_TRUE(client->early_data_sent());
    const NetResult<> again = client->resend_early_data();
    EXPECT_EQ(again.has_value(), !accepted);
    const NetResult<Bytes> words = client->read();
    ASSERT_TRUE(words) << words.error().message();
    EXPECT_EQ(as_text(*words), "answer");
    EXPECT_FALSE(client->read_early_data());
    EXPECT_TRUE(client->shutdown());
  }
}

}  // namespace
}  // namespace handfast::test
