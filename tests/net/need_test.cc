// Answers from outside: at once, late, from another thread, with a failure, twice, never, too late.
#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "authority/mint.h"
#include "net/identity.h"
#include "net/loopback.h"
#include "net/workers.h"

namespace handfast::test {
namespace {

/// A key that answers as the test wants it to.
class OddKey : public PrivateKey {
 public:
  using Manner = std::function<void(Result<Buffer> signature, SignHandler done)>;
  explicit OddKey(Manner manner) : manner_(std::move(manner)) {}

  std::span<const SignatureScheme> schemes() const override { return local().schemes(); }
  Bytes public_key() const override { return local().public_key(); }
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    manner_(local().sign_now(scheme, message), std::move(done));
  }

 private:
  static const LocalKey& local() { return *credential()->local_key(); }
  Manner manner_;
};

std::shared_ptr<const ServerConfig> server_with(OddKey::Manner manner) {
  ServerOptions options;
  options.credentials = {credential_with(std::make_shared<OddKey>(std::move(manner)))};
  return make(std::move(options));
}

awaitable<void> handshake(Stream& stream, std::optional<NetResult<>>& result) {
  NetResult<> done = co_await stream.handshake();
  result = std::move(done);
}

struct Outcome {
  std::optional<NetResult<>> client;
  std::optional<NetResult<>> server;
};

Outcome run(std::shared_ptr<const ClientConfig> client, std::shared_ptr<const ServerConfig> server,
            const StreamOptions& options = {}) {
  io_context context;
  StreamPair pair = connected_streams(context, std::move(client), std::move(server), options);
  Outcome outcome;
  Together both(context);
  both.add(handshake(pair.client, outcome.client));
  both.add(handshake(pair.server, outcome.server));
  both.run();
  return outcome;
}

Outcome run_with_key(OddKey::Manner manner, const StreamOptions& options = {}) {
  return run(make(client_options()), server_with(std::move(manner)), options);
}

void expect_success(const Outcome& outcome) {
  EXPECT_TRUE(*outcome.client) << outcome.client->error().message();
  EXPECT_TRUE(*outcome.server) << outcome.server->error().message();
}

TEST(Need, SignedAtOnce) {
  expect_success(run_with_key([](Result<Buffer> signature, SignHandler done) { done(std::move(signature)); }));
}

TEST(Need, SignedLaterInAnotherThread) {
  Workers workers;
  expect_success(run_with_key([&](Result<Buffer> signature, SignHandler done) {
    workers.add([signature, done] {
      std::this_thread::sleep_for(20ms);
      done(signature);
    });
  }));
}

TEST(Need, SignedTwice) {
  Workers workers;
  expect_success(run_with_key([&](Result<Buffer> signature, SignHandler done) {
    done(signature);
    done(fail(Alert::internal_error, Reason::signing_failed));
    workers.add([signature, done] { done(signature); });
  }));
}

TEST(Need, SigningFails) {
  Workers workers;
  const Outcome outcome = run_with_key([&](Result<Buffer>, SignHandler done) {
    workers.add([done] { done(fail(Alert::internal_error, Reason::signing_failed)); });
  });
  ASSERT_FALSE(*outcome.server);
  ASSERT_TRUE(outcome.server->error().tls()) << outcome.server->error().message();
  EXPECT_EQ(outcome.server->error().tls()->reason(), Reason::signing_failed);
  ASSERT_FALSE(*outcome.client);
  ASSERT_TRUE(outcome.client->error().tls()) << outcome.client->error().message();
  EXPECT_EQ(outcome.client->error().tls()->reason(), Reason::alert_received);
  EXPECT_EQ(outcome.client->error().tls()->alert(), Alert::internal_error);
}

TEST(Need, NeverSigned) {
  StreamOptions options;
  options.handshake_timeout = 200ms;
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run_with_key([](Result<Buffer>, SignHandler) {}, options);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  ASSERT_FALSE(*outcome.server);
  EXPECT_TRUE(outcome.server->error().timed_out()) << outcome.server->error().message();
  EXPECT_FALSE(*outcome.client);
}

/// One that clients may encrypt for, and that answers them as the test wants it to.
struct OddDecryptingKey final : PrivateKey {
  explicit OddDecryptingKey(std::shared_ptr<const LocalKey> held) : local(std::move(held)) {}
  std::span<const SignatureScheme> schemes() const override { return local->schemes(); }
  Bytes public_key() const override { return local->public_key(); }
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
    local->sign(scheme, std::move(message), std::move(done));
  }
  bool decrypts() const override { return true; }
  void decrypt(Buffer ciphertext, DecryptHandler done) const override {
    manner(std::move(ciphertext), std::move(done));
  }

  std::shared_ptr<const LocalKey> local;
  std::function<void(Buffer ciphertext, DecryptHandler done)> manner;
};

/// The peer must not see that one ciphertext was another than others are.
TEST(Need, AKeyThatThrowsAtACiphertextEndsAsAWrongPaddingDoes) {
  const std::int64_t now = system_clock().now();
  const authority::Identity root = *authority::make_ca(authority::ca_options("Root", now - 3600, now + 86400),
                                                       crypto::KeyType::p256, system_random());
  authority::CertificateOptions leaf = authority::leaf_options({host}, now - 3600, now + 86400);
  leaf.key_usage = x509::KeyUsage::keyEncipherment;
  const authority::Identity identity =
      *authority::make_identity(leaf, crypto::KeyType::rsa, {root.certificate, root.key}, system_random());
  const auto key = std::make_shared<OddDecryptingKey>(*LocalKey::from_der(*identity.key.to_der()));
  const Bytes chain = identity.certificate.der(), anchor = root.certificate.der();
  ClientOptions client;
  client.trust = *TrustAnchors::from_der({&anchor, 1});
  client.cipher_suites = {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256};
  ServerOptions server;
  server.credentials = {*Credential::make({Buffer(chain.begin(), chain.end())}, key)};
  server.cipher_suites = client.cipher_suites;
  const auto outcome = [&](auto manner) {
    key->manner = manner;
    return run(make(client), make(server));
  };
  expect_success(outcome(
      [&](Buffer ciphertext, const DecryptHandler& done) { key->local->decrypt(std::move(ciphertext), done); }));
  const Outcome padding = outcome([](Buffer ciphertext, const DecryptHandler& done) {
    std::ranges::fill(ciphertext, 0);
    done(std::move(ciphertext));
  });
  const Outcome thrown =
      outcome([](const Buffer&, const DecryptHandler&) { throw std::runtime_error("what a number"); });
  for (const Outcome* each : {&padding, &thrown}) {
    ASSERT_FALSE(*each->server);
    ASSERT_TRUE(each->server->error().tls()) << each->server->error().message();
    EXPECT_EQ(each->server->error().tls()->reason(), Reason::bad_record_mac);
    ASSERT_FALSE(*each->client);
    ASSERT_TRUE(each->client->error().tls()) << each->client->error().message();
    EXPECT_EQ(each->client->error().tls()->reason(), Reason::alert_received);
    EXPECT_EQ(each->client->error().tls()->alert(), Alert::bad_record_mac);
  }
}

/// What a key was asked, to be answered after its time.
struct Kept {
  std::mutex mutex;
  std::optional<Buffer> signature;
  SignHandler done;

  OddKey::Manner manner() {
    return [this](Result<Buffer> signed_now, SignHandler handler) {
      const std::lock_guard lock(mutex);
      signature = *std::move(signed_now);
      done = std::move(handler);
    };
  }
  void answer() {
    const std::lock_guard lock(mutex);
    ASSERT_TRUE(done);
    done(*signature);
  }
};

awaitable<void> destroy_when_asked(std::optional<Stream>& stream, Kept& kept) {
  while (!kept.done) co_await sleep_for(5ms);
  stream.reset();
}

TEST(Need, AnsweredAfterTheStreamWasDestroyed) {
  Kept kept;
  {
    io_context context;
    StreamPair pair = connected_streams(context, make(client_options()), server_with(kept.manner()));
    std::optional<Stream> server(std::move(pair.server));
    Outcome outcome;
    Together both(context);
    both.add(handshake(pair.client, outcome.client));
    both.add(handshake(*server, outcome.server));
    both.add(destroy_when_asked(server, kept));
    both.run();
    ASSERT_FALSE(*outcome.server);
    EXPECT_EQ(outcome.server->error().transport(), boost::asio::error::operation_aborted);
    ASSERT_FALSE(*outcome.client);
    kept.answer();
    context.restart();
    context.run_for(20ms);
  }
  kept.answer();  // nor is there an io_context any more
}

/// Must hear nothing once the stream has gone: it may have gone itself.
struct Mortal : Trace {
  void on(const TraceEvent&) override { heard_too_late = heard_too_late || gone; }
  bool gone = false;
  bool heard_too_late = false;
};

awaitable<void> destroy_when_answered(std::optional<Stream>& stream, Kept& kept, Mortal& trace) {
  while (!kept.done) co_await sleep_for(5ms);
  kept.answer();  // on its way to the stream, which goes first
  stream.reset();
  trace.gone = true;
}

TEST(Need, AnAnswerThatMeetsTheEndOfTheStreamIsNotTaken) {
  Kept kept;
  Mortal trace;
  StreamOptions traced;
  traced.trace = &trace;
  io_context context;
  SocketPair sockets = connected_sockets(context);
  Result<Stream> client = Stream::client(std::move(sockets.client), make(client_options()), host);
  ASSERT_TRUE(client);
  std::optional<Stream> server = Stream::server(std::move(sockets.server), server_with(kept.manner()), traced);
  Outcome outcome;
  Together both(context);
  both.add(handshake(*client, outcome.client));
  both.add(handshake(*server, outcome.server));
  both.add(destroy_when_answered(server, kept, trace));
  both.run();
  EXPECT_FALSE(*outcome.server);
  EXPECT_FALSE(trace.heard_too_late);
}

TEST(Need, AnsweredWhileTheIoContextIsDestroyed) {
  // The coroutine still waits when its io_context goes; the answer comes from another thread just then.
  for (int round = 0; round < 20; ++round) {
    Kept kept;
    std::jthread answering;
    {
      io_context context;
      StreamPair pair = connected_streams(context, make(client_options()), server_with(kept.manner()));
      Outcome outcome;
      std::optional<Together> both(context);
      both->add(handshake(pair.client, outcome.client));
      both->add(handshake(pair.server, outcome.server));
      while (!kept.done) context.run_one_for(1s);
      answering = std::jthread([&] { kept.answer(); });
      if (round % 2) std::this_thread::yield();
    }
  }
}

/// Chooses, or verifies, in another thread.
class ThreadedChooser : public CredentialChooser {
 public:
  explicit ThreadedChooser(Workers& workers) : workers_(workers) {}
  void choose(CredentialRequest request, std::function<void(CredentialAnswer)> done) const override {
    workers_.add([request = std::move(request), done] {
      const bool known = request.offer.server_name == host || request.offer.server_name.empty();
      done({known ? credential() : nullptr});
    });
  }

 private:
  Workers& workers_;
};

class ThreadedVerifier : public ChainVerifier {
 public:
  ThreadedVerifier(Workers& workers, Result<void> verdict) : workers_(workers), verdict_(std::move(verdict)) {}
  void verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const override {
    workers_.add([this, request = std::move(request), done] {
      EXPECT_EQ(request.chain, credential()->chain());
      done({verdict_});
    });
  }

 private:
  Workers& workers_;
  Result<void> verdict_;
};

TEST(Need, EverythingOnBothSidesInOtherThreads) {
  Workers workers;
  ServerOptions server;
  server.credential_chooser = std::make_shared<ThreadedChooser>(workers);
  server.client_auth = ClientAuth::require;
  server.client_verifier = std::make_shared<ThreadedVerifier>(workers, Result<void>());
  ClientOptions client;
  client.verifier = std::make_shared<ThreadedVerifier>(workers, Result<void>());
  client.credential_chooser = std::make_shared<ThreadedChooser>(workers);
  expect_success(run(make(std::move(client)), make(std::move(server))));
}

TEST(Need, VerifierSaysNo) {
  Workers workers;
  ClientOptions client;
  client.verifier = std::make_shared<ThreadedVerifier>(
      workers, Result<void>(fail(Alert::certificate_unknown, Reason::verification_failed)));
  const Outcome outcome = run(make(std::move(client)), make(server_options()));
  ASSERT_FALSE(*outcome.client);
  ASSERT_TRUE(outcome.client->error().tls());
  EXPECT_EQ(outcome.client->error().tls()->reason(), Reason::verification_failed);
  ASSERT_FALSE(*outcome.server);
  ASSERT_TRUE(outcome.server->error().tls());
  EXPECT_EQ(outcome.server->error().tls()->alert(), Alert::certificate_unknown);
}

}  // namespace
}  // namespace handfast::test
