// Every message of a handshake dropped, doubled, swapped, truncated, extended and flipped: the other side notices, with
// the alert that the RFC asks for, and no handshake ends well that was tampered with.
#include <set>

#include <gtest/gtest.h>

#include "engine/tampering.h"

namespace handfast::test {
namespace {

struct Scenario {
  const char* name;
  bool retry;
  bool client_auth;
  ProtocolVersion version = ProtocolVersion::tls1_3;
  bool tls12() const { return version == ProtocolVersion::tls1_2; }
};

ClientOptions client_for(const Scenario& scenario) {
  ClientOptions options = client_options();
  static const auto credential = shared_authority().credential("client.example");
  if (scenario.retry) options.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  if (scenario.client_auth) options.credentials = {credential};
  options.application_protocols = {"h2"};
  options.max_version = scenario.version;
  return options;
}

ServerOptions server_for(const Scenario& scenario) {
  ServerOptions options = server_options();
  if (scenario.retry) {
    options.groups = {NamedGroup::secp256r1};
    options.retry_cookie = true;
  }
  if (scenario.client_auth) {
    options.client_auth = ClientAuth::require;
    options.client_trust = shared_authority().anchors();
  }
  options.application_protocols = {"h2"};
  return options;
}

/// The handshake messages of an honest run.
std::vector<std::pair<Side, HandshakeType>> honest_messages(const Scenario& scenario) {
  Middleman middleman(client_for(scenario), server_for(scenario),
                      [](Side, Piece piece) { return std::vector{std::move(piece)}; });
  middleman.run();
  EXPECT_TRUE(middleman.pair().connected()) << reason(middleman.client()) << " " << reason(middleman.server());
  std::vector<std::pair<Side, HandshakeType>> messages;
  for (const auto& [side, piece] : middleman.seen)
    if (piece.type == ContentType::handshake) messages.emplace_back(side, piece.message());
  return messages;
}

/// Runs the scenario with the `index`-th handshake message given to `change`.
struct Attempt {
  Attempt(const Scenario& scenario, std::size_t index, const std::function<std::vector<Piece>(Piece)>& change)
      : middleman(client_for(scenario), server_for(scenario), [this, index, change](Side, Piece piece) {
          if (piece.type != ContentType::handshake || count++ != index) return std::vector{std::move(piece)};
          return change(std::move(piece));
        }) {
    middleman.run();
  }
  const Connection& receiver(Side sender) const {
    return sender == Side::client ? middleman.server() : middleman.client();
  }
  std::size_t count = 0;
  Middleman middleman;
};

/// In TLS 1.3 nothing behind a ServerHello can be read without it.
bool hides_what_follows(const Scenario& scenario, HandshakeType type) {
  return type == HandshakeType::server_hello && !scenario.tls12();
}

class Tampering : public testing::TestWithParam<Scenario> {};

TEST_P(Tampering, Dropped) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Attempt run(GetParam(), i, [](Piece) { return std::vector<Piece>(); });
    EXPECT_FALSE(run.middleman.pair().connected()) << i << " " << name(messages[i].second);
    // A message that comes behind the gap is not the one that is due; without one, both sides wait.
    const bool last_of_flight = i + 1 == messages.size() || messages[i + 1].first != messages[i].first;
    if (last_of_flight || hides_what_follows(GetParam(), messages[i].second)) continue;
    // In TLS 1.2 change_cipher_spec may be what comes behind the gap, and only the server knows of its
    // CertificateRequest that is gone.
    const std::set<std::string> expected{"unexpected_message", "unexpected_record", "bad_finished", "bad_signature",
                                         "no_certificate"};
    const bool missed_by_sender = GetParam().tls12() && messages[i].second == HandshakeType::certificate_request;
    const Connection& noticing = missed_by_sender ? run.middleman.server() : run.receiver(messages[i].first);
    EXPECT_TRUE(expected.contains(reason(noticing))) << i << " " << name(messages[i].second) << reason(noticing);
  }
}

TEST_P(Tampering, Doubled) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Attempt run(GetParam(), i, [](Piece piece) { return std::vector{piece, piece}; });
    const Connection& receiver = run.receiver(messages[i].first);
    ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
    // The double of a ClientHello that is answered with a HelloRetryRequest is a second one that changed nothing.
    const std::set<std::string> expected{"unexpected_message", "bad_record_mac", "second_retry_request",
                                         "wrong_key_share"};
    EXPECT_TRUE(expected.contains(reason(receiver))) << name(messages[i].second) << " " << reason(receiver);
  }
}

TEST_P(Tampering, SwappedWithTheNext) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) {
    if (messages[i].first != messages[i + 1].first || hides_what_follows(GetParam(), messages[i].second)) continue;
    std::optional<Piece> held;
    std::size_t count = 0;
    Middleman middleman(client_for(GetParam()), server_for(GetParam()), [&](Side, Piece piece) {
      if (piece.type != ContentType::handshake) return std::vector{std::move(piece)};
      const std::size_t at = count++;
      if (at == i) {
        held = std::move(piece);
        return std::vector<Piece>();
      }
      if (at == i + 1) return std::vector{std::move(piece), *held};
      return std::vector{std::move(piece)};
    });
    middleman.run();
    const Connection& receiver = messages[i].first == Side::client ? middleman.server() : middleman.client();
    ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
    EXPECT_EQ(alert(receiver), "unexpected_message") << name(messages[i].second) << " " << reason(receiver);
  }
}

TEST_P(Tampering, Truncated) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].second == HandshakeType::server_hello_done) continue;  // nothing to cut off
    for (std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{8}}) {
      Attempt run(GetParam(), i, [&](Piece piece) {
        piece.bytes.resize(piece.bytes.size() - std::min(cut, piece.bytes.size() - wire::handshake_header_size));
        return std::vector{with_true_length(std::move(piece))};
      });
      const Connection& receiver = run.receiver(messages[i].first);
      ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
      const std::string expected = messages[i].second == HandshakeType::finished ? "decrypt_error" : "decode_error";
      EXPECT_EQ(alert(receiver), expected) << name(messages[i].second) << " " << reason(receiver);
    }
  }
}

TEST_P(Tampering, Extended) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Attempt run(GetParam(), i, [&](Piece piece) {
      piece.bytes.push_back(0);
      return std::vector{with_true_length(std::move(piece))};
    });
    const Connection& receiver = run.receiver(messages[i].first);
    ASSERT_TRUE(receiver.error()) << i << " " << name(messages[i].second);
    const std::string expected = messages[i].second == HandshakeType::finished ? "decrypt_error" : "decode_error";
    EXPECT_EQ(alert(receiver), expected) << name(messages[i].second) << " " << reason(receiver);
  }
}

TEST_P(Tampering, EveryByteFlipped) {
  const auto messages = honest_messages(GetParam());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::size_t size = 0;
    // In TLS 1.2 every one of them travels in the clear; in TLS 1.3 some are enough.
    for (std::size_t at = 0; at == 0 || at < size; at += GetParam().tls12() ? 1 : 1 + size / 40) {
      bool changed = false;  // an ECDSA signature is not always as long as the last one
      Attempt run(GetParam(), i, [&](Piece piece) {
        size = piece.bytes.size();
        changed = at < size;
        if (changed) piece.bytes[at] ^= 0x41;
        return std::vector{std::move(piece)};
      });
      EXPECT_NE(run.middleman.pair().connected(), changed) << name(messages[i].second) << " byte " << at;
    }
  }
}

/// A message of any type where it is not due.
TEST_P(Tampering, Replaced) {
  const auto messages = honest_messages(GetParam());
  constexpr HandshakeType types[] = {
      HandshakeType::hello_request,      HandshakeType::client_hello,          HandshakeType::server_hello,
      HandshakeType::new_session_ticket, HandshakeType::end_of_early_data,     HandshakeType::encrypted_extensions,
      HandshakeType::certificate,        HandshakeType::server_key_exchange,   HandshakeType::certificate_request,
      HandshakeType::server_hello_done,  HandshakeType::certificate_verify,    HandshakeType::client_key_exchange,
      HandshakeType::finished,           HandshakeType::certificate_status,    HandshakeType::key_update,
      HandshakeType::message_hash,       HandshakeType::compressed_certificate};
  for (std::size_t i = 0; i < messages.size(); ++i)
    for (HandshakeType type : types) {
      if (type == messages[i].second) continue;
      Attempt run(GetParam(), i, [&](Piece piece) {
        piece.bytes[0] = static_cast<std::uint8_t>(type);
        return std::vector{std::move(piece)};
      });
      const Connection& receiver = run.receiver(messages[i].first);
      if (type == HandshakeType::hello_request && messages[i].second == HandshakeType::server_hello_done) {
        // RFC 5246, section 7.4.1.1: it is ignored during a handshake, and ServerHelloDone is still waited for.
        EXPECT_FALSE(receiver.error());
        EXPECT_TRUE(receiver.handshaking());
        continue;
      }
      // A CertificateRequest in Certificate's place is due, and does not parse or is not answered; so are
      // ServerHelloDone and CertificateRequest in TLS 1.2.
      const bool may_come = type == HandshakeType::certificate_request || type == HandshakeType::certificate ||
                            type == HandshakeType::server_hello_done;
      EXPECT_TRUE(receiver.error()) << name(messages[i].second) << " as " << name(type);
      if (!may_come) {
        EXPECT_EQ(alert(receiver), "unexpected_message") << name(messages[i].second) << " as " << name(type);
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Tampering,
                         testing::Values(Scenario{"Plain", false, false}, Scenario{"Retry", true, false},
                                         Scenario{"ClientAuth", false, true},
                                         Scenario{"RetryAndClientAuth", true, true},
                                         Scenario{"Tls12", false, false, ProtocolVersion::tls1_2},
                                         Scenario{"Tls12ClientAuth", false, true, ProtocolVersion::tls1_2}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace handfast::test
