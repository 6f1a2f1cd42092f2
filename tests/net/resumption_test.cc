// Sessions over sockets, and stores of sessions that answer as they like: which costs a full handshake, nothing else.
#include <atomic>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>

#include "net/resumer.h"

namespace handfast::test {
namespace {

TEST(Resumption, ByTicket) {
  for (const ProtocolVersion version : {ProtocolVersion::tls1_3, ProtocolVersion::tls1_2}) {
    SCOPED_TRACE(name(version));
    Resumer resumer;
    resumer.client.max_version = version;
    const Talk first = resumer.talk();
    ASSERT_TRUE(first.good("words.")) << first.why();
    EXPECT_EQ(first.client.info.resumption, Resumption::none);
    for (int again = 0; again < 3; ++again) {
      const Talk second = resumer.talk();
      ASSERT_TRUE(second.good("words.")) << second.why();
      const Resumption how = version == ProtocolVersion::tls1_3 ? Resumption::psk : Resumption::ticket;
      EXPECT_EQ(second.client.info.resumption, how);
      EXPECT_EQ(second.server.info.resumption, how);
      EXPECT_FALSE(second.server.handshaking);
    }
  }
}

TEST(Resumption, SessionsBelongToAPort) {
  io_context context;
  const tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
  tcp::acceptor one(context, any);
  tcp::acceptor other(context, any);
  Resumer resumer;
  const auto resumes = [&](tcp::acceptor& acceptor, ServerAddress address) {
    tcp::socket there(context);
    tcp::socket here(context);
    there.connect(acceptor.local_endpoint());
    acceptor.accept(here);
    Result<Stream> client = Stream::client(std::move(there), make(resumer.client), address);
    if (!client) throw std::runtime_error(client.error().message());
    Stream server = Stream::server(std::move(here), make(resumer.server));
    Talk result;
    Together both(context);
    both.add(ask(*client, "words.", result.client));
    both.add(serve(server, result.server));
    both.run();
    EXPECT_TRUE(result.good("words.")) << result.why();
    return result.client.info.resumption == Resumption::psk;
  };
  EXPECT_FALSE(resumes(one, host));
  EXPECT_TRUE(resumes(one, host)) << "the socket's port";
  EXPECT_FALSE(resumes(other, host));
  EXPECT_TRUE(resumes(other, {host, one.local_endpoint().port()})) << "the port that was named";
  EXPECT_FALSE(resumes(one, {host, 1}));
  EXPECT_TRUE(resumes(other, {host, 1}));
}

/// Stream::connect knows the port itself.
TEST(Resumption, Blocking) {
  io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  Resumer resumer;
  const std::shared_ptr<const ServerConfig> config = make(resumer.server);
  std::jthread serving([&] {
    for (int connection = 0; connection < 2; ++connection) {
      tcp::socket socket(context);
      acceptor.accept(socket);
      NetResult<BlockingStream> stream = BlockingStream::server(std::move(socket), config);
      ASSERT_TRUE(stream) << stream.error().message();
      EXPECT_TRUE(stream->write(as_bytes("answer")));
      EXPECT_TRUE(stream->shutdown());
    }
  });
  for (const Resumption expected : {Resumption::none, Resumption::psk}) {
    NetResult<BlockingStream> stream =
        BlockingStream::connect("127.0.0.1", acceptor.local_endpoint().port(), make(resumer.client));
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_EQ(stream->info().resumption, expected);
    NetResult<Bytes> answer = stream->read();
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(as_text(*answer), "answer");
    EXPECT_TRUE(stream->shutdown());
  }
}

// --- Stores elsewhere
// ----------------------------------------------------------------------------------------------------

/// Keeps sessions in memory, and finds them as the test wants it to.
class OddStore final : public SessionStore {
 public:
  using Done = std::function<void(std::optional<Buffer>)>;
  /// `session`: empty where there is none.
  using Manner = std::function<void(Buffer session, Done done)>;
  explicit OddStore(Manner manner) : manner_(std::move(manner)) {}

  void find(Buffer id, SessionUse use, Done done) override {
    ++questions;
    memory_.find(std::move(id), use, [&](std::optional<Buffer> session) {
      manner_(std::move(session).value_or(Buffer()), std::move(done));
    });
  }
  void put(Bytes id, Bytes session, std::int64_t expires) noexcept override { memory_.put(id, session, expires); }
  void erase(Bytes id) noexcept override { memory_.erase(id); }

  std::atomic<int> questions = 0;

 private:
  Manner manner_;
  MemorySessionStore memory_;
};

/// A client that resumes by what the store gives.
struct StoredResumer : Resumer {
  StoredResumer(ProtocolVersion version, OddStore::Manner manner) : store(std::make_shared<OddStore>(manner)) {
    client.max_version = version;
    client.sessions.tls12_tickets = false;
    server.sessions.store = store;
    server.sessions.stored_tickets = true;
    options.session_timeout = 1h;  // nothing here is decided by how fast we are
    options.handshake_timeout = 1h;
  }
  std::shared_ptr<OddStore> store;
};

/// In both versions: a first connection, and a second one that asks the store.
void expect_after_question(bool resumed, const OddStore::Manner& manner,
                           std::chrono::milliseconds session_timeout = 1h) {
  for (const ProtocolVersion version : {ProtocolVersion::tls1_3, ProtocolVersion::tls1_2}) {
    SCOPED_TRACE(name(version));
    StoredResumer resumer(version, manner);
    resumer.options.session_timeout = session_timeout;
    const Talk first = resumer.talk();
    ASSERT_TRUE(first.good("words.")) << first.why();
    EXPECT_EQ(resumer.store->questions, 0);
    const Talk second = resumer.talk();
    ASSERT_TRUE(second.good("words.")) << second.why();
    EXPECT_EQ(resumer.store->questions, 1);
    EXPECT_EQ(second.server.info.resumption != Resumption::none, resumed);
    EXPECT_EQ(second.client.info.resumption, second.server.info.resumption);
    // And the next one is none the worse for it.
    const Talk third = resumer.talk();
    ASSERT_TRUE(third.good("words.")) << third.why();
  }
}

TEST(SessionStore, AnswersAtOnce) {
  expect_after_question(true, [](Buffer session, OddStore::Done done) { done(std::move(session)); });
}

TEST(SessionStore, AnswersFromAnotherThread) {
  Workers workers;
  expect_after_question(true, [&](Buffer session, OddStore::Done done) {
    workers.add([session = std::move(session), done = std::move(done)] {
      std::this_thread::sleep_for(20ms);
      done(session);
    });
  });
}

TEST(SessionStore, AnswersTwice) {
  Workers workers;
  expect_after_question(true, [&](Buffer session, OddStore::Done done) {
    done(session);
    done(std::nullopt);
    workers.add([session = std::move(session), done = std::move(done)] { done(session); });
  });
}

TEST(SessionStore, HasNothing) {
  expect_after_question(false, [](Buffer, OddStore::Done done) { done(std::nullopt); });
}

TEST(SessionStore, GivesGarbage) {
  expect_after_question(false, [](Buffer, OddStore::Done done) { done(Buffer()); });
  expect_after_question(false, [](Buffer, OddStore::Done done) { done(Buffer(100'000, 0x5a)); });
  expect_after_question(false, [](Buffer session, OddStore::Done done) {
    session.back() ^= 1;
    done(std::move(session));
  });
}

TEST(SessionStore, Throws) {
  expect_after_question(false, [](Buffer, OddStore::Done) { throw std::bad_alloc(); });
  expect_after_question(false, [](Buffer, OddStore::Done) { throw std::runtime_error("odd"); });
  expect_after_question(false, [](Buffer, OddStore::Done) { throw 1; });
  // What it had said before does not count.
  expect_after_question(false, [](Buffer session, OddStore::Done done) {
    done(std::move(session));
    throw std::runtime_error("odd");
  });
}

TEST(SessionStore, NeverAnswers) {
  expect_after_question(false, [](Buffer, OddStore::Done) {}, 30ms);
}

TEST(SessionStore, AnswersAfterItsTime) {
  std::vector<std::function<void()>> answers;
  expect_after_question(
      false,
      [&](Buffer session, OddStore::Done done) {
        // Those of the connections before this one come while it waits.
        for (const auto& answer : answers) answer();
        answers.emplace_back([session = std::move(session), done = std::move(done)] { done(session); });
      },
      30ms);
  for (const auto& answer : answers) answer();  // nor is there a stream any more
}

/// Just when nobody waits for it any more, or almost: which of them it was does not matter.
TEST(SessionStore, AnswersAsItsTimePasses) {
  Workers workers;
  StoredResumer resumer(ProtocolVersion::tls1_3, [&](Buffer session, OddStore::Done done) {
    workers.add([session = std::move(session), done = std::move(done)] {
      std::this_thread::sleep_for(3ms);
      done(session);
    });
  });
  resumer.options.session_timeout = 3ms;
  for (int round = 0; round < 30; ++round) {
    const Talk talk = resumer.talk();
    ASSERT_TRUE(talk.good("words.")) << talk.why();
  }
}

/// For ever is not longer than the handshake may take.
TEST(SessionStore, NeverAnswersAndIsWaitedForForEver) {
  StoredResumer resumer(ProtocolVersion::tls1_3, [](Buffer, OddStore::Done) {});
  ASSERT_TRUE(resumer.talk().good("words."));
  resumer.options.session_timeout = 0ms;
  resumer.options.handshake_timeout = 200ms;
  const Talk second = resumer.talk();
  ASSERT_TRUE(second.server.failure);
  EXPECT_TRUE(second.server.failure->timed_out()) << second.why();
  EXPECT_EQ(second.server.failure->stage(), Stage::handshake);
  EXPECT_TRUE(second.client.failure);
}

/// All that the client offers together, or whoever offers many would be waited for many times.
TEST(SessionStore, ThatNeverAnswersIsAskedOnce) {
  StoredResumer resumer(ProtocolVersion::tls1_3, [](Buffer, OddStore::Done) {});
  for (std::uint8_t i = 0; i < 6; ++i) {
    Buffer identity(32, i);
    identity[0] = 4;  // looks like a session's ID of TLS 1.3
    resumer.client.pre_shared_keys.push_back(*PreSharedKey::external(identity, Buffer(32, 7)));
  }
  resumer.options.session_timeout = 30ms;
  const Talk result = resumer.talk();
  ASSERT_TRUE(result.good("words.")) << result.why();
  EXPECT_EQ(resumer.store->questions, 1);
  EXPECT_EQ(result.server.info.resumption, Resumption::none);
}

/// A question that waits for its answer.
struct Asked {
  std::mutex mutex;
  std::vector<std::function<void()>> answers;

  OddStore::Manner manner() {
    return [this](Buffer session, OddStore::Done done) {
      const std::lock_guard lock(mutex);
      answers.emplace_back([session = std::move(session), done = std::move(done)] { done(session); });
    };
  }
  bool any() {
    const std::lock_guard lock(mutex);
    return !answers.empty();
  }
  void answer() {
    const std::lock_guard lock(mutex);
    for (const auto& answer : answers) answer();
  }
};

awaitable<void> handshake(Stream& stream, std::optional<NetResult<>>& result) {
  NetResult<> done = co_await stream.handshake();
  result = std::move(done);
}

awaitable<void> destroy_when_asked(std::optional<Stream>& stream, Asked& asked) {
  while (!asked.any()) co_await sleep_for(5ms);
  stream.reset();
}

TEST(SessionStore, TheStreamIsDestroyedMeanwhile) {
  for (const ProtocolVersion version : {ProtocolVersion::tls1_3, ProtocolVersion::tls1_2}) {
    Asked asked;
    {
      StoredResumer resumer(version, asked.manner());
      ASSERT_TRUE(resumer.talk().good("words."));
      io_context context;
      StreamPair pair = resumer.streams(context);
      std::optional<Stream> server(std::move(pair.server));
      std::optional<NetResult<>> client_result, server_result;
      Together both(context);
      both.add(handshake(pair.client, client_result));
      both.add(handshake(*server, server_result));
      both.add(destroy_when_asked(server, asked));
      both.run();
      ASSERT_FALSE(*server_result);
      EXPECT_EQ(server_result->error().transport(), boost::asio::error::operation_aborted);
      EXPECT_FALSE(*client_result);
      asked.answer();
      context.restart();
      context.run_for(20ms);
    }
    asked.answer();  // nor is there a store any more
  }
}

TEST(SessionStore, TheHandshakeIsCancelledMeanwhile) {
  Asked asked;
  StoredResumer resumer(ProtocolVersion::tls1_3, asked.manner());
  ASSERT_TRUE(resumer.talk().good("words."));
  io_context context;
  StreamPair pair = resumer.streams(context);
  std::optional<NetResult<>> client_result, server_result;
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(context, handshake(pair.server, server_result),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  Together client(context);
  client.add(handshake(pair.client, client_result));
  while (!asked.any()) context.run_one_for(1s);
  signal.emit(boost::asio::cancellation_type::terminal);
  asked.answer();
  client.run();
  ASSERT_TRUE(server_result);
  ASSERT_FALSE(*server_result);
  EXPECT_EQ(server_result->error().transport(), boost::asio::error::operation_aborted);
  EXPECT_FALSE(*client_result);
}

TEST(SessionStore, AnswersWhileTheIoContextIsDestroyed) {
  for (int round = 0; round < 20; ++round) {
    Asked asked;
    StoredResumer resumer(ProtocolVersion::tls1_3, asked.manner());
    ASSERT_TRUE(resumer.talk().good("words."));
    std::jthread answering;
    {
      io_context context;
      StreamPair pair = resumer.streams(context);
      std::optional<NetResult<>> client_result, server_result;
      std::optional<Together> both(context);
      both->add(handshake(pair.client, client_result));
      both->add(handshake(pair.server, server_result));
      while (!asked.any()) context.run_one_for(1s);
      answering = std::jthread([&] { asked.answer(); });
      if (round % 2) std::this_thread::yield();
    }
  }
}

}  // namespace
}  // namespace handfast::test
