// Each fatal alert of TLS 1.3 provoked, as the peer sees it: the alert and the reason behind it.
#include <gtest/gtest.h>

#include "engine/tampering.h"

namespace handfast::test {
namespace {

TEST(Alerts, UnexpectedMessage) {
  Middleman middleman(client_options(), server_options(), change(HandshakeType::encrypted_extensions, [](Buffer& m) {
                        m[0] = static_cast<std::uint8_t>(HandshakeType::finished);
                      }));
  expect_alert(middleman, Side::client, "unexpected_message", "unexpected_message");
}

TEST(Alerts, BadRecordMac) {
  Pair pair;
  pair.pump();
  ASSERT_TRUE(pair.client.connection.send(as_bytes("data")));
  Buffer bytes = take_output(pair.client.connection);
  bytes.back() ^= 1;
  pair.server.feed(bytes);
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
  EXPECT_EQ(alert(pair.client.connection), "bad_record_mac");
}

TEST(Alerts, RecordOverflow) {
  Pair pair;
  pair.server.feed(Buffer{22, 3, 1, 0x41, 0x01});
  EXPECT_EQ(reason(pair.server.connection), "record_too_long");
  EXPECT_EQ(alert(pair.server.connection), "record_overflow");
}

TEST(Alerts, HandshakeFailure) {
  ClientOptions client = client_options();
  client.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  ServerOptions server = server_options();
  server.cipher_suites = {CipherSuite::TLS_AES_256_GCM_SHA384};
  expect_alert(client, server, Side::server, "handshake_failure", "no_common_cipher_suite");

  client = client_options();
  client.groups = {NamedGroup::x25519};
  server = server_options();
  server.groups = {NamedGroup::secp384r1};
  expect_alert(client, server, Side::server, "handshake_failure", "no_common_group");

  client = client_options();
  client.signature_schemes = {SignatureScheme::ed25519};
  Middleman middleman(client, server_options(), unchanged);
  expect_alert(middleman, Side::server, "handshake_failure", "no_common_signature_scheme");
  EXPECT_EQ(to_text(*middleman.server().error()->find("offered")), "ed25519");
  EXPECT_EQ(to_text(*middleman.server().error()->find("supported")), "ecdsa_secp256r1_sha256");
}

TEST(Alerts, BadCertificate) {
  ClientOptions stranger = client_options();
  stranger.trust = Authority("Another root").anchors();
  expect_alert(std::move(stranger), server_options(), Side::client, "unknown_ca", "unknown_issuer");

  // A root of the right name and another key.
  ClientOptions impostor = client_options();
  impostor.trust = Authority().anchors();
  expect_alert(std::move(impostor), server_options(), Side::client, "bad_certificate", "bad_certificate_signature");

  Middleman middleman(client_options(), server_options(), unchanged, "other.example");
  expect_alert(middleman, Side::client, "bad_certificate", "name_mismatch");
}

TEST(Alerts, CertificateExpired) {
  for (int offset : {-100'000, 100'000}) {
    ClientOptions client = client_options();
    auto clock = std::make_shared<FixedClock>();
    clock->seconds += offset;
    client.clock = clock;
    expect_alert(client, server_options(), Side::client, "certificate_expired",
                 offset > 0 ? "certificate_expired" : "certificate_not_yet_valid");
  }
}

TEST(Alerts, CertificateRequired) {
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::require;
  server.client_trust = shared_authority().anchors();
  expect_alert(client_options(), std::move(server), Side::server, "certificate_required", "no_certificate");
}

TEST(Alerts, IllegalParameter) {
  Middleman middleman(client_options(), server_options(), change(HandshakeType::server_hello, [](Buffer& m) {
                        m[4 + 2 + 32 + 1] ^= 1;  // legacy_session_id_echo
                      }));
  expect_alert(middleman, Side::client, "illegal_parameter", "wrong_session_id_echo");
}

TEST(Alerts, DecodeError) {
  Middleman middleman(client_options(), server_options(), change(HandshakeType::client_hello, [](Buffer& m) {
                        m[4 + 2 + 32] = 33;  // legacy_session_id is at most 32 bytes
                      }));
  expect_alert(middleman, Side::server, "decode_error", "decode_error");
}

TEST(Alerts, DecryptError) {
  Middleman finished(client_options(), server_options(),
                     change(HandshakeType::finished, [](Buffer& m) { m.back() ^= 1; }));
  expect_alert(finished, Side::client, "decrypt_error", "bad_finished");
  Middleman signature(client_options(), server_options(),
                      change(HandshakeType::certificate_verify, [](Buffer& m) { m.back() ^= 1; }));
  expect_alert(signature, Side::client, "decrypt_error", "bad_signature");
}

TEST(Alerts, ProtocolVersion) {
  ServerOptions server = server_options();
  server.min_version = ProtocolVersion::tls1_3;
  Middleman middleman(client_options(), std::move(server), hide(ExtensionType::supported_versions));
  expect_alert(middleman, Side::server, "protocol_version", "no_common_version");
}

TEST(Alerts, MissingExtension) {
  for (ExtensionType type :
       {ExtensionType::key_share, ExtensionType::supported_groups, ExtensionType::signature_algorithms}) {
    Middleman middleman(client_options(), server_options(), hide(type));
    expect_alert(middleman, Side::server, "missing_extension", "missing_extension");
    EXPECT_EQ(to_text(*middleman.server().error()->find("extension")), name(type));
  }
}

TEST(Alerts, UnsupportedExtension) {
  // EncryptedExtensions with an answer to a question that nobody asked.
  Middleman middleman(client_options(), server_options(), change(HandshakeType::encrypted_extensions, [](Buffer& m) {
                        m = {8, 0, 0, 11, 0, 9, 0, 16, 0, 5, 0, 3, 2, 'h', '2'};
                      }));
  expect_alert(middleman, Side::client, "unsupported_extension", "unsolicited_extension");
}

TEST(Alerts, UnrecognizedName) {
  ServerOptions server = server_options();
  server.strict_server_name = true;
  Middleman middleman(client_options(), std::move(server), unchanged, "other.example");
  expect_alert(middleman, Side::server, "unrecognized_name", "unrecognized_name");
}

/// A known name whose credential does not sign as the client wants is no unrecognized one.
TEST(Alerts, AKnownNameWithTheWrongKey) {
  ServerOptions server = server_options();
  server.strict_server_name = true;
  server.credentials.push_back(shared_authority().credential("other.example", crypto::KeyType::ed25519));
  ClientOptions client = client_options();
  client.signature_schemes = {SignatureScheme::ed25519};
  expect_alert(client, server, Side::server, "handshake_failure", "no_common_signature_scheme");
}

TEST(Alerts, ACertificateSignedAsNobodyAskedFor) {
  ClientOptions client = client_options();
  client.certificate_schemes = {SignatureScheme::rsa_pkcs1_sha256};
  expect_alert(client, server_options(), Side::client, "bad_certificate", "unsupported_signature_algorithm");
}

/// The second ClientHello, each thing changed that may not be: seen by the server itself.
TEST(Alerts, SecondClientHello) {
  struct Case {
    const char* what;
    std::function<void(Buffer&)> how;
    std::string_view reason;
  };
  auto extension = [](ExtensionType type, std::size_t byte) {
    return [=](Buffer& m) { m[find_extension(m, type, extensions_of_client_hello(m)) + byte] ^= 1; };
  };
  const Case cases[] = {
      {"legacy_version", [](Buffer& m) { m[5] ^= 2; }, "changed_hello"},
      {"random", [](Buffer& m) { m[10] ^= 1; }, "changed_hello"},
      {"legacy_session_id", [](Buffer& m) { m[45] ^= 1; }, "changed_hello"},
      {"cipher_suites", [](Buffer& m) { m[4 + 2 + 32 + 33 + 3] ^= 1; }, "changed_hello"},
      {"compression", [](Buffer& m) { m[extensions_of_client_hello(m) - 3] = 1; }, "bad_compression_methods"},
      {"server_name", extension(ExtensionType::server_name, 12), "changed_hello"},
      {"supported_groups", extension(ExtensionType::supported_groups, 9), "changed_hello"},
      {"signature_algorithms", extension(ExtensionType::signature_algorithms, 9), "changed_hello"},
      {"alpn", extension(ExtensionType::application_layer_protocol_negotiation, 8), "changed_hello"},
      {"group of the share", extension(ExtensionType::key_share, 7), "wrong_key_share"},
      {"cookie", extension(ExtensionType::cookie, 12), "bad_cookie"},
  };
  for (const Case& each : cases) {
    ClientOptions client = client_options();
    client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
    client.application_protocols = {"h2"};
    ServerOptions server = server_options();
    server.groups = {NamedGroup::secp256r1};
    server.retry_cookie = true;
    std::size_t hellos = 0;
    Middleman middleman(std::move(client), std::move(server), [&](Side, Piece piece) {
      if (piece.type == ContentType::handshake && piece.message() == HandshakeType::client_hello && ++hellos == 2)
        each.how(piece.bytes);
      return std::vector{std::move(piece)};
    });
    middleman.run();
    EXPECT_EQ(reason(middleman.server()), each.reason) << each.what;
    EXPECT_EQ(alert(middleman.server()), "illegal_parameter") << each.what;
  }
}

/// What a client refuses of a HelloRetryRequest and a ServerHello.
TEST(Alerts, WhatAServerMayNotChoose) {
  auto client_hears = [](ClientOptions client, ServerOptions server, HandshakeType type,
                         const std::function<void(Buffer&)>& how) {
    Middleman middleman(std::move(client), std::move(server), change(type, how));
    middleman.run();
    return reason(middleman.client());
  };
  constexpr std::size_t suite_at = 4 + 2 + 32 + 33;
  ClientOptions client = client_options();
  client.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  EXPECT_EQ(client_hears(client, server_options(), HandshakeType::server_hello, [](Buffer& m) { m[suite_at + 1] = 3; }),
            "wrong_cipher_suite_selected");
  auto share = [](Buffer& m) { return find_extension(m, ExtensionType::key_share, suite_at + 2 + 1 + 2); };
  EXPECT_EQ(client_hears(client, server_options(), HandshakeType::server_hello,
                         [&](Buffer& m) { m[share(m) + 5] = static_cast<std::uint8_t>(NamedGroup::secp256r1); }),
            "wrong_key_share");
  client.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  ServerOptions retrying = server_options();
  retrying.groups = {NamedGroup::secp256r1};
  for (NamedGroup bad : {NamedGroup::x25519, NamedGroup::secp384r1})
    EXPECT_EQ(client_hears(client, retrying, HandshakeType::server_hello,
                           [&](Buffer& m) { m[share(m) + 5] = static_cast<std::uint8_t>(bad); }),
              "wrong_group_selected");
  EXPECT_EQ(client_hears(client, retrying, HandshakeType::server_hello,
                         [&](Buffer& m) {
                           const std::size_t at = share(m);
                           m.erase(m.begin() + static_cast<std::ptrdiff_t>(at),
                                   m.begin() + static_cast<std::ptrdiff_t>(at) + 6);
                           m[3] = static_cast<std::uint8_t>(m[3] - 6);
                           m[suite_at + 4] = static_cast<std::uint8_t>(m[suite_at + 4] - 6);
                         }),
            "empty_retry_request");
  client = client_options();
  client.application_protocols = {"h2"};
  ServerOptions h2 = server_options();
  h2.application_protocols = {"h2"};
  EXPECT_EQ(client_hears(client, h2, HandshakeType::encrypted_extensions,
                         [](Buffer& m) { *std::ranges::find(m, 'h') = 'x'; }),
            "wrong_application_protocol");
}

/// Bytes of the next flight in the record of the last one: they would be read under keys that are no more.
TEST(Alerts, ExcessHandshakeData) {
  for (HandshakeType type : {HandshakeType::client_hello, HandshakeType::server_hello, HandshakeType::finished}) {
    Middleman middleman(client_options(), server_options(),
                        change(type, [](Buffer& m) { m.insert(m.end(), {11, 0, 0}); }));
    middleman.run();
    const Connection& receiver = type == HandshakeType::client_hello ? middleman.server() : middleman.client();
    EXPECT_EQ(reason(receiver), "excess_handshake_data") << name(type);
    EXPECT_EQ(alert(receiver), "unexpected_message") << name(type);
  }
}

/// Records that are wrong under the right keys.
TEST(Alerts, ProtectedRecords) {
  for (bool padding_alone : {false, true}) {
    auto keeper = std::make_shared<SecretKeeper>();
    ClientOptions client = client_options();
    client.key_log = keeper;
    Pair pair(std::move(client));
    pair.pump();
    ASSERT_TRUE(pair.connected());
    const crypto::SuiteParts& suite = *crypto::find_suite(pair.client.connection.info().cipher_suite);
    schedule::TrafficKeys keys =
        schedule::TrafficSecret(suite.hash, base::Secret(Bytes(keeper->secrets["CLIENT_TRAFFIC_SECRET_0"])))
            .keys(suite.aead());
    // A record of type handshake outside, or one of zeros alone.
    const Buffer inner = padding_alone ? Buffer(5, 0) : Buffer{'x', 23};
    Buffer record(record::header_size + inner.size() + crypto::aead_tag_size);
    record::write_header(record, padding_alone ? ContentType::application_data : ContentType::handshake, 0x0303,
                         record.size() - record::header_size);
    ASSERT_TRUE(keys.key.seal(keys.iv, Bytes(record).first(record::header_size), inner, {},
                              MutableBytes(record).subspan(record::header_size)));
    pair.server.feed(record);
    EXPECT_EQ(reason(pair.server.connection), padding_alone ? "no_content_type" : "bad_outer_content_type");
    EXPECT_EQ(alert(pair.server.connection), "unexpected_message");
  }
}

TEST(Alerts, RecordVersions) {
  End first{make_server(), {}, {}};
  first.feed(Buffer{22, 2, 0, 0, 1, 1});
  EXPECT_EQ(reason(first.connection), "not_tls");
  Pair pair;
  pair.pump();
  pair.server.feed(Buffer{23, 3, 4, 0, 1, 1});
  EXPECT_EQ(reason(pair.server.connection), "bad_record_version");
  EXPECT_EQ(alert(pair.server.connection), "protocol_version");
}

TEST(Alerts, NoMatchingIssuer) {
  CredentialExtras extras;
  extras.must_match_issuer = true;
  ServerOptions server = server_options();
  server.credentials = {
      shared_authority().credential(shared_authority().leaf({"server.example"}), crypto::KeyType::p256, extras)};
  expect_alert(client_options(), server, Side::server, "handshake_failure", "no_matching_issuer");
  ClientOptions client = client_options();
  const Bytes subject = shared_authority().subject();
  client.server_ca_names = {Buffer(subject.begin(), subject.end())};
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  EXPECT_TRUE(pair.connected()) << reason(pair.server.connection);
}

TEST(Alerts, NoApplicationProtocol) {
  ClientOptions client = client_options();
  client.application_protocols = {"h2"};
  ServerOptions server = server_options();
  server.application_protocols = {"http/1.1"};
  expect_alert(client, server, Side::server, "no_application_protocol", "no_application_protocol");
  server.require_application_protocol = false;
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  EXPECT_TRUE(pair.connected());
  EXPECT_EQ(pair.client.connection.info().application_protocol, "");
}

/// A key that can't sign.
class BrokenKey final : public PrivateKey {
 public:
  std::span<const SignatureScheme> schemes() const override { return shared_credential()->key()->schemes(); }
  Bytes public_key() const override { return shared_credential()->key()->public_key(); }
  void sign(SignatureScheme, Buffer, SignHandler done) const override {
    done(fail(Alert::internal_error, Reason::signing_failed));
  }
};

TEST(Alerts, InternalError) {
  ServerOptions server = server_options();
  server.credentials = {value(Credential::make(shared_credential()->chain(), std::make_shared<BrokenKey>()))};
  Pair pair(client_options(), std::move(server));
  pair.pump();
  const Need* need = pair.server.connection.need();
  ASSERT_TRUE(need);
  EXPECT_FALSE(
      pair.server.connection.answer(need->id, SignAnswer{fail(Alert::internal_error, Reason::signing_failed)}));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "signing_failed");
  EXPECT_EQ(alert(pair.client.connection), "internal_error");
}

TEST(Alerts, OfThePeer) {
  // close_notify and user_canceled are no errors; any other warning is, and so is a fatal anything.
  struct Case {
    Buffer content;
    std::string_view reason;
    std::string_view alert;
  };
  const Case cases[] = {
      {{2, 40}, "alert_received", "handshake_failure"},
      {{2, 0}, "alert_received", "close_notify"},
      {{2, 255}, "alert_received", "0xff"},
      {{1, 40}, "bad_alert", "decode_error"},
      {{3, 40}, "bad_alert", "illegal_parameter"},
      {{2}, "bad_alert", "decode_error"},
      {{2, 40, 2, 40}, "bad_alert", "decode_error"},
  };
  for (const Case& each : cases) {
    Middleman middleman(client_options(), server_options(), after_finished(ContentType::alert, each.content));
    middleman.run();
    EXPECT_EQ(reason(middleman.server()), each.reason);
    EXPECT_EQ(alert(middleman.server()), each.alert);
  }
  Middleman canceled(client_options(), server_options(), after_finished(ContentType::alert, {1, 90}));
  canceled.run();
  EXPECT_TRUE(canceled.pair().connected());
}

TEST(Alerts, AfterAFatalAlertNothingIsSent) {
  Middleman middleman(client_options(), server_options(), after_finished(ContentType::alert, {2, 40}));
  middleman.run();
  EXPECT_EQ(reason(middleman.server()), "alert_received");
  EXPECT_FALSE(middleman.client().error());
  EXPECT_TRUE(middleman.server().output().empty());
}

TEST(Alerts, RenegotiationIsRefused) {
  for (HandshakeType type : {HandshakeType::client_hello, HandshakeType::hello_request}) {
    Middleman middleman(client_options(), server_options(),
                        after_finished(ContentType::handshake, {static_cast<std::uint8_t>(type), 0, 0, 0}));
    expect_alert(middleman, Side::server, "unexpected_message", "renegotiation");
  }
}

}  // namespace
}  // namespace handfast::test
