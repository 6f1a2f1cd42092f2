// Whole handshakes of TLS 1.2 in memory: what is negotiated, and what both sides then know.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "crypto/cipher_suite.h"
#include "engine/agreement.h"
#include "engine/middleman.h"
#include "engine/needs.h"

namespace handfast::test {
namespace {

using crypto::KeyType;
using enum ProtocolVersion;

TEST(Tls12, Full) {
  Pair pair(tls12_client_options());
  pair.pump();
  expect_data_flows(pair);
  for (const End* end : {&pair.client, &pair.server}) {
    const ConnectionInfo& info = end->connection.info();
    EXPECT_EQ(info.version, tls1_2);
    EXPECT_EQ(info.cipher_suite, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
    EXPECT_EQ(info.group, NamedGroup::x25519);
    EXPECT_TRUE(info.extended_master_secret);
    EXPECT_TRUE(info.secure_renegotiation);
    EXPECT_FALSE(info.retried);
  }
  EXPECT_TRUE(pair.client.connection.info().peer_verified);
  EXPECT_EQ(pair.client.connection.info().peer_certificates, shared_credential()->chain());
  EXPECT_EQ(pair.server.connection.info().server_name, "server.example");
  EXPECT_EQ(pair.server.connection.info().credential, shared_credential());
  EXPECT_FALSE(pair.server.connection.info().peer_verified);
}

std::vector<std::pair<KeyType, SignatureScheme>> all_signatures() {
  using enum SignatureScheme;
  return {{KeyType::p256, ecdsa_secp256r1_sha256}, {KeyType::p384, ecdsa_secp384r1_sha384},
          {KeyType::p521, ecdsa_secp521r1_sha512}, {KeyType::ed25519, ed25519},
          {KeyType::rsa, rsa_pss_rsae_sha256},     {KeyType::rsa, rsa_pss_rsae_sha384},
          {KeyType::rsa, rsa_pss_rsae_sha512},     {KeyType::rsa_pss, rsa_pss_pss_sha256},
          {KeyType::rsa_pss, rsa_pss_pss_sha384},  {KeyType::rsa_pss, rsa_pss_pss_sha512},
          {KeyType::rsa, rsa_pkcs1_sha256},        {KeyType::rsa, rsa_pkcs1_sha384},
          {KeyType::rsa, rsa_pkcs1_sha512}};
}

TEST(Tls12, EverySuiteGroupAndSignature) {
  std::size_t cells = 0;
  for (const crypto::SuiteParts& suite : crypto::suites)
    for (NamedGroup group : {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1})
      for (auto [type, scheme] : all_signatures()) {
        if (suite.version != tls1_2 || suite.signature != crypto::suite_signature(type)) continue;
        ClientOptions client = client_options();
        client.cipher_suites = {suite.suite};
        client.signature_schemes = {scheme};
        // The root has a P-256 key.
        client.certificate_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
        ServerOptions server = server_options();
        server.cipher_suites = {suite.suite};
        server.groups = {group};
        server.credentials = {credential_of(type)};
        Pair pair(std::move(client), std::move(server));
        pair.pump();
        ASSERT_TRUE(pair.connected()) << name(suite.suite) << " " << name(group) << " " << name(scheme) << " "
                                      << reason(pair.client.connection) << " " << reason(pair.server.connection);
        for (const End* end : {&pair.client, &pair.server}) {
          EXPECT_EQ(end->connection.info().cipher_suite, suite.suite);
          EXPECT_EQ(end->connection.info().group, group);
        }
        EXPECT_EQ(pair.client.connection.info().peer_signature_scheme, scheme);
        EXPECT_EQ(pair.server.connection.info().own_signature_scheme, scheme);
        ++cells;
      }
  EXPECT_EQ(cells, 7u * 4u * 13u);
}

/// Every order of both sides' limits: the highest version of both, and protocol_version where there is none.
TEST(Tls12, VersionsAreNegotiated) {
  const std::pair<ProtocolVersion, ProtocolVersion> ranges[] = {{tls1_2, tls1_2}, {tls1_2, tls1_3}, {tls1_3, tls1_3}};
  for (auto [client_min, client_max] : ranges)
    for (auto [server_min, server_max] : ranges) {
      ClientOptions client = client_options();
      client.min_version = client_min;
      client.max_version = client_max;
      ServerOptions server = server_options();
      server.min_version = server_min;
      server.max_version = server_max;
      Pair pair(std::move(client), std::move(server));
      pair.pump();
      const ProtocolVersion highest = std::min(client_max, server_max);
      if (highest >= client_min && highest >= server_min) {
        expect_data_flows(pair);
        EXPECT_EQ(pair.client.connection.info().version, highest);
        EXPECT_EQ(pair.server.connection.info().version, highest);
      } else {
        EXPECT_EQ(reason(pair.server.connection), "no_common_version");
        EXPECT_EQ(alert(pair.client.connection), "protocol_version");
      }
    }
}

/// RFC 7507: a client that has fallen back is refused where both could do better, and only there.
TEST(Tls12, FallbackIsRefused) {
  for (ProtocolVersion server_max : {tls1_2, tls1_3}) {
    ClientOptions client = tls12_client_options();
    client.fallback_scsv = true;
    ServerOptions server = server_options();
    server.max_version = server_max;
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    EXPECT_EQ(reason(pair.server.connection), server_max == tls1_2 ? "none" : "inappropriate_fallback");
    EXPECT_EQ(alert(pair.client.connection), server_max == tls1_2 ? "none" : "inappropriate_fallback");
  }
}

/// Even a client that has come below all that the server speaks has fallen back.
TEST(Tls12, FallbackBelowAllVersionsIsRefused) {
  for (bool fallen_back : {false, true}) {
    Buffer hello{22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2};
    hello.resize(hello.size() + 32 + 1);
    const Buffer suites{0, 4, 0xc0, 0x13, 0x56, static_cast<std::uint8_t>(fallen_back ? 0 : 1), 1, 0};
    hello.insert(hello.end(), suites.begin(), suites.end());
    End server{make_server(), {}, {}};
    server.feed(hello);
    EXPECT_EQ(alert(server.connection), fallen_back ? "inappropriate_fallback" : "protocol_version");
  }
}

/// The suite says whose key signs: the credential that has one is chosen, and where none has there is no handshake.
TEST(Tls12, TheCredentialFitsTheSuite) {
  for (KeyType type : {KeyType::p256, KeyType::rsa}) {
    ClientOptions client = client_options();
    client.cipher_suites = {type == KeyType::rsa ? CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                                                 : CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    ServerOptions server = server_options();
    server.credentials = {credential_of(KeyType::p256), credential_of(KeyType::rsa)};
    Pair pair(client, server);
    pair.pump();
    expect_data_flows(pair);
    EXPECT_EQ(pair.server.connection.info().credential, credential_of(type));
    server.credentials = {credential_of(type == KeyType::rsa ? KeyType::p256 : KeyType::rsa)};
    Pair none(client, server);
    none.pump();
    EXPECT_EQ(alert(none.client.connection), "handshake_failure");
    EXPECT_EQ(reason(none.server.connection), "no_common_cipher_suite");
  }
}

/// RFC 8422, section 5.1.1: the client's groups speak of the certificate's curve as well.
TEST(Tls12, TheCredentialFitsTheGroups) {
  ClientOptions client = tls12_client_options();
  client.groups = {NamedGroup::x25519, NamedGroup::secp384r1};
  ServerOptions server = server_options();
  server.credentials = {credential_of(KeyType::p256), credential_of(KeyType::p384)};
  Pair pair(client, server);
  pair.pump();
  expect_data_flows(pair);
  EXPECT_EQ(pair.server.connection.info().credential, credential_of(KeyType::p384));
  server.credentials = {credential_of(KeyType::p256)};
  Pair none(client, server);
  none.pump();
  EXPECT_EQ(alert(none.client.connection), "handshake_failure");
  EXPECT_EQ(reason(none.server.connection), "no_common_group");
  client.groups = {};
  client.signature_schemes = {SignatureScheme::rsa_pss_rsae_sha256};
  Pair unsigned_pair(client, server);
  unsigned_pair.pump();
  EXPECT_EQ(reason(unsigned_pair.server.connection), "no_common_signature_scheme");
}

/// RFC 5246, section 7.4.1.4.1: a scheme is a hash and ECDSA, and says nothing of the curve, as it does in TLS 1.3.
TEST(Tls12, AnyHashOfAnEcdsaKey) {
  using enum SignatureScheme;
  for (KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521})
    for (SignatureScheme scheme : {ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512}) {
      ClientOptions client = tls12_client_options();
      client.signature_schemes = {scheme};
      client.certificate_schemes = supported_signature_schemes();
      client.credentials = {shared_authority().credential("client.example", type)};
      ServerOptions server = server_options();
      server.credentials = {credential_of(type)};
      server.client_auth = ClientAuth::require;
      server.client_trust = shared_authority().anchors();
      server.signature_schemes = {scheme};
      server.certificate_schemes = supported_signature_schemes();
      Pair pair(client, server);
      pair.pump();
      expect_data_flows(pair);
      EXPECT_EQ(pair.server.connection.info().own_signature_scheme, scheme);
      EXPECT_EQ(pair.client.connection.info().own_signature_scheme, scheme);
      client.min_version = client.max_version = ProtocolVersion::tls1_3;
      Pair tied(client, server);
      tied.pump();
      EXPECT_EQ(tied.connected(),
                scheme == credential_of(type)->schemes(ProtocolVersion::tls1_3, Side::server).front());
    }
}

TEST(Tls12, ClientsAuthenticate) {
  for (KeyType type : {KeyType::p256, KeyType::p384, KeyType::rsa, KeyType::rsa_pss, KeyType::ed25519}) {
    ClientOptions client = tls12_client_options();
    client.credentials = {shared_authority().credential("client.example", type)};
    ServerOptions server = server_options();
    server.client_auth = ClientAuth::require;
    server.client_trust = shared_authority().anchors();
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    expect_data_flows(pair);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
    EXPECT_EQ(pair.server.connection.info().peer_identity()->dns_names, std::vector<std::string>{"client.example"});
  }
}

/// RFC 5246, section 7.4.6: TLS 1.2 has no alert of its own for a client without a certificate.
TEST(Tls12, ClientsWithoutACertificate) {
  for (ClientAuth demand : {ClientAuth::request, ClientAuth::require}) {
    ServerOptions server = server_options();
    server.client_auth = demand;
    server.client_trust = shared_authority().anchors();
    Pair pair(tls12_client_options(), std::move(server));
    pair.pump();
    EXPECT_EQ(pair.connected(), demand == ClientAuth::request);
    EXPECT_EQ(alert(pair.server.connection), demand == ClientAuth::request ? "none" : "handshake_failure");
    EXPECT_EQ(reason(pair.server.connection), demand == ClientAuth::request ? "none" : "no_certificate");
  }
}

TEST(Tls12, ApplicationProtocolAndRecordSizeLimit) {
  ClientOptions client = tls12_client_options();
  client.application_protocols = {"h2", "http/1.1"};
  client.record_size_limit = 64;
  ServerOptions server = server_options();
  server.application_protocols = {"http/1.1"};
  server.record_size_limit = 16385;
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  expect_data_flows(pair);
  EXPECT_EQ(pair.client.connection.info().application_protocol, "http/1.1");
  // 64 bytes of content a record: in TLS 1.2 the type does not count (RFC 8449, section 4).
  ASSERT_TRUE(pair.server.connection.send(Buffer(128)));
  EXPECT_EQ(pair.server.connection.output().size(), 2 * (5 + 8 + 64 + 16));
  pair.pump();
  EXPECT_TRUE(pair.connected());
}

TEST(Tls12, ExportersAndBindingsAgree) {
  Pair pair(tls12_client_options());
  pair.pump();
  const auto exported = [](const Connection& connection, std::optional<Bytes> context) {
    Buffer out(64);
    EXPECT_TRUE(connection.export_keying_material("EXPORTER-test", context, out));
    return out;
  };
  for (std::optional<Bytes> context :
       {std::optional<Bytes>(), std::optional<Bytes>(Bytes()), std::optional<Bytes>(as_bytes("context"))})
    EXPECT_EQ(exported(pair.client.connection, context), exported(pair.server.connection, context));
  EXPECT_NE(exported(pair.client.connection, std::nullopt), exported(pair.client.connection, Bytes()));
  EXPECT_EQ(value(pair.client.connection.tls_unique()), value(pair.server.connection.tls_unique()));
  EXPECT_EQ(value(pair.client.connection.tls_unique()).size(), 12u);
  EXPECT_EQ(value(pair.client.connection.channel_binding()), value(pair.server.connection.channel_binding()));
  // RFC 5705, section 4: TLS's own labels are none for others.
  Buffer out(40);
  for (std::string_view label :
       {"key expansion", "client finished", "server finished", "master secret", "extended master secret"})
    EXPECT_FALSE(pair.client.connection.export_keying_material(label, std::nullopt, out)) << label;
  Pair newer;
  newer.pump();
  EXPECT_FALSE(newer.client.connection.tls_unique());
}

/// RFC 7918: the client's data is on its way before the server's Finished has come.
TEST(Tls12, FalseStart) {
  for (bool false_start : {false, true}) {
    ClientOptions client = tls12_client_options();
    client.false_start = false_start;
    Pair pair(std::move(client));
    Pair::carry(pair.client, pair.server);
    Pair::carry(pair.server, pair.client);
    EXPECT_TRUE(pair.client.connection.handshaking());
    EXPECT_EQ(pair.client.connection.can_send(), false_start);
    if (false_start) {
      ASSERT_TRUE(pair.client.connection.send(as_bytes("early")));
    }
    pair.pump();
    EXPECT_TRUE(pair.connected());
    EXPECT_EQ(as_text(pair.server.received), false_start ? "early" : "");
  }
}

/// RFC 5246, section 7.2.1: in TLS 1.2 close_notify closes both directions.
TEST(Tls12, CloseClosesBoth) {
  Pair pair(tls12_client_options());
  pair.pump();
  pair.client.connection.close();
  pair.pump();
  EXPECT_TRUE(pair.server.connection.received_close());
  EXPECT_FALSE(pair.server.connection.can_send());
  EXPECT_TRUE(pair.client.connection.received_close());
  EXPECT_EQ(reason(pair.client.connection), "none");
  EXPECT_EQ(reason(pair.server.connection), "none");
}

TEST(Tls12, HasNoKeyUpdate) {
  Pair pair(tls12_client_options());
  pair.pump();
  const auto updated = pair.client.connection.update_keys(KeyUpdateRequest::update_requested);
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().reason(), Reason::bad_config);
  EXPECT_TRUE(pair.connected());
}

/// RFC 5246, section 7.1: in TLS 1.2 it comes where keys change, and nowhere else; in the middle of a message never.
TEST(Tls12, ChangeCipherSpecOutOfPlace) {
  const Buffer change_cipher_spec{20, 3, 3, 0, 1, 1};
  for (ProtocolVersion max : {tls1_2, tls1_3}) {
    ClientOptions client = client_options();
    client.max_version = max;
    Pair early(client);
    early.client.feed(change_cipher_spec);
    EXPECT_EQ(alert(early.client.connection), max == tls1_2 ? "unexpected_message" : "none");
    Pair inside(client);
    inside.client.feed(Buffer{22, 3, 3, 0, 4, 2, 0, 0, 70});
    inside.client.feed(change_cipher_spec);
    EXPECT_EQ(alert(inside.client.connection), "unexpected_message");
  }
}

/// A hello of 64 KB that has nothing for our key but schemes, thousands of them.
TEST(Tls12, LongListsOfAHello) {
  const std::size_t count = 16000;
  Buffer hello{3, 3};
  hello.resize(hello.size() + 32 + 1);
  const auto u16 = [&](std::size_t value) {
    hello.push_back(static_cast<std::uint8_t>(value >> 8));
    hello.push_back(static_cast<std::uint8_t>(value));
  };
  u16(2 * count);
  for (std::size_t i = 0; i < count; ++i) u16(0x1a1a);
  hello.insert(hello.end(), {1, 0});
  u16(6 + 2 * count), u16(13), u16(2 + 2 * count), u16(2 * count);
  for (std::size_t i = 0; i < count; ++i) u16(0x0403);
  Buffer message{1, 0, static_cast<std::uint8_t>(hello.size() >> 8), static_cast<std::uint8_t>(hello.size())};
  message.insert(message.end(), hello.begin(), hello.end());
  Pair pair;
  for (std::size_t at = 0; at < message.size(); at += 16384) {
    const Bytes fragment = Bytes(message).subspan(at, std::min<std::size_t>(16384, message.size() - at));
    Buffer record{22, 3, 1, static_cast<std::uint8_t>(fragment.size() >> 8),
                  static_cast<std::uint8_t>(fragment.size())};
    record.insert(record.end(), fragment.begin(), fragment.end());
    pair.server.feed(record);
  }
  EXPECT_EQ(reason(pair.server.connection), "no_common_cipher_suite");
  EXPECT_EQ(alert(pair.server.connection), "handshake_failure");
}

/// RFC 5246, section 7.4.6: a client whose key is of no type that was asked for has no certificate to send, and one
/// that was chosen from outside is not sent.
TEST(Tls12, TheClientsKeyIsOfATypeThatWasAskedFor) {
  for (bool from_outside : {false, true}) {
    ClientOptions client = tls12_client_options();
    client.credentials = {shared_authority().credential("client.example")};
    if (from_outside) client.credential_chooser = std::make_shared<FarChooser>();
    ServerOptions server = server_options();
    server.client_auth = ClientAuth::require;
    server.client_trust = shared_authority().anchors();
    Middleman middleman(std::move(client), std::move(server), [](Side, Piece piece) {
      constexpr std::uint8_t rsa_sign = 1;
      constexpr std::ptrdiff_t types = wire::handshake_header_size;  // how many there are, and then they
      if (piece.type == ContentType::handshake && piece.message() == HandshakeType::certificate_request)
        std::fill_n(piece.bytes.begin() + types + 1, piece.bytes[types], rsa_sign);
      return std::vector{std::move(piece)};
    });
    middleman.run();
    if (from_outside) {
      Connection& asking = middleman.pair().client.connection;
      ASSERT_TRUE(asking.need());
      EXPECT_FALSE(asking.answer(asking.need()->id, CredentialAnswer{shared_credential()}));
      EXPECT_EQ(reason(asking), "wrong_certificate_key");
      EXPECT_EQ(alert(asking), "handshake_failure");
    } else {
      EXPECT_EQ(reason(middleman.server()), "no_certificate");
    }
  }
}

/// A flight ends with its Finished, and nothing that comes before it is data, were it empty.
TEST(Tls12, NothingStandsAroundFinished) {
  for (Side side : {Side::client, Side::server})
    for (bool before : {false, true}) {
      Middleman middleman(tls12_client_options(), server_options(), [side, before](Side sender, Piece piece) {
        std::vector<Piece> pieces;
        const bool finished = piece.type == ContentType::handshake && piece.message() == HandshakeType::finished;
        if (sender == side && finished && before) pieces.push_back({ContentType::application_data, {}});
        if (sender == side && finished && !before) piece.bytes.push_back(0);  // as a HelloRequest begins
        pieces.push_back(std::move(piece));
        return pieces;
      });
      middleman.run();
      const Connection& receiver = side == Side::client ? middleman.server() : middleman.client();
      EXPECT_EQ(reason(receiver), before ? "unexpected_record" : "excess_handshake_data");
      EXPECT_EQ(alert(receiver), "unexpected_message");
    }
}

}  // namespace
}  // namespace handfast::test
