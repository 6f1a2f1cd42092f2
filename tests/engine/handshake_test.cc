// Whole handshakes in memory: what is negotiated, and what both sides then know.
#include <gtest/gtest.h>

#include "authority/mint_ocsp.h"
#include "crypto/algorithm.h"
#include "engine/agreement.h"
#include "engine/middleman.h"
#include "engine/tampering.h"
#include "wire/client_hello.h"

namespace handfast::test {
namespace {

using crypto::KeyType;

TEST(Handshake, Full) {
  Pair pair;
  pair.pump();
  expect_data_flows(pair);
  const ConnectionInfo& client = pair.client.connection.info();
  EXPECT_EQ(client.version, ProtocolVersion::tls1_3);
  EXPECT_EQ(client.group, NamedGroup::X25519MLKEM768);
  EXPECT_FALSE(client.retried);
  EXPECT_TRUE(client.peer_verified);
  EXPECT_EQ(client.peer_certificates, shared_credential()->chain());
  EXPECT_EQ(pair.server.connection.info().server_name, "server.example");
  EXPECT_EQ(pair.server.connection.info().credential, shared_credential());
  EXPECT_FALSE(pair.server.connection.info().peer_verified);
}

/// How often libcrypto's generator was asked.
class CountedRandom final : public Random {
 public:
  void fill(MutableBytes out) override {
    ++calls;
    system_random().fill(out);
  }
  int calls = 0;
};

TEST(Handshake, DrawsItsRandomBytesAtOnce) {
  const auto random = std::make_shared<CountedRandom>();
  ServerOptions options = server_options();
  options.random = random;
  options.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  ClientOptions client = client_options();
  client.sessions.store = std::make_shared<MemoryClientSessionStore>();
  Pair pair(std::move(client), std::move(options));
  pair.pump();
  EXPECT_TRUE(pair.server.connection.can_send());
  EXPECT_EQ(random->calls, 1);
}

std::vector<std::pair<KeyType, SignatureScheme>> all_signatures() {
  using enum SignatureScheme;
  std::vector<std::pair<KeyType, SignatureScheme>> all = {{KeyType::p256, ecdsa_secp256r1_sha256},
                                                          {KeyType::p384, ecdsa_secp384r1_sha384},
                                                          {KeyType::p521, ecdsa_secp521r1_sha512},
                                                          {KeyType::ed25519, ed25519},
                                                          {KeyType::rsa, rsa_pss_rsae_sha256},
                                                          {KeyType::rsa, rsa_pss_rsae_sha384},
                                                          {KeyType::rsa, rsa_pss_rsae_sha512},
                                                          {KeyType::rsa_pss, rsa_pss_pss_sha256},
                                                          {KeyType::rsa_pss, rsa_pss_pss_sha384},
                                                          {KeyType::rsa_pss, rsa_pss_pss_sha512},
                                                          {KeyType::mldsa44, mldsa44},
                                                          {KeyType::mldsa65, mldsa65},
                                                          {KeyType::mldsa87, mldsa87}};
  std::erase_if(all, [](const auto& each) { return !crypto::supports(each.first); });
  return all;
}

TEST(Handshake, EverySuiteGroupAndSignature) {
  std::size_t cells = 0;
  for (CipherSuite suite : {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384,
                            CipherSuite::TLS_CHACHA20_POLY1305_SHA256})
    for (NamedGroup group : supported_groups())
      for (auto [type, scheme] : all_signatures())
        for (bool retry : {false, true}) {
          ClientOptions client = client_options();
          client.cipher_suites = {suite};
          client.signature_schemes = {scheme};
          // The root has a P-256 key.
          client.certificate_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
          client.groups = {group};
          client.empty_key_share = retry;
          ServerOptions server = server_options();
          server.min_version = ProtocolVersion::tls1_3;
          server.groups = supported_groups();
          server.credentials = {credential_of(type)};
          Pair pair(std::move(client), std::move(server));
          pair.pump();
          ASSERT_TRUE(pair.connected()) << name(suite) << " " << name(group) << " " << name(scheme) << " "
                                        << reason(pair.client.connection) << " " << reason(pair.server.connection);
          for (const End* end : {&pair.client, &pair.server}) {
            const ConnectionInfo& info = end->connection.info();
            EXPECT_EQ(info.cipher_suite, suite);
            EXPECT_EQ(info.group, group);
            EXPECT_EQ(info.retried, retry);
          }
          EXPECT_EQ(pair.client.connection.info().peer_signature_scheme, scheme);
          EXPECT_EQ(pair.server.connection.info().own_signature_scheme, scheme);
          ++cells;
        }
  EXPECT_EQ(cells, 3u * 9u * (crypto::supports(KeyType::mldsa44) ? 13u : 10u) * 2u);
}

TEST(Handshake, RetryWithCookie) {
  ClientOptions client = client_options();
  client.groups = {NamedGroup::x25519, NamedGroup::secp384r1};
  ServerOptions server = server_options();
  server.groups = {NamedGroup::secp384r1};
  server.retry_cookie = true;
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  expect_data_flows(pair);
  EXPECT_TRUE(pair.server.connection.info().retried);
}

/// Our preference over the client's, share or no share.
TEST(Handshake, GroupPreference) {
  ClientOptions client = client_options();
  client.groups = {NamedGroup::secp256r1, NamedGroup::x25519};
  ServerOptions server = server_options();
  server.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  Pair ours(client, server);
  ours.pump();
  EXPECT_EQ(ours.client.connection.info().group, NamedGroup::x25519);
  EXPECT_TRUE(ours.client.connection.info().retried);
  server.prefer_server_order = false;
  Pair theirs(client, server);
  theirs.pump();
  EXPECT_EQ(theirs.client.connection.info().group, NamedGroup::secp256r1);
  EXPECT_FALSE(theirs.client.connection.info().retried);
}

/// Between those that we like equally the client's order decides, and between no others.
TEST(Handshake, GroupsOfEqualPreference) {
  using enum NamedGroup;
  const auto chosen = [](std::vector<NamedGroup> client_groups) {
    ClientOptions client = client_options();
    client.groups = std::move(client_groups);
    ServerOptions server = server_options();
    server.groups = {X25519MLKEM768, MLKEM1024, x25519, secp256r1};
    server.equal_groups = {{MLKEM1024, X25519MLKEM768}, {secp256r1, x25519}};
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    EXPECT_TRUE(pair.connected());
    return pair.client.connection.info().group;
  };
  EXPECT_EQ(chosen({x25519, MLKEM1024, X25519MLKEM768}), MLKEM1024);
  EXPECT_EQ(chosen({X25519MLKEM768, MLKEM1024, x25519}), X25519MLKEM768);
  EXPECT_EQ(chosen({secp384r1, secp256r1, x25519}), secp256r1);
  EXPECT_EQ(chosen({secp256r1, X25519MLKEM768}), X25519MLKEM768);
}

/// A server without ML-KEM finds a share that it likes in the first ClientHello; and one that likes another such group
/// asks for it.
TEST(Handshake, TheFirstHelloIsEnoughForServersOldAndNew) {
  for (auto [group, retried] :
       {std::pair{NamedGroup::x25519, false}, {NamedGroup::X25519MLKEM768, false}, {NamedGroup::secp256r1, true}}) {
    ServerOptions server = server_options();
    server.groups = {group};
    Pair pair(client_options(), std::move(server));
    pair.pump();
    expect_data_flows(pair);
    EXPECT_EQ(pair.client.connection.info().group, group);
    EXPECT_EQ(pair.client.connection.info().retried, retried);
  }
}

TEST(Handshake, SuitePreference) {
  using enum CipherSuite;
  auto chosen = [](std::vector<CipherSuite> client_suites, std::vector<CipherSuite> server_suites, bool ours) {
    ClientOptions client = client_options();
    client.cipher_suites = std::move(client_suites);
    ServerOptions server = server_options();
    server.cipher_suites = std::move(server_suites);
    server.prefer_server_order = ours;
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    return pair.client.connection.info().cipher_suite;
  };
  const std::vector aes128_first{TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256};
  const std::vector aes256_first{TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256};
  const std::vector chacha_first{TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384};
  EXPECT_EQ(chosen(aes128_first, aes256_first, true), TLS_AES_256_GCM_SHA384);
  EXPECT_EQ(chosen(aes128_first, aes256_first, false), TLS_AES_128_GCM_SHA256);
  // A client without AES in hardware says so by its order.
  EXPECT_EQ(chosen(chacha_first, aes256_first, true), TLS_CHACHA20_POLY1305_SHA256);
  EXPECT_EQ(supported_cipher_suites().front() == TLS_CHACHA20_POLY1305_SHA256, !crypto::has_aes_hardware());
}

/// As with groups; and a client's first choice of ChaCha20-Poly1305 counts here as well.
TEST(Handshake, SuitesOfEqualPreference) {
  using enum CipherSuite;
  constexpr CipherSuite aes128 = TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  constexpr CipherSuite aes256 = TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
  constexpr CipherSuite cbc = TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;
  constexpr CipherSuite chacha = TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
  const auto chosen = [](std::vector<CipherSuite> client_suites, std::vector<CipherSuite> server_suites,
                         std::vector<std::vector<CipherSuite>> equal) {
    ClientOptions client = client_options();
    client.cipher_suites = std::move(client_suites);
    ServerOptions server = server_options();
    server.cipher_suites = std::move(server_suites);
    server.equal_cipher_suites = std::move(equal);
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    EXPECT_TRUE(pair.connected());
    return pair.client.connection.info().cipher_suite;
  };
  const std::vector ours{aes128, aes256, cbc, chacha};
  EXPECT_EQ(chosen({cbc, aes256, aes128}, ours, {{aes128, aes256}}), aes256);
  EXPECT_EQ(chosen({aes128, aes256, cbc}, ours, {{cbc, aes256}, {aes128, chacha}}), aes128);
  EXPECT_EQ(chosen({cbc, aes256}, ours, {{cbc, aes256}, {aes128, chacha}}), cbc);
  EXPECT_EQ(chosen({cbc, chacha, aes128}, ours, {{cbc, aes256}, {aes128, chacha}}), chacha);
  EXPECT_EQ(chosen({chacha, cbc, aes256}, ours, {{cbc, aes256}}), chacha);
  const std::vector of_tls13{TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384};
  EXPECT_EQ(chosen({TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256}, of_tls13, {of_tls13}), TLS_AES_256_GCM_SHA384);
}

TEST(Handshake, WhatAClientMayVary) {
  for (int round = 0; round < 20; ++round) {
    ClientOptions client = client_options();
    client.grease = true;
    client.permute_extensions = true;
    client.verification.revocation = round % 2 == 0 ? RevocationPolicy::staple : RevocationPolicy::off;
    client.request_signed_certificate_timestamps = round % 3 == 0;
    client.middlebox_compatibility = round % 4 < 2;
    client.record_size_limit = round % 5 == 0 ? std::optional<std::uint16_t>(4000) : std::nullopt;
    client.key_shares = round % 3 == 0 ? default_groups() : std::vector{NamedGroup::x25519};
    client.application_protocols = {"h2", "http/1.1"};
    if (round % 7 == 0) client.groups = {NamedGroup::x25519, NamedGroup::secp256r1}, client.key_shares.clear();
    ServerOptions server = server_options();
    if (round % 7 == 0) server.groups = {NamedGroup::secp256r1};
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    expect_data_flows(pair);
  }
}

TEST(Handshake, GreaseIsThere) {
  ClientOptions options = client_options();
  options.grease = true;
  options.application_protocols = {"h2"};
  Connection client = make_client(std::move(options));
  const Bytes body = client.output().subspan(record::header_size + wire::handshake_header_size);
  const wire::ClientHello hello = value(wire::parse_client_hello(body));
  auto has_grease = [](auto list) {
    for (auto item : list)
      if (wire::is_grease(static_cast<std::uint16_t>(item))) return true;
    return false;
  };
  EXPECT_TRUE(has_grease(hello.cipher_suites));
  EXPECT_TRUE(has_grease(*hello.supported_versions));
  EXPECT_TRUE(has_grease(*hello.supported_groups));
  EXPECT_TRUE(has_grease(*hello.signature_algorithms));
  std::size_t extensions = 0;
  for (const wire::Extension& extension : hello.extensions)
    if (wire::is_grease(std::to_underlying(extension.type))) ++extensions;
  EXPECT_EQ(extensions, 2u);
}

TEST(Handshake, NoServerNameForAnAddress) {
  static const auto credential = shared_authority().credential("192.0.2.7");
  ServerOptions server = server_options();
  server.credentials = {credential};
  Pair pair(client_options(), std::move(server), "192.0.2.7");
  pair.pump();
  expect_data_flows(pair);
  EXPECT_EQ(pair.server.connection.info().server_name, "");
}

/// RFC 6066, section 3: who has used the name says so, unless the config knows better.
TEST(Handshake, ServerNameIsAcknowledged) {
  for (ProtocolVersion version : {ProtocolVersion::tls1_2, ProtocolVersion::tls1_3})
    for (bool acknowledges : {true, false}) {
      const bool tls12 = version == ProtocolVersion::tls1_2;
      ClientOptions client = client_options();
      client.max_version = version;
      ServerOptions server = server_options();
      server.acknowledge_server_name = acknowledges;
      bool found = false;
      Middleman middleman(client, server, [&](Side side, Piece piece) {
        if (side == Side::server && tls12 && is(piece, HandshakeType::server_hello))
          found = find_extension(piece.bytes, ExtensionType::server_name, extensions_of_server_hello(piece.bytes)) != 0;
        constexpr std::size_t first = wire::handshake_header_size + 2;
        if (side == Side::server && is(piece, HandshakeType::encrypted_extensions))
          found = find_extension(piece.bytes, ExtensionType::server_name, first) != 0;
        return std::vector{std::move(piece)};
      });
      middleman.run();
      EXPECT_TRUE(middleman.pair().connected());
      EXPECT_EQ(middleman.server().info().server_name, "server.example");
      EXPECT_EQ(found, acknowledges) << name(version);
    }
}

TEST(Handshake, ANameThatIsNone) {
  auto config = value(ClientConfig::make(client_options()));
  for (std::string_view name : {"", "a..b", "-", "exa mple.com", "[::1"})
    EXPECT_FALSE(Connection::client(config, name)) << name;
}

TEST(Credentials, ChosenByName) {
  static const auto one = shared_authority().credential("one.example");
  static const auto two = shared_authority().credential("two.example");
  ServerOptions server = server_options();
  server.credentials = {one, two};
  for (const auto& [asked, expected] : {std::pair("one.example", one), std::pair("two.example", two)}) {
    Pair pair(client_options(), server, asked);
    pair.pump();
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.client.connection.info().peer_certificates, expected->chain());
  }
  // An unknown name gets the first, unless the config is strict.
  Pair unknown(client_options(), server, "three.example");
  unknown.pump();
  EXPECT_EQ(reason(unknown.client.connection), "name_mismatch");
  EXPECT_EQ(unknown.server.connection.info().credential, one);
}

TEST(Credentials, ChosenBySignatureSchemes) {
  ServerOptions server = server_options();
  server.credentials = {credential_of(KeyType::ed25519), credential_of(KeyType::rsa), credential_of(KeyType::p256)};
  auto chosen = [&](std::vector<SignatureScheme> schemes) {
    ClientOptions client = client_options();
    client.signature_schemes = std::move(schemes);
    client.certificate_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
    Pair pair(std::move(client), server);
    pair.pump();
    return pair.server.connection.info().credential;
  };
  EXPECT_EQ(chosen({}), credential_of(KeyType::ed25519));
  EXPECT_EQ(chosen({SignatureScheme::rsa_pss_rsae_sha256}), credential_of(KeyType::rsa));
  EXPECT_EQ(chosen({SignatureScheme::ecdsa_secp256r1_sha256}), credential_of(KeyType::p256));
  EXPECT_EQ(chosen({SignatureScheme::ecdsa_secp384r1_sha384}), nullptr);
}

TEST(Credentials, StaplesAreSentToThoseWhoAsk) {
  CredentialExtras extras;
  extras.ocsp_response = {0x30, 0x03, 0x0a, 0x01, 0x03};  // tryLater
  extras.signed_certificate_timestamps = {0, 4, 0, 2, 0xab, 0xcd};
  const auto credential =
      shared_authority().credential(shared_authority().leaf({"server.example"}), KeyType::p256, extras);
  for (bool asks : {false, true}) {
    ClientOptions client = client_options();
    client.verification.revocation = asks ? RevocationPolicy::staple : RevocationPolicy::off;
    client.request_signed_certificate_timestamps = asks;
    ServerOptions server = server_options();
    server.credentials = {credential};
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    ASSERT_TRUE(pair.connected());
    EXPECT_EQ(pair.client.connection.info().ocsp_response, asks ? extras.ocsp_response : Buffer());
    EXPECT_EQ(pair.client.connection.info().signed_certificate_timestamps,
              asks ? extras.signed_certificate_timestamps : Buffer());
  }
}

/// What shared_authority says of that credential until `next_update`, and again until `also_until`.
Buffer staple_of(const Credential& credential, std::optional<std::int64_t> next_update,
                 std::optional<std::int64_t> also_until = std::nullopt) {
  const authority::Identity& root = shared_authority().root();
  authority::OcspAnswer answer{.certificate = value(x509::Certificate::parse(credential.chain().front())),
                               .issuer = root.certificate};
  answer.this_update = FixedClock().seconds - 1000;
  answer.next_update = next_update;
  authority::OcspOptions options{.answers = {answer}, .produced_at = FixedClock().seconds - 1000};
  if (also_until) {
    answer.next_update = also_until;
    options.answers.push_back(answer);
  }
  // Of another certificate, and for longer.
  answer.certificate = root.certificate;
  answer.next_update = FixedClock().seconds + 1'000'000;
  options.answers.push_back(answer);
  return value(authority::mint_ocsp_response(options, {root.certificate, root.key}));
}

/// RFC 6960, section 4.2.2.1: past its nextUpdate a response is worth nothing to anybody.
TEST(Credentials, StaplesAreSentWhileTheyHold) {
  const std::int64_t now = FixedClock().seconds;
  const auto plain = shared_authority().credential("server.example");
  struct Case {
    Buffer staple;
    std::int64_t end;
  };
  const Case cases[] = {{staple_of(*plain, now + 100), now + 100},
                        {staple_of(*plain, std::nullopt), now - 1000 + 86400},
                        {staple_of(*plain, now + 50, now + 200), now + 200},
                        {staple_of(*plain, now + 200, now + 50), now + 200}};
  for (const Case& c : cases) {
    CredentialExtras extras;
    extras.ocsp_response = c.staple;
    const auto credential = value(Credential::make(plain->chain(), plain->key(), extras));
    for (std::int64_t late : {-1, 0, 1, 1000}) {
      auto clock = std::make_shared<FixedClock>();
      clock->seconds = c.end + late;
      EXPECT_EQ(credential->staple(clock->seconds).empty(), late > 0);
      ServerOptions server = server_options();
      server.credentials = {credential};
      server.clock = clock;
      Pair pair(client_options(), std::move(server));
      pair.pump();
      ASSERT_TRUE(pair.connected()) << reason(pair.client.connection);
      EXPECT_EQ(pair.client.connection.info().ocsp_response, late > 0 ? Buffer() : c.staple) << late;
    }
  }
}

ServerOptions server_that_asks(ClientAuth how) {
  ServerOptions options = server_options();
  options.client_auth = how;
  options.client_trust = shared_authority().anchors();
  return options;
}

TEST(ClientAuthentication, WithEveryKindOfKey) {
  for (auto [type, scheme] : all_signatures()) {
    const auto credential = shared_authority().credential("client.example", type);
    ClientOptions client = client_options();
    client.credentials = {credential};
    ServerOptions server = server_that_asks(ClientAuth::require);
    server.min_version = ProtocolVersion::tls1_3;
    server.signature_schemes = {scheme};
    server.certificate_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
    Pair pair(std::move(client), std::move(server));
    pair.pump();
    expect_data_flows(pair);
    EXPECT_TRUE(pair.server.connection.info().peer_verified);
    EXPECT_EQ(pair.server.connection.info().peer_certificates, credential->chain());
    EXPECT_EQ(pair.server.connection.info().peer_signature_scheme, scheme);
    EXPECT_EQ(pair.client.connection.info().credential, credential);
  }
}

TEST(ClientAuthentication, RequestedAndNotGiven) {
  Pair pair(client_options(), server_that_asks(ClientAuth::request));
  pair.pump();
  expect_data_flows(pair);
  EXPECT_FALSE(pair.server.connection.info().peer_verified);
}

TEST(ClientAuthentication, ByAStranger) {
  static const Authority other("Another root");
  ClientOptions client = client_options();
  client.credentials = {other.credential("client.example")};
  Pair pair(std::move(client), server_that_asks(ClientAuth::request));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "unknown_issuer");
  EXPECT_EQ(alert(pair.client.connection), "unknown_ca");
}

TEST(ClientAuthentication, ChosenByTheServersAuthorities) {
  static const Authority other("Another root");
  static const auto stranger = other.credential("client.example");
  static const auto known = shared_authority().credential("client.example");
  ClientOptions client = client_options();
  client.credentials = {stranger, known};
  ServerOptions server = server_that_asks(ClientAuth::require);
  const Bytes subject = shared_authority().subject();
  server.client_ca_names = {Buffer(subject.begin(), subject.end())};
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  ASSERT_TRUE(pair.connected()) << reason(pair.server.connection);
  EXPECT_EQ(pair.client.connection.info().credential, known);
}

TEST(ClientAuthentication, AServersCertificateIsNoClients) {
  authority::CertificateOptions leaf = shared_authority().leaf({"client.example"});
  leaf.extended_key_usage = {authority::server_auth};
  ClientOptions client = client_options();
  client.credentials = {shared_authority().credential(leaf)};
  Pair pair(std::move(client), server_that_asks(ClientAuth::require));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "wrong_extended_key_usage");
}

/// The leaf's key usage is the handshake's business, whoever verifies the chain.
TEST(Certificates, KeyUsageWithoutDigitalSignature) {
  authority::CertificateOptions leaf = shared_authority().leaf({"server.example"});
  leaf.key_usage = x509::KeyUsage::keyEncipherment;
  ServerOptions server = server_options();
  server.credentials = {shared_authority().credential(leaf)};
  Pair pair(client_options(), std::move(server));
  pair.pump();
  EXPECT_EQ(reason(pair.client.connection), "wrong_key_usage");
  EXPECT_EQ(alert(pair.client.connection), "illegal_parameter");
}

/// A ServerHello of TLS 1.2, from a server that knows better or not.
std::string answer_with_tls12(ProtocolVersion client_min, bool sentinel) {
  ClientOptions client = client_options();
  client.min_version = client_min;
  Middleman middleman(std::move(client), server_options(), [&](Side side, Piece piece) {
    if (side == Side::server && piece.type == ContentType::handshake &&
        piece.message() == HandshakeType::server_hello) {
      // The same up to the session ID, of which there is none, a suite, no compression, no extensions.
      piece.bytes.resize(4 + 2 + 32);
      if (sentinel) std::ranges::copy(wire::downgrade_to_tls1_2, piece.bytes.begin() + 4 + 2 + 24);
      piece.bytes.insert(piece.bytes.end(), {0, 0xc0, 0x2b, 0});
      piece.bytes[2] = 0;
      piece.bytes[3] = static_cast<std::uint8_t>(piece.bytes.size() - 4);
    }
    return std::vector{std::move(piece)};
  });
  middleman.run();
  return alert(middleman.client()) + ", " + reason(middleman.client());
}

/// A server of TLS 1.2 that knows better was lied to about our hello.
TEST(Downgrade, TheSentinelIsSeen) {
  using enum ProtocolVersion;
  EXPECT_EQ(answer_with_tls12(tls1_2, true), "illegal_parameter, downgrade_detected");
  EXPECT_EQ(answer_with_tls12(tls1_3, true), "illegal_parameter, downgrade_detected");
  EXPECT_EQ(answer_with_tls12(tls1_3, false), "protocol_version, wrong_version_selected");
  // It is taken for what it says, and then what follows is no Certificate.
  EXPECT_EQ(answer_with_tls12(tls1_2, false), "unexpected_message, unexpected_record");
}

/// What a trace is told: in order, and the same of both sides.
class Recorder final : public Trace {
 public:
  void on(const TraceEvent& event) override {
    if (const auto* message = std::get_if<MessageEvent>(&event.what))
      log.push_back((message->direction == Direction::sent ? ">" : "<") +
                    (message->hello_retry_request ? "hello_retry_request" : name(message->type)));
    if (const auto* key = std::get_if<KeyEvent>(&event.what))
      log.push_back((key->direction == Direction::sent ? "+>" : "+<") + std::string(key->secret));
    if (std::holds_alternative<ChangeCipherSpecEvent>(event.what)) log.emplace_back("ccs");
    if (std::holds_alternative<CompletedEvent>(event.what)) log.emplace_back("done");
    if (const auto* verification = std::get_if<VerificationEvent>(&event.what)) {
      EXPECT_FALSE(verification->report->error);
      for (const VerificationCheck& check : verification->report->leaf.checks)
        EXPECT_NE(check.outcome, CheckOutcome::failed) << name(check.kind);
      checks += verification->report->leaf.checks.size();
    }
    EXPECT_GT(event.at, last);
    last = event.at;
  }
  std::vector<std::string> log;
  std::size_t checks = 0;
  std::uint64_t last = 0;
};

TEST(Traces, TellTheWholeStory) {
  Recorder client;
  Recorder server;
  Pair pair(client_options(), server_options(), "server.example", &client, &server);
  pair.pump();
  EXPECT_EQ(client.log, (std::vector<std::string>{">client_hello", "<server_hello", "+<server_handshake_traffic_secret",
                                                  "ccs", "+>client_handshake_traffic_secret", "ccs",
                                                  "<encrypted_extensions", "<certificate", "<certificate_verify",
                                                  "<finished", "+<server_application_traffic_secret_0", ">finished",
                                                  "+>client_application_traffic_secret_0", "done"}));
  EXPECT_EQ(server.log,
            (std::vector<std::string>{"<client_hello", ">server_hello", "ccs", "+>server_handshake_traffic_secret",
                                      "+<client_handshake_traffic_secret", ">encrypted_extensions", ">certificate",
                                      ">certificate_verify", ">finished", "+>server_application_traffic_secret_0",
                                      "ccs", "<finished", "+<client_application_traffic_secret_0", "done"}));
  EXPECT_GT(client.checks, 5u);
}

}  // namespace
}  // namespace handfast::test
