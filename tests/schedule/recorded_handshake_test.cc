// RFC 8448 again, but by the flows: a client that is given the recorded server's records answers with the recorded
// client's, byte for byte, and a server answers the recorded ClientHello with the recorded ServerHello.
//
// What is put in from outside: random bytes and keys, the ClientHello (the recorded one has extensions that ours has
// not: session_ticket, psk_key_exchange_modes, renegotiation_info), the verdict on the chain (an RSA key of 1024 bits,
// for a server that is called "rsa") and the client's signature. A server's EncryptedExtensions can't be the recorded
// ones (they have supported_groups, which ours does not send), so behind ServerHello and the handshake secrets its
// transcript is another. Nor can its HelloRetryRequest (a cookie of 114 bytes); the client's part is played from the
// second ClientHello on. The resumed trace waits for PSKs.
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "base/random_supply.h"
#include "engine/inbound.h"
#include "engine/middleman.h"
#include "engine/outbound.h"
#include "engine/pair.h"
#include "handshake/client_tls13.h"
#include "handshake/msg.h"
#include "schedule/rfc8448.h"
#include "support/random.h"
#include "wire/certificate.h"
#include "wire/certificate_verify.h"
#include "wire/client_hello.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

Buffer buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
Buffer operator+(Buffer left, Bytes right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// The records of one connection, in the engine's own halves, under a flow.
class RecordedTransport final : public handshake::Transport {
 public:
  explicit RecordedTransport(const CommonOptions& options)
      : tracer_(nullptr, Side::client, *options.clock),
        inbound_(Side::client, options, tracer_),
        outbound_(Side::client, options, info_, tracer_) {}

  void send(Level, Bytes message) override { outbound_.queue(message); }
  Result<void> install(Direction direction, Level level, const crypto::SuiteParts& suite,
                       const schedule::TrafficSecret& secret) override {
    schedule::TrafficKeys keys = secret.keys(suite.aead());
    record::Protection protection(suite, std::move(keys.key), keys.iv, suite.record_limit);
    if (direction == Direction::sent) return outbound_.install(level, std::move(protection));
    inbound_.install(level, std::move(protection));
    return {};
  }
  Result<void> install(Direction, const crypto::SuiteParts&, schedule::tls12::RecordKeys) override {
    return fail(Alert::internal_error, Reason::internal_error);  // the trace is one of TLS 1.3
  }
  const schedule::TrafficSecret& application_secret(Direction) const override { return none_; }
  void send_change_cipher_spec() override { static_cast<void>(outbound_.send_change_cipher_spec()); }
  Result<void> check_flight_end() const override { return {}; }
  void open(Direction) override {}
  // Nor early data.
  void open_early_data(Direction, std::uint32_t, const std::string&) override { FAIL(); }
  void early_data_accepted() override { FAIL(); }
  void early_data_rejected() override { FAIL(); }
  void skip_early_data(std::uint32_t) override { FAIL(); }
  void limit_records(Direction direction, std::uint16_t limit) override {
    direction == Direction::sent ? outbound_.limit(limit) : inbound_.limit(limit);
  }

  engine::Inbound& inbound() { return inbound_; }
  engine::Outbound& outbound() { return outbound_; }
  std::string take() {
    static_cast<void>(outbound_.flush());
    const std::string taken = to_hex(outbound_.output().view());
    outbound_.output().drain(taken.size() / 2);
    return taken;
  }

 private:
  config::Tracer tracer_;
  ConnectionInfo info_;
  engine::Inbound inbound_;
  engine::Outbound outbound_;
  schedule::TrafficSecret none_;  // these recordings have no post-handshake authentication
};

/// Says that verification is for the outside; it is never called.
class Outsider final : public ChainVerifier {
 public:
  void verify(VerifyRequest, std::function<void(VerifyAnswer)>) const override { FAIL(); }
};

/// The key of a recorded certificate, which signs elsewhere.
class AbsentKey final : public PrivateKey {
 public:
  AbsentKey(SignatureScheme scheme, Buffer public_key) : scheme_(scheme), public_key_(std::move(public_key)) {}
  std::span<const SignatureScheme> schemes() const override { return {&scheme_, 1}; }
  Bytes public_key() const override { return public_key_; }
  void sign(SignatureScheme, Buffer, SignHandler) const override { FAIL(); }

 private:
  SignatureScheme scheme_;
  Buffer public_key_;
};

/// The certificate and the signature of a recorded side.
struct RecordedIdentity {
  RecordedIdentity(const RecordedTrace& trace, Side side) {
    const Buffer& certificate = trace.step(side, "construct a Certificate handshake")["Certificate"];
    const Buffer& verify = trace.step(side, "construct a CertificateVerify")["CertificateVerify"];
    const wire::CertificateVerify parsed =
        value(wire::parse_certificate_verify(Bytes(verify).subspan(4), ProtocolVersion::tls1_3));
    const wire::Certificate list = value(wire::parse_certificate(Bytes(certificate).subspan(4), 1));
    const Buffer der = buffer(list.certificate_list.front().cert_data);
    const auto leaf = value(x509::Certificate::parse(der));
    signature = buffer(parsed.signature);
    credential = value(Credential::make(
        {der}, std::make_shared<AbsentKey>(parsed.algorithm, buffer(leaf->public_key.subject_public_key))));
  }
  std::shared_ptr<const Credential> credential;
  Buffer signature;
};

/// A client in the middle of a recorded handshake: its hello is sent.
class RecordedClient {
 public:
  RecordedClient(const RecordedTrace& trace, bool compatible)
      : config_(make_config(trace, compatible)),
        transport_(config_->options()),
        engine_(*config_, value(x509::ServerName::parse("server")), 443, transport_, info_, nullptr) {
    const bool retried = trace.title == "HelloRetryRequest";
    const Buffer& first = trace.step(Side::client, "send handshake record")["payload"];
    hello_ = retried ? trace.step(Side::client, "send handshake record", 1)["payload"] : first;
    if (retried) {  // RFC 8446, section 4.4.1: the first one as a message_hash
      const crypto::Digest digest = crypto::Hash::of(crypto::HashAlgorithm::sha256, first);
      offer_.transcript.add(from_hex("fe000020") + digest.view());
      offer_.transcript.add(trace.step(Side::server, "construct a ServerHello")["ServerHello"]);
    }
    offer_.transcript.add(hello_);
    const wire::ClientHello hello = value(wire::parse_client_hello(Bytes(hello_).subspan(4)));
    offer_.legacy_session_id = buffer(hello.legacy_session_id);
    for (const wire::Extension& extension : hello.extensions) offer_.extensions.add(extension.type);
    RecordedRandom key(trace.step(Side::client, "create an ephemeral", retried)["private key"]);
    const NamedGroup group = retried ? NamedGroup::secp256r1 : NamedGroup::x25519;
    offer_.shares.push_back(value(crypto::KeyExchange::generate(group, key)));
    if (trace.title == "Client Authentication") signature_ = RecordedIdentity(trace, Side::client).signature;
    message_ = handshake::Msg(trace.step(Side::server, "construct a ServerHello", retried)["ServerHello"]);
    server_hello_ = value(wire::parse_server_hello(message_.body()));
  }

  void start() {
    info_.version = ProtocolVersion::tls1_3;  // as client() finds it in the ServerHello
    engine_.start(handshake::client_tls13(engine_, offer_, message_, server_hello_).release());
  }

  /// Works on one record: handshake messages go to the flow, as long as there is one. Gives what else it held.
  Buffer receive(Buffer record) {
    const engine::Inbound::Step step = value(transport_.inbound().step(record));
    if (!step.record) return {};
    Bytes content = step.record->content;
    if (step.record->type != ContentType::handshake || engine_.done()) return buffer(content);
    handshake::Reassembler message;
    while (message.take_header(content) && message.take_body(content)) {
      value(engine_.check_header(message.header()));
      engine_.deliver(message.finish(), transport_.inbound().level());
      answer();
      if (engine_.failure()) throw std::runtime_error(engine_.failure()->message());
    }
    return {};
  }

  const handshake::ClientEngine& engine() const { return engine_; }
  const ConnectionInfo& info() const { return info_; }
  RecordedTransport& transport() { return transport_; }

 private:
  static std::shared_ptr<const ClientConfig> make_config(const RecordedTrace& trace, bool compatible) {
    ClientOptions options = client_options();
    options.verifier = std::make_shared<Outsider>();
    options.min_version = ProtocolVersion::tls1_3;
    options.middlebox_compatibility = compatible;
    options.record_size_limit = 16385;  // as the recorded hellos have it
    if (trace.title == "Client Authentication")
      options.credentials = {RecordedIdentity(trace, Side::client).credential};
    return value(ClientConfig::make(std::move(options)));
  }

  void answer() {
    while (const Need* need = engine_.need()) {
      const bool verifies = std::holds_alternative<VerifyRequest>(need->request);
      value(engine_.answer(need->id, verifies ? Answer(VerifyAnswer{{}}) : Answer(SignAnswer{signature_})));
    }
  }

  std::shared_ptr<const ClientConfig> config_;
  ConnectionInfo info_;
  RecordedTransport transport_;
  handshake::ClientEngine engine_;
  handshake::Offer offer_;
  Buffer hello_;
  handshake::Msg message_;
  wire::ServerHello server_hello_;
  Buffer signature_;
};

class RecordedHandshake : public VectorTest {
 protected:
  /// From ServerHello to close_notify. Gives how many records were compared.
  static int play(std::size_t number) {
    const RecordedTrace trace = read_rfc8448().at(number);
    RecordedClient client(trace, trace.title == "Compatibility Mode");
    client.start();
    bool hellos = true;  // until the server's first protected record
    std::string expected;
    int records = 0;
    for (const TraceStep& step : trace.steps) {
      if (!step.begins("send")) continue;
      const Buffer& record = step["complete record"];
      if (step.side == Side::server) {
        hellos = hellos && record[0] != 23;
        if (hellos) continue;
        EXPECT_EQ(to_hex(client.receive(record)), to_hex(data_in(step)));
        continue;
      }
      if (record[0] == 22) continue;  // the hellos
      expected += to_hex(record);
      // The flow itself sends change_cipher_spec and its flight; the rest is for the application to send.
      Bytes payload = step["payload"];
      if (step.begins("send application_data")) value(client.transport().outbound().send_data(payload));
      if (step.begins("send alert"))
        value(client.transport().outbound().send_alert({wire::AlertLevel::warning, Alert::close_notify}));
      if (step.begins("send change_cipher_spec")) continue;
      EXPECT_EQ(client.transport().take(), expected);
      expected.clear();
      ++records;
    }
    EXPECT_TRUE(client.engine().done());
    EXPECT_TRUE(client.info().peer_verified);
    return records;
  }

  /// What a record brings that is not for the handshake.
  static Buffer data_in(const TraceStep& step) {
    const Buffer& payload = step["payload"];
    const bool for_handshake = step.begins("send handshake") && payload[0] != 4;
    return for_handshake ? Buffer() : payload;
  }
};

TEST_F(RecordedHandshake, ClientSimple) { EXPECT_EQ(play(0), 3); }
TEST_F(RecordedHandshake, ClientHelloRetryRequest) { EXPECT_EQ(play(2), 2); }
TEST_F(RecordedHandshake, ClientAuthentication) { EXPECT_EQ(play(3), 2); }
TEST_F(RecordedHandshake, ClientCompatibilityMode) { EXPECT_EQ(play(4), 2); }

/// Our server, given the recorded server's random bytes and the recorded ClientHello.
class RecordedServer : public VectorTest {
 protected:
  static void play(std::size_t number, bool compatible) {
    const RecordedTrace trace = read_rfc8448().at(number);
    const RecordedIdentity identity(trace, Side::server);
    const Buffer& server_hello = trace.step(Side::server, "construct a ServerHello")["ServerHello"];
    ServerOptions options = server_options();
    options.credentials = {identity.credential};
    options.min_version = ProtocolVersion::tls1_3;
    options.middlebox_compatibility = compatible;
    // The key is taken first, then ServerHello.random; more is drawn at once.
    options.random =
        std::make_shared<RecordedRandom>(trace.step(Side::server, "create an ephemeral")["private key"] +
                                         Bytes(server_hello).subspan(6, 32) + Buffer(base::RandomSupply::drawn));
    const auto secrets = std::make_shared<SecretKeeper>();
    options.key_log = secrets;
    End server{make_server(std::move(options)), {}, {}};
    server.feed(trace.record(Side::client, 0));
    ASSERT_NE(server.connection.need(), nullptr) << reason(server.connection);
    const SignRequest* request = std::get_if<SignRequest>(&server.connection.need()->request);
    ASSERT_NE(request, nullptr);
    value(server.connection.answer(server.connection.need()->id, SignAnswer{identity.signature}));

    std::string expected = to_hex(trace.record(Side::server, 0));
    if (compatible) expected += to_hex(trace.record(Side::server, 1));
    Buffer output = take_output(server.connection);
    EXPECT_EQ(to_hex(output).substr(0, expected.size()), expected);
    EXPECT_EQ(to_hex(secrets->secrets.at("CLIENT_HANDSHAKE_TRAFFIC_SECRET")),
              to_hex(trace.step(Side::server, "derive secret \"tls13 c hs traffic\"")["expanded"]));
    const Buffer& secret = secrets->secrets.at("SERVER_HANDSHAKE_TRAFFIC_SECRET");
    EXPECT_EQ(to_hex(secret), to_hex(trace.step(Side::server, "derive secret \"tls13 s hs traffic\"")["expanded"]));

    // Of what follows, Certificate and CertificateVerify are the recorded ones.
    const crypto::SuiteParts& suite = *crypto::find_suite(CipherSuite::TLS_AES_128_GCM_SHA256);
    schedule::TrafficKeys keys = schedule::TrafficSecret(suite.hash, base::Secret(Bytes(secret))).keys(suite.aead());
    record::Protection protection(suite, std::move(keys.key), keys.iv, UINT64_MAX);
    std::string opened;
    for (MutableBytes rest = MutableBytes(output).subspan(expected.size() / 2); !rest.empty();) {
      const MutableBytes record = rest.first(record::header_size + record::parse_header(rest).length);
      opened += to_hex(value(protection.open(record, record::max_plaintext + 1)).content);
      rest = rest.subspan(record.size());
    }
    EXPECT_NE(opened.find(to_hex(trace.step(Side::server, "construct a Certificate handshake")["Certificate"]) +
                          to_hex(trace.step(Side::server, "construct a CertificateVerify")["CertificateVerify"])),
              std::string::npos);
  }
};

TEST_F(RecordedServer, Simple) { play(0, false); }
TEST_F(RecordedServer, CompatibilityMode) { play(4, true); }

}  // namespace
}  // namespace handfast::test
