// The suites that have to be named: RSA key exchange (RFC 5246, section 7.4.7.1) and block ciphers, with
// encrypt-then-MAC (RFC 7366) and without.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "crypto/cipher_suite.h"
#include "engine/agreement.h"
#include "engine/needs.h"
#include "engine/tampering.h"
#include "wire/client_hello.h"

namespace handfast::test {
namespace {

using enum CipherSuite;
using enum HandshakeType;

constexpr CipherSuite rsa_gcm = TLS_RSA_WITH_AES_128_GCM_SHA256;
constexpr CipherSuite rsa_cbc = TLS_RSA_WITH_AES_128_CBC_SHA;
constexpr CipherSuite ecdhe_gcm = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
constexpr CipherSuite ecdhe_cbc = TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA;

ClientOptions client_with(std::vector<CipherSuite> suites) {
  ClientOptions options = client_options();
  options.cipher_suites = std::move(suites);
  return options;
}
ServerOptions server_with(std::vector<CipherSuite> suites) {
  ServerOptions options = server_options();
  options.credentials = {decrypting_credential()};
  options.cipher_suites = std::move(suites);
  return options;
}

std::shared_ptr<const Credential> rsa_credential(x509::KeyUsage usage) {
  authority::CertificateOptions leaf = shared_authority().leaf({"server.example"});
  leaf.key_usage = usage;
  return shared_authority().credential(leaf, crypto::KeyType::rsa);
}

/// What makes a config fail: "option: problem".
template <typename Config, typename Options>
std::string problem(Options options) {
  const auto made = Config::make(std::move(options));
  if (made) return "none";
  return to_text(*made.error().find("option")) + ": " + to_text(*made.error().find("problem"));
}

// --- Named, or not there
// ---------------------------------------------------------------------------------------------------

TEST(LegacySuites, AreNotAmongTheDefaults) {
  const std::vector<CipherSuite> defaults = supported_cipher_suites(), legacy = legacy_cipher_suites();
  EXPECT_EQ(legacy.size(), 14u);
  EXPECT_EQ(every_cipher_suite().size(), defaults.size() + legacy.size());
  for (CipherSuite suite : legacy) EXPECT_EQ(std::ranges::find(defaults, suite), defaults.end()) << name(suite);
  for (CipherSuite suite : defaults) EXPECT_FALSE(crypto::find_suite(suite)->is_legacy()) << name(suite);
}

TEST(LegacySuites, NeitherSideSpeaksThemUnnamed) {
  for (CipherSuite suite : legacy_cipher_suites()) {
    ServerOptions server = server_options();
    server.credentials = {shared_credential(), decrypting_credential()};
    Pair pair(client_with({suite}), std::move(server));
    pair.pump();
    EXPECT_EQ(reason(pair.server.connection), "no_common_cipher_suite") << name(suite);
    EXPECT_EQ(alert(pair.client.connection), "handshake_failure") << name(suite);
  }
  Pair pair(client_options(), server_with(legacy_cipher_suites()));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "no_common_cipher_suite");
}

/// Whoever names nothing of the kind asks for nothing of the kind.
TEST(LegacySuites, EncryptThenMacIsOfferedWithBlockCiphersOnly) {
  const auto offers = [](std::vector<CipherSuite> suites) {
    Connection client = make_client(client_with(std::move(suites)));
    const Buffer hello = take_output(client);
    const Bytes body = Bytes(hello).subspan(record::header_size + wire::handshake_header_size);
    return value(wire::parse_client_hello(body)).encrypt_then_mac;
  };
  EXPECT_FALSE(offers({}));
  EXPECT_FALSE(offers({ecdhe_gcm, rsa_gcm}));
  EXPECT_TRUE(offers({ecdhe_gcm, ecdhe_cbc}));
}

// --- Handshakes
// -------------------------------------------------------------------------------------------------------------

TEST(LegacySuites, RsaKeyExchange) {
  for (CipherSuite suite : legacy_cipher_suites()) {
    if (crypto::find_suite(suite)->has_forward_secrecy()) continue;
    SCOPED_TRACE(name(suite));
    Pair pair(client_with({suite}), server_with({suite}));
    pair.pump();
    expect_data_flows(pair);
    for (const End* end : {&pair.client, &pair.server}) {
      const ConnectionInfo& info = end->connection.info();
      EXPECT_EQ(info.cipher_suite, suite);
      EXPECT_EQ(info.group, NamedGroup{});
      EXPECT_TRUE(info.extended_master_secret);
      EXPECT_EQ(info.encrypt_then_mac, !crypto::find_suite(suite)->has_aead());
      EXPECT_EQ(info.own_signature_scheme, SignatureScheme{});
      EXPECT_EQ(info.peer_signature_scheme, SignatureScheme{});
    }
    EXPECT_TRUE(pair.client.connection.info().peer_verified);
    EXPECT_EQ(pair.server.connection.info().credential, decrypting_credential());
  }
}

/// Bytes one by one, and a client that authenticates.
TEST(LegacySuites, RsaKeyExchangeWithAClientCertificate) {
  ClientOptions client = client_with({rsa_cbc});
  client.credentials = {shared_credential()};
  ServerOptions server = server_with({rsa_cbc});
  server.client_auth = ClientAuth::require;
  server.client_trust = shared_authority().anchors();
  Pair pair(std::move(client), std::move(server));
  pair.pump(1);
  expect_data_flows(pair);
  EXPECT_TRUE(pair.server.connection.info().peer_verified);
}

/// The server has proved nothing before its Finished.
TEST(LegacySuites, TheServerIsVerifiedByItsFinished) {
  Pair pair(client_with({rsa_gcm}), server_with({rsa_gcm}));
  Pair::carry(pair.client, pair.server);
  Pair::carry(pair.server, pair.client);
  EXPECT_FALSE(pair.client.connection.info().peer_verified);
  EXPECT_FALSE(pair.client.connection.info().peer_certificates.empty());
  pair.pump();
  EXPECT_TRUE(pair.client.connection.info().peer_verified);
}

/// RFC 7918, section 3: it needs forward secrecy and a cipher of today.
TEST(LegacySuites, NoFalseStart) {
  for (CipherSuite suite : {ecdhe_gcm, ecdhe_cbc, rsa_gcm, rsa_cbc}) {
    ClientOptions client = client_with({suite});
    client.false_start = true;
    Pair pair(std::move(client), server_with({suite}));
    Pair::carry(pair.client, pair.server);
    Pair::carry(pair.server, pair.client);
    EXPECT_EQ(pair.client.connection.can_send(), suite == ecdhe_gcm) << name(suite);
    pair.pump();
    expect_data_flows(pair);
  }
}

/// A record may hold as much as any, and each one that is sent has an IV of its own.
TEST(LegacySuites, LargeData) {
  Pair pair(client_with({ecdhe_cbc}), server_with({ecdhe_cbc}));
  pair.pump();
  const Buffer data(100'000, 7);
  ASSERT_TRUE(pair.client.connection.send(data));
  pair.pump(1000);
  EXPECT_EQ(pair.server.received, data);
}

/// Both ways of the MAC; the client's offer is hidden from the server for one of them. What was changed in the hello is
/// found out by a Finished that could be read.
TEST(LegacySuites, WithAndWithoutEncryptThenMac) {
  Pair pair(client_with({ecdhe_cbc}), server_with({ecdhe_cbc}));
  pair.pump();
  expect_data_flows(pair);
  EXPECT_TRUE(pair.client.connection.info().encrypt_then_mac);
  EXPECT_TRUE(pair.server.connection.info().encrypt_then_mac);

  Middleman middleman(client_with({ecdhe_cbc}), server_with({ecdhe_cbc}), hide(ExtensionType::encrypt_then_mac));
  expect_alert(middleman, Side::server, "decrypt_error", "bad_finished");
  EXPECT_FALSE(middleman.server().info().encrypt_then_mac);
  EXPECT_FALSE(middleman.client().info().encrypt_then_mac);
}

/// RFC 7366, section 2.
TEST(LegacySuites, EncryptThenMacIsNoAnswerUnderAnAead) {
  expect_refusal(
      server_hello, [](Buffer& hello) { add_extension(hello, ExtensionType::encrypt_then_mac, {}); }, Side::client,
      "illegal_parameter", "bad_extension", client_with({ecdhe_gcm, ecdhe_cbc}), server_with({ecdhe_gcm}));
  // And none where nobody asked.
  expect_refusal(
      server_hello, [](Buffer& hello) { add_extension(hello, ExtensionType::encrypt_then_mac, {}); }, Side::client,
      "unsupported_extension", "unsolicited_extension", client_with({ecdhe_gcm}), server_with({ecdhe_gcm}));
}

// --- Which suite, and whose key
// -----------------------------------------------------------------------------------------------

CipherSuite chosen(ClientOptions client, ServerOptions server) {
  Pair pair(std::move(client), std::move(server));
  pair.pump();
  EXPECT_TRUE(pair.connected()) << reason(pair.client.connection) << " " << reason(pair.server.connection);
  return pair.server.connection.info().cipher_suite;
}

/// Without a group or a scheme in common there is no ECDHE, but RSA key exchange needs neither.
TEST(LegacySuites, RsaKeyExchangeNeedsNoGroupAndNoScheme) {
  const std::vector<CipherSuite> both{ecdhe_gcm, rsa_gcm};
  EXPECT_EQ(chosen(client_with(both), server_with(both)), ecdhe_gcm);
  ServerOptions server = server_with(both);
  server.groups = {NamedGroup::secp384r1};
  ClientOptions client = client_with(both);
  client.groups = {NamedGroup::x25519};
  EXPECT_EQ(chosen(client, server), rsa_gcm);
  client = client_with(both);
  client.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
  EXPECT_EQ(chosen(client, server_with(both)), rsa_gcm);
  // Where it is not in common, what is missing is said as ever.
  Pair pair(client, server_with({ecdhe_gcm}));
  pair.pump();
  EXPECT_EQ(reason(pair.server.connection), "no_common_signature_scheme");
}

/// Of two credentials the one with forward secrecy.
TEST(LegacySuites, AKeyThatSignsComesBeforeOneThatOnlyDecrypts) {
  const std::vector<CipherSuite> suites{TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, rsa_gcm};
  ServerOptions server = server_with(suites);
  server.credentials = {decrypting_credential(), shared_credential()};
  EXPECT_EQ(chosen(client_with(suites), server), TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
  EXPECT_EQ(chosen(client_with({rsa_gcm}), server), rsa_gcm);
  server.credentials = {shared_credential(), decrypting_credential()};
  EXPECT_EQ(chosen(client_with({rsa_gcm}), server), rsa_gcm);
}

/// The order of preference is that of whoever names them.
TEST(LegacySuites, OrderIsTheServersOrTheClients) {
  const std::vector<CipherSuite> one{rsa_gcm, ecdhe_gcm}, other{ecdhe_gcm, rsa_gcm};
  EXPECT_EQ(chosen(client_with(other), server_with(one)), rsa_gcm);
  ServerOptions server = server_with(one);
  server.prefer_server_order = false;
  EXPECT_EQ(chosen(client_with(other), server), ecdhe_gcm);
}

TEST(LegacySuites, AServerWithoutSuchAKeyIsNotMade) {
  const std::string needs =
      "cipher_suites: TLS_RSA_WITH_AES_128_GCM_SHA256 needs an RSA key that decrypts, and a certificate whose keyUsage "
      "says keyEncipherment";
  for (const auto& credential : {shared_credential(), rsa_credential(x509::KeyUsage::digitalSignature),
                                 shared_authority().credential("server.example", crypto::KeyType::rsa_pss)}) {
    ServerOptions server = server_with({TLS_AES_128_GCM_SHA256, rsa_gcm});
    server.credentials = {credential};
    EXPECT_FALSE(credential->decrypts());
    EXPECT_NE(problem<ServerConfig>(server), "none");
  }
  ServerOptions server = server_with({TLS_AES_128_GCM_SHA256, ecdhe_gcm, rsa_gcm});
  server.credentials = {rsa_credential(x509::KeyUsage::digitalSignature)};
  EXPECT_EQ(problem<ServerConfig>(server), needs);
  EXPECT_TRUE(decrypting_credential()->decrypts());
}

/// A key outside that says nothing of decryption is not asked for it.
TEST(LegacySuites, AKeyThatDoesNotDecryptIsNotChosen) {
  struct SignsOnly final : PrivateKey {
    std::span<const SignatureScheme> schemes() const override { return decrypting_credential()->key()->schemes(); }
    Bytes public_key() const override { return decrypting_credential()->key()->public_key(); }
    void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override {
      decrypting_credential()->key()->sign(scheme, std::move(message), std::move(done));
    }
  };
  ServerOptions server = server_with({ecdhe_gcm, rsa_gcm});
  server.credentials.clear();
  server.credential_chooser = std::make_shared<FarChooser>();
  const auto credential =
      value(Credential::make(decrypting_credential()->chain(), std::make_shared<const SignsOnly>()));
  EXPECT_FALSE(credential->decrypts());
  Pair pair(client_with({rsa_gcm}), std::move(server));
  run_with_needs(pair, [&](std::size_t, Connection& connection) {
    return connection.answer(connection.need()->id, CredentialAnswer{credential}).has_value();
  });
  EXPECT_EQ(reason(pair.server.connection), "no_common_cipher_suite");
}

/// RFC 5246, section 7.4.2: what the certificate says of its key's use is held against what is done with it.
TEST(LegacySuites, TheCertificateHasToBeForIt) {
  // Another server would have to be bold enough: this one is told that its certificate is good for both.
  ServerOptions server = server_with({rsa_gcm});
  const auto signs = rsa_credential(x509::KeyUsage::digitalSignature);
  Middleman middleman(client_with({rsa_gcm}), server, [&](Side, Piece piece) {
    if (is(piece, certificate)) {
      const Buffer& leaf = signs->chain().front();
      Buffer body;
      base::Writer w(body);
      {
        auto list = w.length24();
        w.vector24(leaf);
      }
      piece.bytes.resize(4);
      piece.bytes.insert(piece.bytes.end(), body.begin(), body.end());
      set_length(piece.bytes);
    }
    return std::vector{std::move(piece)};
  });
  expect_alert(middleman, Side::client, "illegal_parameter", "wrong_key_usage");
  EXPECT_EQ(to_text(*middleman.client().error()->find("required")), "keyEncipherment");
  // One for encipherment alone will do.
  server = server_with({rsa_gcm});
  server.credentials = {rsa_credential(x509::KeyUsage::keyEncipherment)};
  EXPECT_EQ(chosen(client_with({rsa_gcm}), server), rsa_gcm);
}

/// Its key may be encrypted for: none of ECDSA, and none that is for RSASSA-PSS alone.
TEST(LegacySuites, TheCertificateHasToBeOfRsa) {
  for (const crypto::KeyType type : {crypto::KeyType::p256, crypto::KeyType::rsa_pss}) {
    ServerOptions server = server_options();
    server.cipher_suites = {type == crypto::KeyType::p256 ? TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 : ecdhe_gcm};
    authority::CertificateOptions leaf = shared_authority().leaf({"server.example"});
    leaf.key_usage.reset();
    server.credentials = {shared_authority().credential(leaf, type)};
    Middleman middleman(client_with({rsa_gcm, server.cipher_suites.front()}), server, [](Side, Piece piece) {
      if (is(piece, server_hello)) {
        const std::size_t at = 4 + 2 + 32 + 1 + std::size_t{piece.bytes[4 + 2 + 32]};
        piece.bytes[at] = 0x00;
        piece.bytes[at + 1] = 0x9c;
      }
      return std::vector{std::move(piece)};
    });
    expect_alert(middleman, Side::client, "illegal_parameter", "wrong_certificate_key");
  }
}

// --- Messages
// ---------------------------------------------------------------------------------------------------------------

/// A ServerKeyExchange has no place here: what it would say nobody has asked for (RFC 5246, section 7.4.3).
TEST(LegacySuites, NoServerKeyExchange) {
  Middleman middleman(
      client_with({rsa_gcm}), server_with({rsa_gcm}),
      insert_before(Side::server, server_hello_done, {{ContentType::handshake, {12, 0, 0, 4, 3, 0, 29, 0}}}));
  expect_alert(middleman, Side::client, "unexpected_message", "unexpected_message");
}

/// Bleichenbacher: nothing tells why a premaster secret is not right, neither the alert nor its reason nor the moment.
TEST(LegacySuites, WhatIsWrongWithAPremasterSecretIsNotTold) {
  const auto encrypted = [](Bytes block) {
    const auto leaf = value(x509::Certificate::parse(decrypting_credential()->chain().front()));
    return value(x509::encrypt(leaf->public_key, block, system_random()));
  };
  Buffer right_form(48, 1);
  right_form[0] = right_form[1] = 3;
  Buffer other_version = right_form;
  other_version[1] = 2;
  const std::size_t size = encrypted(right_form).size();
  Buffer above_modulus(size, 0xff);
  const std::vector<std::pair<const char*, Buffer>> all = {
      {"another's, of the right form", encrypted(right_form)},
      {"of another version", encrypted(other_version)},
      {"too short", encrypted(Bytes(right_form).first(47))},
      {"too long", encrypted(Buffer(49, 3))},
      {"of no bytes", encrypted({})},
      {"random", Buffer(size, 0x17)},
      {"zero", Buffer(size, 0)},
      {"one",
       [&] {
         Buffer one(size, 0);
         one.back() = 1;
         return one;
       }()},
      {"no number below the modulus", above_modulus},
      {"shorter than the modulus", Buffer(size - 1, 1)},
      {"longer than the modulus", Buffer(size + 1, 1)},
      {"empty", Buffer()},
  };
  for (const auto& [what, ciphertext] : all) {
    SCOPED_TRACE(what);
    for (CipherSuite suite : {rsa_gcm, rsa_cbc}) {
      // Whoever stands in the middle knows what the server believes to be the keys, so that a Finished comes there.
      Middleman middleman(client_with({suite}), server_with({suite}), change(client_key_exchange, [&](Buffer& message) {
                            message.resize(4);
                            base::Writer w(message);
                            w.vector16(ciphertext);
                            set_length(message);
                          }));
      expect_alert(middleman, Side::server, "decrypt_error", "bad_finished");
      EXPECT_TRUE(middleman.server().error()->evidence().empty());
      // And who does not know them fails one record before.
      if (ciphertext.size() != size) continue;
      Pair pair(client_with({suite}), server_with({suite}));
      Pair::carry(pair.client, pair.server);
      Pair::carry(pair.server, pair.client);
      Buffer flight = take_output(pair.client.connection);
      constexpr std::size_t at = record::header_size + wire::handshake_header_size + 2;
      ASSERT_EQ(flight[record::header_size], std::to_underlying(client_key_exchange));
      std::ranges::copy(ciphertext, flight.begin() + at);
      pair.server.feed(flight);
      EXPECT_EQ(alert(pair.server.connection), "bad_record_mac");
      EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
    }
  }
}

TEST(LegacySuites, WhatIsNoEncryptedPremasterSecret) {
  for (const Buffer& body : {Buffer{}, Buffer{0}, Buffer{0, 1}, Buffer{0, 0, 0}, Buffer{1, 0, 5}})
    expect_refusal(
        client_key_exchange,
        [&](Buffer& message) {
          message.resize(4);
          message.insert(message.end(), body.begin(), body.end());
          set_length(message);
        },
        Side::server, "decode_error", "decode_error", client_with({rsa_gcm}), server_with({rsa_gcm}));
}

// --- Keys outside
// ------------------------------------------------------------------------------------------------------------

Pair far_pair() {
  ServerOptions server = server_with({rsa_gcm});
  server.credentials = {far_credential(decrypting_credential())};
  return Pair(client_with({rsa_gcm}), std::move(server));
}

TEST(LegacySuites, AKeyOutsideDecrypts) {
  Pair pair = far_pair();
  const std::size_t needs = run_with_needs(pair, [&](std::size_t, Connection& connection) {
    EXPECT_TRUE(std::holds_alternative<DecryptRequest>(connection.need()->request));
    for (int i = 0; i < 3; ++i) pair.pump(1);  // late
    const Need& need = *connection.need();
    return connection.answer(need.id, right_answer(need)).has_value();
  });
  EXPECT_EQ(needs, 1u);
  expect_data_flows(pair);
}

/// One that can't, or gives what is no block, does not tell the client so.
TEST(LegacySuites, AKeyOutsideThatFails) {
  for (const std::optional<Buffer>& block :
       {std::optional<Buffer>(), std::optional(Buffer()), std::optional(Buffer(48, 3)), std::optional(Buffer(256, 0)),
        std::optional(Buffer(1000, 2))}) {
    Pair pair = far_pair();
    run_with_needs(pair, [&](std::size_t, Connection& connection) {
      return connection.answer(connection.need()->id, DecryptAnswer{block}).has_value();
    });
    EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
    EXPECT_EQ(alert(pair.client.connection), "bad_record_mac");
  }
}

/// A block is as long as the modulus, however good its padding is: one that is not has been counted, or stripped.
TEST(LegacySuites, AKeyOutsideThatGivesABlockOfAnotherLength) {
  for (int longer : {0, 1, -1, 16}) {
    SCOPED_TRACE(longer);
    Pair pair = far_pair();
    run_with_needs(pair, [&](std::size_t, Connection& connection) {
      Answer answer = right_answer(*connection.need());
      Buffer& block = *std::get<DecryptAnswer>(answer).block;
      const auto padding = block.begin() + 2;
      if (longer > 0)
        block.insert(padding, static_cast<std::size_t>(longer), 1);
      else
        block.erase(padding, padding - longer);
      return connection.answer(connection.need()->id, std::move(answer)).has_value();
    });
    EXPECT_EQ(pair.connected(), longer == 0);
    if (longer == 0) continue;
    EXPECT_EQ(reason(pair.server.connection), "bad_record_mac");
    EXPECT_EQ(alert(pair.client.connection), "bad_record_mac");
  }
}

}  // namespace
}  // namespace handfast::test
