#include "doctor/ladder.h"

#include <gtest/gtest.h>

#include <sstream>

#include "doctor/script.h"
#include "wire/client_hello.h"

namespace handfast::doctor {
namespace {

using test::derived_secrets;
using test::Extras;
using test::Script;
using test::whole_handshake;
using test::whole_handshake_tls12;

constexpr std::string_view golden =
    R"(         client                                                           server
  0.0 ms │── ClientHello, 162 bytes ──────────────────────────────────────────▶│
         │   server name example.com · versions TLS 1.3                        │
         │   suites TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 +1          │
         │   groups x25519, secp256r1, secp384r1, secp521r1 · key share x25519 │
         │   signatures ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256            │
         │   ALPN h2, http/1.1                                                 │
  0.2 ms │◀───────────────────────────────────── HelloRetryRequest, 56 bytes ──│
         │   version TLS 1.3 · suite TLS_AES_128_GCM_SHA256                    │
         │   asks for group secp256r1                                          │
  0.5 ms │── change_cipher_spec, for middleboxes only ────────────────────────▶│
  0.8 ms │── ClientHello, 162 bytes ──────────────────────────────────────────▶│
         │   server name example.com · versions TLS 1.3                        │
         │   suites TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 +1          │
         │   groups x25519, secp256r1, secp384r1, secp521r1                    │
         │   key share secp256r1                                               │
         │   signatures ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256            │
         │   ALPN h2, http/1.1                                                 │
  1.0 ms │◀─────────────────────────────────────────── ServerHello, 90 bytes ──│
         │   version TLS 1.3 · suite TLS_AES_128_GCM_SHA256                    │
         │   key share secp256r1                                               │
  1.2 ms ├┄ server now sends under server_handshake_traffic_secret ┄┄┄┄┄┄┄┄┄┄┄┄┤
  1.5 ms ├┄ client now sends under client_handshake_traffic_secret ┄┄┄┄┄┄┄┄┄┄┄┄┤
  1.8 ms │◀═══════════════════════════════════ EncryptedExtensions, 15 bytes ══│
         │   ALPN h2                                                           │
  2.0 ms │◀════════════════════════════════════ CertificateRequest, 17 bytes ══│
         │   signatures ecdsa_secp256r1_sha256, ed25519                        │
  2.2 ms │◀══════════════════════════════════════════ Certificate, 406 bytes ══│
         │   CN=example.com · for example.com, www.example.com                 │
         │   from CN=Example CA · valid 2026-01-01 to 2026-12-31 · Ed25519     │
         │   ✓ CN=example.com: validity, server name                           │
         │   not checked: revocation                                           │
  2.8 ms │◀═════════════════════════════════════ CertificateVerify, 79 bytes ══│
         │   algorithm ecdsa_secp256r1_sha256                                  │
  3.0 ms │◀══════════════════════════════════════════════ Finished, 36 bytes ══│
  3.2 ms │══ Certificate, 8 bytes ════════════════════════════════════════════▶│
         │   certificate list empty                                            │
  3.5 ms │══ Finished, 36 bytes ══════════════════════════════════════════════▶│
  3.8 ms ├┄ client now sends under client_application_traffic_secret_0 ┄┄┄┄┄┄┄┄┤
  4.0 ms ├┄ server now sends under server_application_traffic_secret_0 ┄┄┄┄┄┄┄┄┤
  4.2 ms ├┄ handshake complete for the client ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  4.5 ms │══ application data, 123 bytes in 2 records ════════════════════════▶│
  5.0 ms │◀═══════════════════════════════ alert certificate_required, fatal ══│
         ── in the clear   ══ encrypted
)";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Ladder, AWholeHandshake) { EXPECT_EQ(ladder(whole_handshake().recording(), Style{80, false, true}), golden); }

constexpr std::string_view golden_tls12 =
    R"(         client                                                           server
  0.0 ms │── ClientHello, 104 bytes ──────────────────────────────────────────▶│
         │   server name example.com · legacy version TLS 1.2                  │
         │   suites TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 +1                 │
         │   groups x25519, secp256r1                                          │
         │   signatures ecdsa_secp256r1_sha256, rsa_pkcs1_sha256               │
         │   extended master secret yes · renegotiation info yes               │
         │   fallback TLS_FALLBACK_SCSV · point formats uncompressed           │
  0.2 ms │◀─────────────────────────────────────────── ServerHello, 76 bytes ──│
         │   version TLS 1.2 · suite TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256   │
         │   extended master secret yes · renegotiation info yes               │
         │   point formats uncompressed · ALPN h2 · server name acknowledged   │
         │   status request yes                                                │
  0.5 ms │◀────────────────────────────────────────── Certificate, 403 bytes ──│
         │   CN=example.com · for example.com, www.example.com                 │
         │   from CN=Example CA · valid 2026-01-01 to 2026-12-31 · Ed25519     │
  0.8 ms │◀──────────────────────────────────── CertificateStatus, 479 bytes ──│
         │   OCSP response 471 bytes                                           │
  1.0 ms │◀──────────────────────────────────── ServerKeyExchange, 115 bytes ──│
         │   curve x25519 · point 32 bytes · algorithm ecdsa_secp256r1_sha256  │
  1.2 ms │◀──────────────────────────────────── CertificateRequest, 16 bytes ──│
         │   certificate types ecdsa_sign, rsa_sign, 0x63                      │
         │   signatures ecdsa_secp256r1_sha256, rsa_pkcs1_sha256               │
  1.5 ms │◀──────────────────────────────────────── ServerHelloDone, 4 bytes ──│
  1.8 ms │── Certificate, 7 bytes ────────────────────────────────────────────▶│
         │   certificate list empty                                            │
  2.0 ms │── ClientKeyExchange, 37 bytes ─────────────────────────────────────▶│
         │   point 32 bytes                                                    │
  2.2 ms │── CertificateVerify, 78 bytes ─────────────────────────────────────▶│
         │   algorithm ecdsa_secp256r1_sha256                                  │
  2.5 ms │── change_cipher_spec: what follows is encrypted ───────────────────▶│
  2.8 ms ├┄ client now sends under client_write_key ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  3.0 ms │══ Finished, 16 bytes ══════════════════════════════════════════════▶│
  3.2 ms │◀─────────────────── change_cipher_spec: what follows is encrypted ──│
  3.5 ms ├┄ server now sends under server_write_key ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  3.8 ms │◀══════════════════════════════════════════════ Finished, 16 bytes ══│
  4.0 ms ├┄ handshake complete for the client ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  4.2 ms │◀═══════════════════════════════════════════ HelloRequest, 4 bytes ══│
         ── in the clear   ══ encrypted
)";
constexpr std::string_view golden_tls12_weak =
    R"(         client                                                           server
  0.0 ms │── ClientHello, 104 bytes ──────────────────────────────────────────▶│
         │   server name example.com · legacy version TLS 1.2                  │
         │   suites TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 +1                 │
         │   groups x25519, secp256r1                                          │
         │   signatures ecdsa_secp256r1_sha256, rsa_pkcs1_sha256               │
         │   extended master secret yes · renegotiation info yes               │
         │   fallback TLS_FALLBACK_SCSV · point formats uncompressed           │
  0.2 ms │◀─────────────────────────────────────────── ServerHello, 48 bytes ──│
         │   version TLS 1.2 · suite TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256   │
         │   server name acknowledged · downgrade sentinel TLS 1.2             │
         │   weak: no extended master secret (RFC 7627): the secrets are not   │
         │   bound to this handshake and its certificates                      │
         │   weak: no secure renegotiation (RFC 5746): should the server       │
         │   renegotiate, another's words may stand before the client's        │
  0.5 ms │◀────────────────────────────────────────── Certificate, 403 bytes ──│
         │   CN=example.com · for example.com, www.example.com                 │
         │   from CN=Example CA · valid 2026-01-01 to 2026-12-31 · Ed25519     │
  0.8 ms │◀──────────────────────────────────── ServerKeyExchange, 115 bytes ──│
         │   curve x25519 · point 32 bytes · algorithm ecdsa_secp256r1_sha256  │
  1.0 ms │◀──────────────────────────────────────── ServerHelloDone, 4 bytes ──│
  1.2 ms │── ClientKeyExchange, 37 bytes ─────────────────────────────────────▶│
         │   point 32 bytes                                                    │
  1.5 ms │── change_cipher_spec: what follows is encrypted ───────────────────▶│
  1.8 ms ├┄ client now sends under client_write_key ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  2.0 ms │══ Finished, 16 bytes ══════════════════════════════════════════════▶│
  2.2 ms │◀─────────────────── change_cipher_spec: what follows is encrypted ──│
  2.5 ms ├┄ server now sends under server_write_key ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  2.8 ms │◀══════════════════════════════════════════════ Finished, 16 bytes ══│
  3.0 ms ├┄ handshake complete for the client ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
  3.2 ms │◀═══════════════════════════════════════════ HelloRequest, 4 bytes ══│
         ── in the clear   ══ encrypted
)";

TEST(Ladder, AWholeHandshakeOfTls12) {
  EXPECT_EQ(ladder(whole_handshake_tls12(Extras::all).recording(), Style{80, false, true}), golden_tls12);
}

TEST(Ladder, SaysWhatATls12Lacks) {
  EXPECT_EQ(ladder(whole_handshake_tls12(Extras::none).recording(), Style{80, false, true}), golden_tls12_weak);
}

TEST(Ladder, InAscii) {
  const std::string text = ladder(whole_handshake().recording(), Style{80, false, false});
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
  EXPECT_NE(text.find("|-- ClientHello, "), std::string::npos);
  EXPECT_NE(text.find(" EncryptedExtensions, 15 bytes ==|"), std::string::npos) << text;
}

TEST(Ladder, EveryLineFitsItsWidth) {
  for (std::size_t width = 60; width <= 100; width += 5)
    for (const std::string& line : lines_of(ladder(whole_handshake().recording(), Style{width, false, true})))
      EXPECT_LE(columns(line), width) << line;
}

TEST(Ladder, AllLinesBetweenTheRailsAreEquallyLong) {
  for (const std::string& line : lines_of(ladder(whole_handshake().recording(), Style{80, false, true}))) {
    if (!line.ends_with("│") && !line.ends_with("┤")) continue;
    EXPECT_EQ(columns(line), 80u) << line;
  }
}

TEST(Ladder, ColourAddsNothingButColour) {
  const std::string plain = ladder(whole_handshake().recording(), Style{80, false, true});
  std::string coloured = ladder(whole_handshake().recording(), Style{80, true, true});
  EXPECT_NE(coloured, plain);
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(Ladder, TheClientStandsOnTheLeftWhoeverRecords) {
  const Buffer finished = {20, 0, 0, 1, 0xff};
  Script server(Side::server);
  server.message(Direction::received, Level::handshake, finished).message(Direction::sent, Level::handshake, finished);
  const std::vector<std::string> lines = lines_of(ladder(server.recording(), Style{80, false, false}));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_NE(lines[1].find("|== Finished"), std::string::npos) << lines[1];
  EXPECT_TRUE(lines[1].ends_with(">|")) << lines[1];
  EXPECT_NE(lines[2].find("|<="), std::string::npos) << lines[2];
}

TEST(Ladder, AnAlertIsEncryptedOnceItsDirectionHasKeys) {
  Script script(Side::client);
  script.add(AlertEvent{Direction::received, Alert::handshake_failure, true})
      .add(KeyEvent{Direction::sent, Level::handshake, "client_handshake_traffic_secret",
                    CipherSuite::TLS_AES_128_GCM_SHA256})
      .add(AlertEvent{Direction::received, Alert::handshake_failure, true})
      .add(AlertEvent{Direction::sent, Alert::bad_certificate, true});
  const std::vector<std::string> lines = lines_of(ladder(script.recording(), Style{80, false, false}));
  EXPECT_NE(lines[1].find("<---"), std::string::npos) << lines[1];
  EXPECT_NE(lines[3].find("<---"), std::string::npos) << lines[3];
  EXPECT_NE(lines[4].find("|== alert bad_certificate, fatal"), std::string::npos) << lines[4];
}

TEST(Ladder, AMessageThatDoesNotParseIsShownAsSuch) {
  Script script(Side::server);
  script.message(Direction::received, Level::initial, Buffer{1, 0, 0, 2, 3, 3});
  EXPECT_NE(ladder(script.recording(), Style{}).find("does not parse"), std::string::npos);
}

TEST(Ladder, WhatAPeerSendsCanNotSpeakToTheTerminal) {
  const Buffer random(32, 1);
  const std::array suites = {CipherSuite::TLS_AES_128_GCM_SHA256};
  const std::array<std::string, 1> protocols = {std::string("\x1b[2J\r\n\x9b", 7)};
  wire::ClientHelloFields fields;
  fields.random = random;
  fields.cipher_suites = suites;
  fields.server_name = "\x1b]0;x\x07";
  fields.application_layer_protocol_negotiation = protocols;
  Buffer hello;
  ASSERT_TRUE(wire::write_client_hello(hello, fields));
  VerificationReport report{
      .certificates = {{0x1b}}, .sent = 1, .leaf = {}, .error = Error(Alert::bad_certificate, Reason::bad_certificate)};
  report.leaf.checks = {
      {CheckKind::validity, CheckOutcome::failed, Reason::certificate_expired, {{"now", "\x9b\x1b"}}}};
  Script script(Side::server);
  script.message(Direction::received, Level::initial, hello)
      .add(VerificationEvent{&report})
      .add(DecisionEvent{"cipher_suite", "", {"\x1b"}, {}});
  for (const char c : ladder(script.recording(), Style{80, false, false}))
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
}

constexpr std::string_view golden_secrets =
    R"(  0.2 ms ├┄ pre_master_secret 32 bytes, redacted (--keys shows secrets) ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
         │   = x25519(ClientKeyExchange, ServerKeyExchange)                                        │
  0.5 ms ├┄ master_secret 48 bytes ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
         │   = PRF(pre_master_secret, "extended master secret", session_hash)[0..47]               │
  0.8 ms ├┄ client_write_key 16, server_write_key 16, client_write_IV 4, server_write_IV 4 bytes ┄┄┤
         │   = PRF(master_secret, "key expansion", server_random + client_random)                  │
)";
constexpr std::string_view golden_secrets_shown =
    R"(  0.2 ms ├┄ pre_master_secret 32 bytes ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
         │   = x25519(ClientKeyExchange, ServerKeyExchange)                    │
         │   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  │
  0.5 ms ├┄ master_secret 48 bytes ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
         │   = PRF(pre_master_secret, "extended master secret",                │
         │   session_hash)[0..47]                                              │
         │   bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb  │
         │   bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb                                  │
  0.8 ms ├┄ client_write_key 16, server_write_key 16, client_write_IV 4, ┄┄┄┄┄┄┤
         ├┄ server_write_IV 4 bytes ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
         │   = PRF(master_secret, "key expansion", server_random +             │
         │   client_random)                                                    │
         │   client_write_key c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1                 │
         │   server_write_key c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2                 │
         │   client_write_IV d1d1d1d1                                          │
         │   server_write_IV d2d2d2d2                                          │
)";

TEST(Ladder, SecretsAreNamedAndRedactedWhereTheyHaveNoBytes) {
  const Script script = derived_secrets(Secrets::redacted);
  const std::string text = ladder(script.recording(), Style{100, false, true}, "--keys");
  EXPECT_NE(text.find(golden_secrets), std::string::npos) << text;
  EXPECT_NE(ladder(script.recording(), Style{}).find("pre_master_secret 32 bytes, redacted ┄"), std::string::npos);
}

TEST(Ladder, SecretsAreShownWhereTheyHaveBytes) {
  const std::string text = ladder(derived_secrets(Secrets::shown).recording(), Style{80, false, true}, "--keys");
  EXPECT_NE(text.find(golden_secrets_shown), std::string::npos) << text;
  EXPECT_EQ(text.find("redacted"), std::string::npos);
}

TEST(Ladder, SecretsFitEveryWidth) {
  for (std::size_t width = 60; width <= 100; ++width)
    for (const std::string& line :
         lines_of(ladder(derived_secrets(Secrets::shown).recording(), Style{width, false, true})))
      EXPECT_LE(columns(line), width) << line;
}

TEST(Recording, RedactedHasNoBytesOfSecretsAndAllTheRest) {
  const Script script = derived_secrets(Secrets::shown);
  EXPECT_EQ(ladder(script.recording().redacted(), Style{}),
            ladder(derived_secrets(Secrets::redacted).recording(), Style{}));
}

TEST(Ladder, WhereThereIsNothingToChooseFromNothingIsWrong) {
  Script script(Side::client);
  script.add(DecisionEvent{"credential", "", {"example.com"}, {}})
      .add(DecisionEvent{"group", "", {"x448"}, {"x25519"}});
  const std::string text = ladder(script.recording(), Style{});
  EXPECT_NE(text.find("client has no credential  "), std::string::npos) << text;
  EXPECT_NE(text.find("nothing fits for group: · offered x448 · supported x25519"), std::string::npos) << text;
}

TEST(Ladder, DataInARowIsOneStep) {
  Script script(Side::client);
  for (int i = 0; i < 10'000; ++i) script.add(DataEvent{Direction::sent, Level::application, 10});
  EXPECT_EQ(script.recording().steps().size(), 1u);
  EXPECT_NE(ladder(script.recording(), Style{}).find("100000 bytes in 10000 records"), std::string::npos);
}

TEST(Recording, TakesNoMoreThanItsLimitAndCountsTheRest) {
  Script script(Side::client);
  for (std::size_t i = 0; i < Recording::max_steps + 7; ++i) script.add(ChangeCipherSpecEvent{Direction::received});
  EXPECT_EQ(script.recording().steps().size(), Recording::max_steps);
  EXPECT_EQ(script.recording().left_out(), 7u);
  EXPECT_NE(ladder(script.recording(), Style{}).find("7 more events not kept"), std::string::npos);
}

TEST(Duration, IsShort) {
  EXPECT_EQ(duration_text(0), "0.0 ms");
  EXPECT_EQ(duration_text(1'260'000), "1.3 ms");
  EXPECT_EQ(duration_text(12'400'000), "12 ms");
  EXPECT_EQ(duration_text(1'240'000'000), "1.24 s");
}

}  // namespace
}  // namespace handfast::doctor
