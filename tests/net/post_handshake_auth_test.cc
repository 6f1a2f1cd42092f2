// Stream::request_certificate: beside reads and writes, with answers from elsewhere, without an answer.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/identity.h"
#include "net/loopback.h"

namespace handfast::test {
namespace {

/// Answers from another thread, after a while.
class SlowKey final : public PrivateKey {
 public:
  std::span<const SignatureScheme> schemes() const override { return credential()->key()->schemes(); }
  Bytes public_key() const override { return credential()->key()->public_key(); }
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    std::thread([scheme, message = std::move(message), done = std::move(done)] {
      std::this_thread::sleep_for(50ms);
      credential()->key()->sign(scheme, message, done);
    }).detach();
  }
};

class SlowVerifier final : public ChainVerifier {
 public:
  void verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const override {
    if (request.peer == Side::server) return done({Result<void>()});
    std::thread([done = std::move(done)] {
      std::this_thread::sleep_for(50ms);
      done({Result<void>()});
    }).detach();
  }
};

ClientOptions offering_client() {
  ClientOptions options = client_options();
  options.post_handshake_auth = true;
  options.credentials = {credential()};
  return options;
}
ServerOptions asking_server() {
  ServerOptions options = server_options();
  options.post_handshake_auth = true;
  options.client_trust = trust();
  return options;
}

/// Says something, then reads until the server has done.
awaitable<void> talk(Stream& stream, std::string words, std::string& heard, std::optional<NetError>& failure) {
  NetResult<> done = co_await stream.handshake();
  if (done && !words.empty()) done = co_await stream.write(as_bytes(words));
  while (done) {
    NetResult<Bytes> bytes = co_await stream.read();
    if (!bytes) failure = bytes.error();
    if (!bytes || bytes->empty()) break;
    heard += as_text(*bytes);
  }
  if (!done) failure = done.error();
  if (!failure) co_await stream.shutdown();
}

/// What a server does with a client of `talk`.
struct Asking {
  std::string heard_first;  ///< before it asks
  std::optional<NetResult<>> asked;
  bool verified = false;
  std::string heard;
};
awaitable<void> ask(Stream& stream, std::size_t first, std::size_t in_all, Asking& asking) {
  NetResult<> done = co_await stream.handshake();
  if (!done) throw std::runtime_error(done.error().message());
  std::uint8_t buffer[4];
  while (asking.heard_first.size() < first) {
    NetResult<std::size_t> count = co_await stream.read_some(MutableBytes(buffer).first(1));
    if (!count) throw std::runtime_error(count.error().message());
    asking.heard_first += as_text({buffer, *count});
  }
  NetResult<> asked = co_await stream.request_certificate();
  asking.verified = stream.info().peer_verified;
  asking.asked = std::move(asked);
  while (asking.heard_first.size() + asking.heard.size() < in_all) {
    NetResult<Bytes> bytes = co_await stream.read();
    if (!bytes || bytes->empty()) break;
    EXPECT_LE(bytes->size(), 65536u);
    asking.heard += as_text(*bytes);
  }
  if (*asking.asked) {
    co_await stream.write(as_bytes("welcome"));
    co_await stream.shutdown();
  }
  stream.close();
}

struct Outcome {
  std::string heard;
  std::optional<NetError> failure;
  Asking server;
};
Outcome run(ClientOptions client, ServerOptions server, std::string words, std::size_t first = 0,
            const StreamOptions& options = {}) {
  io_context context;
  StreamPair pair = connected_streams(context, make(std::move(client)), make(std::move(server)), options);
  Outcome result;
  const std::size_t in_all = words.size();
  Together both(context);
  both.add(talk(pair.client, std::move(words), result.heard, result.failure));
  both.add(ask(pair.server, first, in_all, result.server));
  both.run();
  return result;
}

TEST(RequestCertificate, AtOnce) {
  const Outcome result = run(offering_client(), asking_server(), "");
  ASSERT_TRUE(*result.server.asked) << result.server.asked->error().message();
  EXPECT_TRUE(result.server.verified);
  EXPECT_EQ(result.heard, "welcome");
}

/// What came before the answer is there afterwards, in its order: what of it was read, and what was not.
TEST(RequestCertificate, KeepsTheDataThatComesFirst) {
  for (std::size_t size : {10u, 1000u, 100'000u}) {
    std::string words(size, 'x');
    for (std::size_t i = 0; i < size; ++i) words[i] = static_cast<char>('a' + i % 23);
    const Outcome result = run(offering_client(), asking_server(), words, 3);
    ASSERT_TRUE(*result.server.asked) << result.server.asked->error().message();
    EXPECT_TRUE(result.server.verified);
    EXPECT_EQ(result.server.heard_first + result.server.heard, words);
  }
}

TEST(RequestCertificate, NotWithoutEnd) {
  const Outcome result = run(offering_client(), asking_server(), std::string(3'000'000, 'x'), 1);
  ASSERT_FALSE(*result.server.asked);
  EXPECT_EQ(result.server.asked->error().transport(), boost::asio::error::no_buffer_space);
}

TEST(RequestCertificate, WithAnswersFromElsewhere) {
  for (bool slow_client : {false, true})
    for (bool slow_server : {false, true}) {
      ClientOptions client = offering_client();
      if (slow_client) client.credentials = {credential_with(std::make_shared<SlowKey>())};
      ServerOptions server = asking_server();
      if (slow_server) server.client_verifier = std::make_shared<SlowVerifier>();
      const Outcome result = run(std::move(client), std::move(server), "hello", 2);
      ASSERT_TRUE(*result.server.asked) << result.server.asked->error().message();
      EXPECT_TRUE(result.server.verified);
      EXPECT_EQ(result.server.heard, "llo");
      EXPECT_EQ(result.heard, "welcome");
    }
}

TEST(RequestCertificate, RefusedByTheServer) {
  ServerOptions server = asking_server();
  server.client_trust = trust_in_others();
  const Outcome result = run(offering_client(), std::move(server), "hello");
  ASSERT_FALSE(*result.server.asked);
  EXPECT_EQ(result.server.asked->error().tls()->reason(), Reason::unknown_issuer);
  ASSERT_TRUE(result.failure);
  EXPECT_EQ(result.failure->tls()->alert(), Alert::unknown_ca);
}

TEST(RequestCertificate, ClientsThatDoNotOfferIt) {
  const Outcome result = run(client_options(), asking_server(), "hello");
  ASSERT_FALSE(*result.server.asked);
  EXPECT_EQ(result.server.asked->error().tls()->reason(), Reason::missing_extension);
  EXPECT_EQ(result.server.heard, "hello") << "nothing else has changed";
}

/// Half-closes instead of an answer; what the server says then can still be heard.
TEST(RequestCertificate, AHalfCloseIsNoAnswer) {
  const auto half_closer = [](Stream& stream, std::string& heard) -> awaitable<void> {
    NetResult<> done = co_await stream.handshake();
    if (done) done = co_await stream.write(as_bytes("secrets, please"));
    if (done) done = co_await stream.close_write();
    while (done) {
      NetResult<Bytes> bytes = co_await stream.read();
      if (!bytes || bytes->empty()) break;
      heard += as_text(*bytes);
    }
  };
  io_context context;
  StreamPair pair = connected_streams(context, make(offering_client()), make(asking_server()), {});
  std::string heard;
  Asking asking;
  Together both(context);
  both.add(half_closer(pair.client, heard));
  both.add(ask(pair.server, 15, 15, asking));
  both.run();
  ASSERT_TRUE(asking.asked);
  ASSERT_FALSE(*asking.asked);
  EXPECT_EQ(asking.asked->error().tls()->alert(), Alert::certificate_required);
  EXPECT_FALSE(asking.verified);
  EXPECT_EQ(heard, "");
}

TEST(RequestCertificate, WithoutAnAnswer) {
  class NoKey final : public PrivateKey {
   public:
    std::span<const SignatureScheme> schemes() const override { return credential()->key()->schemes(); }
    Bytes public_key() const override { return credential()->key()->public_key(); }
    void sign(SignatureScheme, Buffer, SignHandler) const override {}
  };
  ClientOptions client = offering_client();
  client.credentials = {credential_with(std::make_shared<NoKey>())};
  StreamOptions options;
  options.handshake_timeout = 300ms;
  const Outcome result = run(std::move(client), asking_server(), "hello", 5, options);
  ASSERT_FALSE(*result.server.asked);
  EXPECT_TRUE(result.server.asked->error().timed_out()) << result.server.asked->error().message();
}

TEST(RequestCertificate, Blocking) {
  io_context context;
  SocketPair sockets = connected_sockets(context);
  std::jthread server([socket = std::move(sockets.server)]() mutable {
    NetResult<BlockingStream> stream = BlockingStream::server(std::move(socket), make(asking_server()));
    ASSERT_TRUE(stream) << stream.error().message();
    const NetResult<> asked = stream->request_certificate();
    EXPECT_TRUE(asked) << asked.error().message();
    EXPECT_EQ(stream->info().peer_identity()->dns_names.front(), host);
    EXPECT_TRUE(stream->write(as_bytes("welcome")));
    EXPECT_TRUE(stream->shutdown());
  });
  NetResult<BlockingStream> client = BlockingStream::client(std::move(sockets.client), make(offering_client()), host);
  ASSERT_TRUE(client) << client.error().message();
  const NetResult<Bytes> words = client->read();
  ASSERT_TRUE(words) << words.error().message();
  EXPECT_EQ(as_text(*words), "welcome");
  EXPECT_TRUE(client->shutdown());
}

}  // namespace
}  // namespace handfast::test
