// Schemes that are used only where somebody names them: SHA-1 in TLS 1.2, and RSASSA-PKCS1-v1_5 by which clients of
// TLS 1.3 may sign (RFC 9963).
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "engine/tampering.h"

namespace handfast::test {
namespace {

using crypto::KeyType;
using enum SignatureScheme;

constexpr SignatureScheme legacy[] = {rsa_pkcs1_sha256_legacy, rsa_pkcs1_sha384_legacy, rsa_pkcs1_sha512_legacy};

std::shared_ptr<const Credential> signing_with(std::vector<SignatureScheme> schemes, std::string name,
                                               KeyType type = KeyType::rsa) {
  CredentialExtras extras;
  extras.signature_schemes = std::move(schemes);
  return shared_authority().credential(shared_authority().leaf({std::move(name)}), type, std::move(extras));
}

ClientOptions client_with(std::vector<SignatureScheme> schemes) {
  ClientOptions options = client_options();
  options.credentials = {signing_with(std::move(schemes), "client.example")};
  return options;
}

/// Takes those too beside what it takes of itself.
ServerOptions asking_for(std::vector<SignatureScheme> named = {}) {
  ServerOptions options = server_options();
  options.client_auth = ClientAuth::require;
  options.client_trust = shared_authority().anchors();
  if (named.empty()) return options;
  options.signature_schemes = supported_signature_schemes();
  options.signature_schemes.insert(options.signature_schemes.end(), named.begin(), named.end());
  return options;
}

bool lists(const Middleman& middleman, HandshakeType type, SignatureScheme scheme) {
  const auto number = std::to_underlying(scheme);
  const std::uint8_t bytes[] = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
  return std::ranges::any_of(middleman.seen, [&](const auto& sent) {
    return is(sent.second, type) && !std::ranges::search(sent.second.bytes, bytes).empty();
  });
}

// --- RSASSA-PKCS1-v1_5 in TLS 1.3

TEST(LegacySchemes, SignForAClientWhereBothSidesNameThem) {
  for (SignatureScheme scheme : legacy) {
    Pair pair(client_with({scheme}), asking_for({legacy, std::end(legacy)}));
    pair.pump();
    ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
    EXPECT_EQ(pair.server.connection.info().peer_signature_scheme, scheme);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
  }
}

TEST(LegacySchemes, AreNeitherAskedForNorUsedOtherwise) {
  // The client names one, and the server does not: nothing that the key may sign with is asked for.
  Pair unasked(client_with({rsa_pkcs1_sha256_legacy}), asking_for());
  unasked.pump();
  EXPECT_EQ(reason(unasked.server.connection), "no_certificate");
  // The server names them, and the client does not: it signs with what is better, or not at all.
  Pair better(client_with({}), asking_for({legacy, std::end(legacy)}));
  better.pump();
  EXPECT_EQ(better.server.connection.info().peer_signature_scheme, rsa_pss_rsae_sha256);
  ServerOptions server = asking_for();
  server.signature_schemes = {ecdsa_secp256r1_sha256, rsa_pkcs1_sha256_legacy};
  Pair unnamed(client_with({}), server);
  unnamed.pump();
  EXPECT_EQ(reason(unnamed.server.connection), "no_certificate");
  // What is better comes first, wherever it stands.
  Pair both(client_with({rsa_pkcs1_sha256_legacy, rsa_pss_rsae_sha512}), asking_for({rsa_pkcs1_sha256_legacy}));
  both.pump();
  EXPECT_EQ(both.server.connection.info().peer_signature_scheme, rsa_pss_rsae_sha512);
}

/// RFC 9963, section 2: a client neither offers nor takes them, and a server does not sign with them.
TEST(LegacySchemes, AreNotForServers) {
  ClientOptions naming = client_options();
  naming.signature_schemes = {ecdsa_secp256r1_sha256, rsa_pkcs1_sha256_legacy};
  EXPECT_FALSE(ClientConfig::make(naming));
  const auto credential = signing_with({rsa_pkcs1_sha256_legacy}, "server.example");
  EXPECT_TRUE(credential->schemes(ProtocolVersion::tls1_3, Side::server).empty());
  ServerOptions server = server_options();
  server.min_version = ProtocolVersion::tls1_3;
  server.credentials = {credential};
  EXPECT_FALSE(ServerConfig::make(server));
  // One whose CertificateVerify says so all the same is refused.
  Middleman middleman(client_options(), server_options(), change(HandshakeType::certificate_verify, [](Buffer& m) {
                        m[wire::handshake_header_size] = 0x04;
                        m[wire::handshake_header_size + 1] = 0x20;
                      }));
  expect_alert(middleman, Side::client, "illegal_parameter", "wrong_signature_scheme");
}

TEST(LegacySchemes, AreNotOfTls12) {
  ClientOptions client = client_with({rsa_pkcs1_sha256_legacy});
  client.max_version = ProtocolVersion::tls1_2;
  EXPECT_FALSE(ClientConfig::make(client)) << "its credential can sign nothing";
  client.max_version = ProtocolVersion::tls1_3;
  ServerOptions server = asking_for({legacy, std::end(legacy)});
  Middleman tls13(client, server, unchanged);
  tls13.run();
  EXPECT_TRUE(lists(tls13, HandshakeType::certificate_request, rsa_pkcs1_sha256_legacy));
  server.max_version = ProtocolVersion::tls1_2;
  Middleman tls12(client, server, unchanged);
  tls12.run();
  EXPECT_TRUE(lists(tls12, HandshakeType::certificate_request, rsa_pkcs1_sha256));
  for (SignatureScheme scheme : legacy) EXPECT_FALSE(lists(tls12, HandshakeType::certificate_request, scheme));
  EXPECT_EQ(reason(tls12.server()), "no_certificate");
  // And one that signs so all the same is refused, although the config names it.
  Middleman forced(client_with({}), server, change(HandshakeType::certificate_verify, [](Buffer& m) {
                     m[wire::handshake_header_size] = 0x04;
                     m[wire::handshake_header_size + 1] = 0x20;
                   }));
  expect_alert(forced, Side::server, "illegal_parameter", "wrong_signature_scheme");
}

/// A client that was not asked for it is refused, though its signature is good.
TEST(LegacySchemes, UnaskedAreRefused) {
  Middleman middleman(client_with({}), asking_for(), [](Side side, Piece piece) {
    if (side == Side::client && is(piece, HandshakeType::certificate_verify)) {
      piece.bytes[wire::handshake_header_size] = 0x04;
      piece.bytes[wire::handshake_header_size + 1] = 0x20;
    }
    return std::vector{std::move(piece)};
  });
  middleman.run();
  EXPECT_EQ(reason(middleman.server()), "wrong_signature_scheme");
  EXPECT_EQ(alert(middleman.server()), "illegal_parameter");
}

TEST(LegacySchemes, AreNotForCertificates) {
  ServerOptions server = asking_for({legacy, std::end(legacy)});
  server.certificate_schemes = {ecdsa_secp256r1_sha256, rsa_pkcs1_sha256_legacy};
  EXPECT_FALSE(ServerConfig::make(server));
  EXPECT_FALSE(crypto::accepts(legacy, {crypto::SignatureKind::rsa_pkcs1, crypto::HashAlgorithm::sha256}));
}

// --- SHA-1 in TLS 1.2

constexpr auto without_schemes = [] {
  return change(HandshakeType::client_hello,
                [](Buffer& m) { remove_extension(m, ExtensionType::signature_algorithms); });
};

/// RFC 9155: by default such a client is refused, although RFC 5246, section 7.4.1.4.1, would have it served.
TEST(Sha1, IsNotSignedWithUnlessNamed) {
  for (KeyType type : {KeyType::rsa, KeyType::p256}) {
    ServerOptions server = server_options();
    server.credentials = {signing_with({}, "server.example", type)};
    Middleman middleman(tls12_client_options(), server, without_schemes());
    expect_alert(middleman, Side::server, "handshake_failure", "no_common_signature_scheme");
  }
}

TEST(Sha1, IsSignedWithForClientsThatTakeNothingElse) {
  const std::pair<KeyType, std::vector<SignatureScheme>> keys[] = {
      {KeyType::rsa, {rsa_pkcs1_sha1, rsa_pss_rsae_sha256}},
      {KeyType::p256, {ecdsa_sha1, ecdsa_secp256r1_sha256}},
      {KeyType::p384, {ecdsa_sha1, ecdsa_secp384r1_sha384}}};
  for (const auto& [type, schemes] : keys) {
    ServerOptions server = server_options();
    server.credentials = {signing_with(schemes, "server.example", type)};
    // Our client takes it from nobody.
    Middleman middleman(tls12_client_options(), server, without_schemes());
    expect_alert(middleman, Side::client, "illegal_parameter", "wrong_signature_scheme");
    EXPECT_EQ(middleman.server().info().own_signature_scheme, schemes.front());
    // Whoever lists something better gets that, in whatever order it was named.
    Pair pair(tls12_client_options(), server);
    pair.pump();
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.server.connection.info().own_signature_scheme, schemes.back());
    // TLS 1.3 has no such thing.
    Pair tls13(client_options(), server);
    tls13.pump();
    ASSERT_TRUE(tls13.connected());
    EXPECT_EQ(tls13.server.connection.info().own_signature_scheme, schemes.back());
  }
  ServerOptions server = server_options();
  server.min_version = ProtocolVersion::tls1_3;
  server.credentials = {signing_with({rsa_pkcs1_sha1}, "server.example")};
  EXPECT_FALSE(ServerConfig::make(server));
}

/// A credential that has to sign so stands behind one that signs well, whichever was named first.
TEST(Sha1, IsNotSignedWithWhereAnotherCredentialDoesBetter) {
  ServerOptions server = server_options();
  const auto well = signing_with({}, "server.example", KeyType::p256);
  server.credentials = {signing_with({ecdsa_sha1}, "server.example", KeyType::p256), well};
  // The same list of 16 bits, with SHA-1 in front: our client names it to nobody.
  ClientOptions client = tls12_client_options();
  client.signature_schemes = {ecdsa_secp384r1_sha384, ecdsa_secp256r1_sha256};
  Middleman middleman(client, server, [](Side side, Piece piece) {
    const std::uint8_t first[] = {0x05, 0x03, 0x04, 0x03};
    if (side == Side::client && is(piece, HandshakeType::client_hello)) {
      const auto found = std::ranges::search(piece.bytes, first);
      if (!found.empty()) found.front() = 0x02;
    }
    return std::vector{std::move(piece)};
  });
  middleman.run();
  EXPECT_EQ(middleman.server().info().credential, well);
  EXPECT_EQ(middleman.server().info().own_signature_scheme, ecdsa_secp256r1_sha256);
}

/// What is signed with it is good: the server's key verifies it, in the hands of a client that would take it.
TEST(Sha1, TheSignatureIsGood) {
  const auto credential = signing_with({ecdsa_sha1}, "server.example", KeyType::p256);
  const Bytes message = as_bytes("what is signed");
  const Buffer signature = value(credential->local_key()->sign_now(ecdsa_sha1, message));
  const auto leaf = value(x509::Certificate::parse(credential->chain().front()));
  EXPECT_TRUE(
      x509::verify_signature(leaf->public_key, ProtocolVersion::tls1_2, Side::server, ecdsa_sha1, message, signature));
  EXPECT_FALSE(
      x509::verify_signature(leaf->public_key, ProtocolVersion::tls1_3, Side::server, ecdsa_sha1, message, signature));
}

TEST(Sha1, IsAskedForByNobody) {
  for (SignatureScheme scheme : {rsa_pkcs1_sha1, ecdsa_sha1}) {
    ClientOptions client = client_options();
    client.signature_schemes = {ecdsa_secp256r1_sha256, scheme};
    EXPECT_FALSE(ClientConfig::make(client));
    ServerOptions server = asking_for();
    server.signature_schemes = client.signature_schemes;
    EXPECT_FALSE(ServerConfig::make(server));
  }
}

}  // namespace
}  // namespace handfast::test
