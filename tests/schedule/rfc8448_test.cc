// RFC 8448, step by step: every secret, key, Finished, transcript hash and record of its five traces, reproduced.
#include <gtest/gtest.h>

#include <optional>

#include "base/output_buffer.h"
#include "crypto/key_exchange.h"
#include "record/protection.h"
#include "schedule/expand_label.h"
#include "schedule/rfc8448.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "support/random.h"
#include "wire/new_session_ticket.h"
#include "wire/server_hello.h"

namespace handfast::test {
namespace {

using crypto::HashAlgorithm;

/// Every trace is of TLS_AES_128_GCM_SHA256.
constexpr HashAlgorithm sha256 = HashAlgorithm::sha256;

Buffer buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

Buffer expand(Bytes secret, std::string_view label, Bytes context, std::size_t size) {
  Buffer out(size);
  schedule::expand_label(crypto::Hmac(sha256, secret), label, context, out);
  return out;
}

/// Plays a trace in the order of the RFC. What a step says is held against the functions of schedule/ and record/, and
/// against the typed stages with the transcript that the recorded messages give.
class Replay {
 public:
  void play(const TraceStep& step) {
    SCOPED_TRACE((step.side == Side::client ? "{client} " : "{server} ") + step.what);
    if (step.values.empty()) return;  // "(same as server)"
    if (step.begins("create an ephemeral")) return create_key(step);
    if (step.begins("extract secret")) return extract(step);
    if (step.begins("derive secret")) return derive(step);
    if (step.begins("generate resumption secret")) return resume(step);
    if (step.begins("calculate finished")) return finish(step);
    if (step.begins("calculate PSK binder")) return bind(step);
    if (step.begins("construct")) return construct(step);
    if (step.begins("derive write traffic keys") || step.begins("derive read traffic keys")) return key(step);
    if (step.begins("send")) return send(step);
    ADD_FAILURE() << "a step that nobody knows";
  }

  int keys = 0, secrets = 0, stages = 0, finished = 0, messages = 0, records = 0;

 private:
  struct Lane {
    std::optional<record::Protection> writer;
    std::optional<record::Protection> reader;
    std::optional<crypto::KeyExchange> key;
    Buffer share;
  };
  Lane& lane(Side side) { return side == Side::client ? client_ : server_; }

  void create_key(const TraceStep& step) {
    const NamedGroup group = step.what.find("P-256") == std::string::npos ? NamedGroup::x25519 : NamedGroup::secp256r1;
    RecordedRandom random(step["private key"]);
    Result<crypto::KeyExchange> key = crypto::KeyExchange::generate(group, random);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->share()), to_hex(step["public key"]));
    lane(step.side).share = step["public key"];
    lane(step.side).key.emplace(std::move(*key));
    ++keys;
  }

  void extract(const TraceStep& step) {
    const std::string label = step.label();
    const Buffer salt = step.has("salt") ? step["salt"] : Buffer();
    const Buffer& secret = step["secret"];
    const base::Secret extracted = crypto::hkdf_extract(sha256, salt, step["IKM"]);
    EXPECT_EQ(to_hex(extracted.view()), to_hex(secret));
    ++secrets;
    if (label == "early") {
      schedule::EarlySecret with_psk = schedule::EarlySecret::of(sha256, base::Secret(Bytes(step["IKM"])));
      EXPECT_EQ(to_hex(with_psk.view()), to_hex(secret));
      const bool without_psk = step["IKM"] == Buffer(32, 0);
      early_.emplace(without_psk ? schedule::EarlySecret(sha256) : std::move(with_psk));
    }
    if (label == "handshake") {
      for (const auto& [own, other] : {std::pair{&client_, &server_}, {&server_, &client_}}) {
        Result<base::Secret> shared = own->key->agree(other->share);
        ASSERT_TRUE(shared);
        EXPECT_EQ(to_hex(shared->view()), to_hex(step["IKM"]));
      }
      handshake_.emplace(std::move(*early_).handshake(base::Secret(Bytes(step["IKM"]))));
    }
    if (label == "master") master_.emplace(std::move(*handshake_).master());
  }

  void derive(const TraceStep& step) {
    const std::string label = step.label();
    const Buffer& expanded = step["expanded"];
    EXPECT_EQ(to_hex(expand(step["PRK"], label, step["hash"], expanded.size())), to_hex(expanded));
    ++secrets;
    if (label == "derived") {
      EXPECT_EQ(to_hex(schedule::empty_hash(sha256).view()), to_hex(step["hash"]));
      return;
    }
    const crypto::Digest now = transcript_.digest();
    EXPECT_EQ(to_hex(now.view()), to_hex(step["hash"]));
    const Buffer stage = [&] {
      const Bytes hash = now.view();
      if (label == "c e traffic") return view(early_->client_early_traffic(hash));
      if (label == "e exp master") return view(early_->early_exporter(hash));
      if (label == "c hs traffic") return view(handshake_->client_handshake_traffic(hash));
      if (label == "s hs traffic") return view(handshake_->server_handshake_traffic(hash));
      if (label == "c ap traffic") return view(master_->client_application_traffic(hash));
      if (label == "s ap traffic") return view(master_->server_application_traffic(hash));
      if (label == "exp master") return view(master_->exporter(hash));
      if (label == "res master") return view(master_->resumption(hash));
      return Buffer();
    }();
    EXPECT_EQ(to_hex(stage), to_hex(expanded));
    ++stages;
  }

  template <typename Secret>
  static Buffer view(const Secret& secret) {
    return buffer(secret.view());
  }

  void resume(const TraceStep& step) {
    // The "hash" is ticket_nonce here (RFC 8446, section 4.6.1).
    const base::Secret psk = schedule::resumption_psk(sha256, base::Secret(Bytes(step["PRK"])), step["hash"]);
    EXPECT_EQ(to_hex(psk.view()), to_hex(step["expanded"]));
    ++secrets;
  }

  void finish(const TraceStep& step) {
    const schedule::TrafficSecret secret(sha256, base::Secret(Bytes(step["PRK"])));
    EXPECT_EQ(to_hex(expand(step["PRK"], "finished", {}, 32)), to_hex(step["expanded"]));
    const crypto::Digest now = transcript_.digest();
    const crypto::Digest verify_data = secret.finished(now.view());
    EXPECT_EQ(to_hex(verify_data.view()), to_hex(step["finished"]));
    ++finished;
  }

  void bind(const TraceStep& step) {
    const crypto::Digest hash = crypto::Hash::of(sha256, step["ClientHello prefix"]);
    EXPECT_EQ(to_hex(hash.view()), to_hex(step["binder hash"]));
    const Bytes no_messages = schedule::empty_hash(sha256).view();
    EXPECT_EQ(to_hex(expand(early_->view(), "res binder", no_messages, 32)), to_hex(step["PRK"]));
    const crypto::Digest binder = early_->binder(schedule::PskKind::resumption, hash.view());
    EXPECT_EQ(to_hex(binder.view()), to_hex(step["finished"]));
    ++finished;
  }

  void construct(const TraceStep& step) {
    ASSERT_EQ(step.values.size(), 1u);
    const auto& [name, message] = *step.values.begin();
    // A ClientHello is whole once its binders are in it, and NewSessionTicket is no part of the handshake.
    if (name == "ClientHello" || name == "NewSessionTicket") return;
    const bool retry = name == "ServerHello" && std::equal(wire::hello_retry_request_random.begin(),
                                                           wire::hello_retry_request_random.end(), message.begin() + 6);
    if (retry) transcript_.fold_first_hello();
    transcript_.add(message);
    ++messages;
  }

  /// The step of whoever reads says the same of the other side, and sometimes it is the only one that says it in full.
  void key(const TraceStep& step) {
    const bool writes = step.begins("derive write");
    const Side writer = writes ? step.side : step.side == Side::client ? Side::server : Side::client;
    EXPECT_EQ(to_hex(expand(step["PRK"], "key", {}, 16)), to_hex(step["key expanded"]));
    const crypto::SuiteParts& suite = *crypto::find_suite(CipherSuite::TLS_AES_128_GCM_SHA256);
    const schedule::TrafficSecret secret(sha256, base::Secret(Bytes(step["PRK"])));
    for (std::optional<record::Protection>* end : {&lane(writer).writer, &lane(writer).reader}) {
      schedule::TrafficKeys keys = secret.keys(suite.aead());
      EXPECT_EQ(to_hex(keys.iv), to_hex(step["iv expanded"]));
      end->emplace(suite, std::move(keys.key), keys.iv, UINT64_MAX);
    }
    ++secrets;
  }

  void send(const TraceStep& step) {
    const Buffer& payload = step["payload"];
    const Buffer& complete = step["complete record"];
    ContentType type = ContentType::handshake;
    if (step.begins("send application_data")) type = ContentType::application_data;
    if (step.begins("send alert")) type = ContentType::alert;
    if (step.begins("send change_cipher_spec")) type = ContentType::change_cipher_spec;
    const bool first_hello = messages == 0;
    const bool hello = type == ContentType::handshake && payload.at(0) == 1;
    if (hello) {
      transcript_.add(payload);
      if (first_hello) transcript_.start(sha256);
      ++messages;
    }
    Lane& from = lane(step.side);
    base::OutputBuffer out;
    if (from.writer && type != ContentType::change_cipher_spec) {
      ASSERT_TRUE(from.writer->seal(type, payload, 0, out));
      EXPECT_EQ(to_hex(out.view()), to_hex(complete));
      Buffer received = complete;
      Result<record::Opened> opened = from.reader->open(received, record::max_plaintext + 1);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->type, type);
      EXPECT_EQ(to_hex(opened->content), to_hex(payload));
    } else {
      record::write_plaintext(type, hello && first_hello ? 0x0301 : 0x0303, payload, out);
      EXPECT_EQ(to_hex(out.view()), to_hex(complete));
    }
    ++records;
  }

  Lane client_;
  Lane server_;
  schedule::Transcript transcript_;
  std::optional<schedule::EarlySecret> early_;
  std::optional<schedule::HandshakeSecret> handshake_;
  std::optional<schedule::MasterSecret> master_;
};

class Rfc8448 : public VectorTest {
 protected:
  static Replay play(std::size_t number) {
    const RecordedTrace trace = read_rfc8448().at(number);
    SCOPED_TRACE(trace.title);
    Replay replay;
    for (const TraceStep& step : trace.steps) replay.play(step);
    return replay;
  }
};

TEST_F(Rfc8448, HasFiveTraces) {
  std::vector<std::string> titles;
  for (const RecordedTrace& trace : read_rfc8448()) titles.push_back(trace.title);
  EXPECT_EQ(titles, (std::vector<std::string>{"Simple 1-RTT Handshake", "Resumed 0-RTT Handshake", "HelloRetryRequest",
                                              "Client Authentication", "Compatibility Mode"}));
}

/// How many of each kind a trace has: so none is passed over.
void expect_counts(const Replay& replay, int secrets, int stages, int finished, int messages, int records) {
  EXPECT_EQ(replay.secrets, secrets);
  EXPECT_EQ(replay.stages, stages);
  EXPECT_EQ(replay.finished, finished);
  EXPECT_EQ(replay.messages, messages);
  EXPECT_EQ(replay.records, records);
}

TEST_F(Rfc8448, Simple) { expect_counts(play(0), 17, 6, 2, 7, 9); }

TEST_F(Rfc8448, Resumed) { expect_counts(play(1), 19, 8, 3, 6, 10); }

TEST_F(Rfc8448, TheFirstTraceGivesThePskOfTheSecond) {
  const std::vector<RecordedTrace> traces = read_rfc8448();
  const base::Secret resumption(Bytes(traces.at(0).step(Side::client, "derive secret \"tls13 res master")["expanded"]));
  const Buffer& ticket = traces.at(0).step(Side::server, "construct a NewSessionTicket")["NewSessionTicket"];
  const Result<wire::NewSessionTicket> parsed = wire::parse_new_session_ticket(Bytes(ticket).subspan(4));
  ASSERT_TRUE(parsed);
  const base::Secret psk = schedule::resumption_psk(sha256, resumption, parsed->ticket_nonce);
  EXPECT_EQ(to_hex(psk.view()), to_hex(traces.at(1).step(Side::client, "extract secret \"early\"")["IKM"]));
}

TEST_F(Rfc8448, HelloRetryRequest) { expect_counts(play(2), 16, 6, 2, 9, 8); }

TEST_F(Rfc8448, ClientAuthentication) { expect_counts(play(3), 16, 6, 2, 10, 6); }

TEST_F(Rfc8448, CompatibilityMode) { expect_counts(play(4), 16, 6, 2, 7, 8); }

}  // namespace
}  // namespace handfast::test
