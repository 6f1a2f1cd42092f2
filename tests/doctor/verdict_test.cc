#include "doctor/verdict.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/error.hpp>
#include <map>
#include <vector>

#include <handfast/config.h>
#include <handfast/connection.h>

#include "doctor/script.h"
#include "wire/client_hello.h"

namespace handfast::doctor {
namespace {

namespace asio = boost::asio;
using test::whole_handshake;

Target example() {
  Target target;
  target.host = "example.com";
  target.server_name = "example.com";
  target.tried = {"192.0.2.1:443"};
  target.now = 1800000000;  // 2027-01-15
  target.bytes_received = 1000;
  return target;
}

Error error_of(Reason reason) { return Error(Alert::internal_error, reason); }

Verdict judge_tls(Error error, const Recording& recording = {}) {
  return judge(example(), NetError(Stage::handshake, std::move(error)), recording);
}

TEST(Verdict, EveryReasonHasAClassACodeAndWords) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Reason::bad_config); ++i) {
    const Reason reason{static_cast<std::uint16_t>(i)};
    const Verdict verdict = judge_tls(Error(Alert::handshake_failure, reason));
    EXPECT_NE(verdict.exit_code, ExitCode::ok) << name(reason);
    EXPECT_FALSE(verdict.summary.empty()) << name(reason);
    EXPECT_EQ(verdict.code, reason == Reason::alert_received ? "alert_handshake_failure" : std::string(name(reason)));
  }
}

TEST(Verdict, ExitCodesOfReasons) {
  using enum ExitCode;
  const std::map<Reason, ExitCode> expected = {
      {Reason::not_tls, transport},
      {Reason::truncated, transport},
      {Reason::decode_error, negotiation},
      {Reason::no_common_cipher_suite, negotiation},
      {Reason::wrong_version_selected, negotiation},
      {Reason::bad_finished, negotiation},
      {Reason::bad_record_mac, negotiation},
      {Reason::bad_signature, certificate},
      {Reason::no_certificate, certificate},
      {Reason::bad_certificate, certificate},
      {Reason::certificate_expired, certificate},
      {Reason::unknown_issuer, certificate},
      {Reason::name_mismatch, certificate},
      {Reason::path_too_complex, certificate},
      {Reason::verification_failed, certificate},
      {Reason::internal_error, internal},
      {Reason::out_of_memory, internal},
      {Reason::file_not_readable, usage},
      {Reason::bad_config, usage},
  };
  for (const auto& [reason, code] : expected) EXPECT_EQ(judge_tls(error_of(reason)).exit_code, code) << name(reason);
}

TEST(Verdict, ExitCodesOfAlerts) {
  using enum ExitCode;
  const std::map<Alert, ExitCode> expected = {
      {Alert::handshake_failure, negotiation},       {Alert::protocol_version, negotiation},
      {Alert::unrecognized_name, negotiation},       {Alert::no_application_protocol, negotiation},
      {Alert::internal_error, negotiation},          {Alert::certificate_required, client_authentication},
      {Alert::unknown_ca, client_authentication},    {Alert::bad_certificate, client_authentication},
      {Alert::access_denied, client_authentication},
  };
  for (const auto& [alert, code] : expected)
    EXPECT_EQ(judge_tls(Error(alert, Reason::alert_received)).exit_code, code) << name(alert);
}

TEST(Verdict, AHandshakeFailureAfterACertificateRequestIsAboutOurCertificate) {
  const Verdict verdict =
      judge_tls(Error(Alert::handshake_failure, Reason::alert_received), whole_handshake().recording());
  EXPECT_EQ(verdict.exit_code, ExitCode::client_authentication);
  EXPECT_EQ(verdict.code, "client_certificate_required");
  EXPECT_EQ(verdict.reference, "HF0911");
}

/// A client that says `hello` and then hears that alert.
Verdict judge_answer(const wire::ClientHelloFields& hello, Alert alert) {
  wire::ClientHelloFields fields = hello;
  const Buffer random(32, 0x11);
  fields.random = random;
  Buffer message;
  EXPECT_TRUE(wire::write_client_hello(message, fields));
  test::Script script(Side::client);
  script.message(Direction::sent, Level::initial, message);
  return judge_tls(Error(alert, Reason::alert_received), script.recording());
}

constexpr std::array both_versions = {ProtocolVersion::tls1_3, ProtocolVersion::tls1_2};
constexpr std::array tls13_alone = {ProtocolVersion::tls1_3};

TEST(Verdict, AServerOfOlderVersionsOnlyHasToBeUpdated) {
  const std::vector<CipherSuite> suites = supported_cipher_suites();
  wire::ClientHelloFields hello;
  hello.cipher_suites = suites;
  hello.supported_versions = both_versions;
  const Verdict verdict = judge_answer(hello, Alert::protocol_version);
  EXPECT_EQ(verdict.summary, "example.com:443 speaks neither TLS 1.3 nor TLS 1.2.");
  EXPECT_EQ(verdict.fault, Fault::server);
  EXPECT_NE(verdict.advice.back().find("openssl s_client -connect example.com:443 -tls1_1"), std::string::npos);
  EXPECT_EQ(verdict.code, "no_common_version");
}

TEST(Verdict, AVersionThatWasLeftOutIsToBeOffered) {
  const std::vector<CipherSuite> suites = supported_cipher_suites();
  wire::ClientHelloFields hello;
  hello.cipher_suites = suites;
  hello.supported_versions = tls13_alone;
  const Verdict tls13 = judge_answer(hello, Alert::protocol_version);
  EXPECT_EQ(tls13.summary, "example.com:443 does not speak TLS 1.3, the only version that was offered.");
  EXPECT_EQ(tls13.fault, Fault::client);
  EXPECT_EQ(tls13.advice.front(), "Offer TLS 1.2 too, as it is without --tls: handfast connect example.com");
  hello.supported_versions = {};
  EXPECT_EQ(judge_answer(hello, Alert::protocol_version).summary,
            "example.com:443 does not speak TLS 1.2, the newest version that was offered.");
}

TEST(Verdict, AServerThatNoLongerSpeaksAnOlderVersion) {
  ClientOptions options;
  options.min_version = options.max_version = ProtocolVersion::tls1_1;
  options.cipher_suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA};
  Recording recording;
  ASSERT_TRUE(Connection::client(ClientConfig::make(options).value(), {"example.com", 443}, &recording));
  const Verdict verdict = judge_tls(Error(Alert::protocol_version, Reason::alert_received), recording);
  EXPECT_EQ(verdict.summary, "example.com:443 does not speak TLS 1.1, the newest version that was offered.");
  EXPECT_EQ(verdict.fault, Fault::client);
  EXPECT_EQ(verdict.advice.front(), "Offer TLS 1.2 and 1.3, as it is without --tls: handfast connect example.com");
}

TEST(Verdict, AServerThatChoosesAnOlderVersion) {
  const Verdict verdict =
      judge_tls(Error(Alert::protocol_version, Reason::wrong_version_selected).with("selected", "TLS 1.0"),
                whole_handshake().recording());
  EXPECT_EQ(verdict.found, "the server chose TLS 1.0");
  EXPECT_EQ(verdict.exit_code, ExitCode::negotiation);
}

TEST(Verdict, HelloRequestsAskForAnotherHandshakeOnlyBehindOne) {
  const Error many(Alert::unexpected_message, Reason::too_many_hello_requests);
  EXPECT_EQ(judge_tls(many, test::whole_handshake_tls12(test::Extras::none).recording()).summary,
            "example.com:443 wants to renegotiate, which is never done here.");
  const test::Script nothing(Side::client);
  EXPECT_EQ(judge_tls(many, nothing.recording()).summary.find("renegotiate"), std::string::npos);
}

TEST(Verdict, AFallbackThatIsRefused) {
  const std::array suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_FALLBACK_SCSV};
  wire::ClientHelloFields hello;
  hello.cipher_suites = suites;
  const Verdict verdict = judge_answer(hello, Alert::inappropriate_fallback);
  EXPECT_EQ(verdict.summary, "example.com:443 speaks a newer version than TLS 1.2, and refuses to fall back to it.");
  EXPECT_EQ(verdict.fault, Fault::client);
  EXPECT_EQ(verdict.code, "inappropriate_fallback");
}

TEST(Verdict, ADowngradeIsNoFaultOfTheTwo) {
  const Verdict verdict =
      judge_tls(Error(Alert::illegal_parameter, Reason::downgrade_detected).with("selected", "TLS 1.2"));
  EXPECT_EQ(verdict.summary, "Something between here and example.com:443 keeps the two from speaking TLS 1.3.");
  EXPECT_EQ(verdict.fault, Fault::path);
  EXPECT_NE(verdict.advice.back().find("handfast connect example.com --tls 1.2"), std::string::npos);
}

/// The mark of one that speaks TLS 1.2 at least says nothing of TLS 1.3.
TEST(Verdict, ADowngradeBelowTls12) {
  Buffer hello = {2, 0, 0, 38, 3, 2};
  hello.resize(6 + 24);
  for (char c : std::string_view("DOWNGRD")) hello.push_back(static_cast<std::uint8_t>(c));
  for (int byte : {0, 0, 0xc0, 0x13, 0}) hello.push_back(static_cast<std::uint8_t>(byte));
  for (const bool tls13 : {false, true}) {
    const std::vector<CipherSuite> suites = supported_cipher_suites();
    const Buffer random(32, 0x11);
    wire::ClientHelloFields offer;
    offer.random = random;
    offer.cipher_suites = suites;
    if (tls13) offer.supported_versions = both_versions;
    Buffer message;
    ASSERT_TRUE(wire::write_client_hello(message, offer));
    test::Script script(Side::client);
    script.message(Direction::sent, Level::initial, message);
    script.message(Direction::received, Level::initial, hello);
    const Verdict verdict = judge_tls(
        Error(Alert::illegal_parameter, Reason::downgrade_detected).with("selected", "TLS 1.1"), script.recording());
    EXPECT_EQ(verdict.summary, std::string("Something between here and example.com:443 keeps the two from speaking "
                                           "TLS 1.2") +
                                   (tls13 ? " or newer." : "."));
    EXPECT_EQ(verdict.advice.size(), 1u);
    EXPECT_NE(verdict.advice.front().find("too old for 1.2"), std::string::npos);
  }
}

TEST(Verdict, ARefusedOfferSaysWhatCouldBeMissing) {
  using enum CipherSuite;
  wire::ClientHelloFields hello;
  const std::array for_rsa = {TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384};
  hello.cipher_suites = for_rsa;
  const Verdict rsa = judge_answer(hello, Alert::handshake_failure);
  EXPECT_EQ(rsa.fault, Fault::client);
  EXPECT_NE(rsa.advice.front().find("a key of RSA:"), std::string::npos) << rsa.advice.front();
  const std::array for_ecdsa = {TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  hello.cipher_suites = for_ecdsa;
  EXPECT_NE(judge_answer(hello, Alert::handshake_failure).advice.front().find("a key of ECDSA or Ed25519:"),
            std::string::npos);
  const std::array some = {TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
  hello.cipher_suites = some;
  EXPECT_NE(judge_answer(hello, Alert::handshake_failure).advice.front().find("leave --suites out"), std::string::npos);

  const std::vector<CipherSuite> every = supported_cipher_suites();
  hello.cipher_suites = every;
  hello.supported_versions = both_versions;
  const Verdict all = judge_answer(hello, Alert::handshake_failure);
  EXPECT_EQ(all.fault, Fault::unknown);
  EXPECT_NE(all.advice.front().find("with CBC"), std::string::npos);
  EXPECT_NE(all.expected.find("TLS 1.3, TLS 1.2; "), std::string::npos) << all.expected;

  const std::array newest = {ProtocolVersion::tls1_3};
  hello.supported_versions = newest;
  EXPECT_EQ(judge_answer(hello, Alert::handshake_failure).advice.front(),
            "Offer TLS 1.2 too, as it is without --tls: handfast connect example.com");
}

TEST(Verdict, TheExtendedMasterSecretThatWasRequired) {
  const Verdict verdict = judge_tls(Error(Alert::handshake_failure, Reason::no_extended_master_secret));
  EXPECT_EQ(verdict.summary, "example.com:443 has no extended master secret, and it was required.");
  EXPECT_EQ(verdict.fault, Fault::server);
}

TEST(Verdict, WhateverFailsAfterAHelloRequestFailsByIt) {
  const test::Script script = test::whole_handshake_tls12(test::Extras::none);
  for (const NetError& error :
       {NetError(Stage::read, asio::error::timed_out), NetError(Stage::read, error_of(Reason::truncated)),
        NetError(Stage::read, Error(Alert::unexpected_message, Reason::alert_received))}) {
    const Verdict verdict = judge(example(), error, script.recording());
    EXPECT_EQ(verdict.summary, "example.com:443 wants to renegotiate, which is never done here.");
    EXPECT_EQ(verdict.code, "renegotiation");
    EXPECT_EQ(verdict.fault, Fault::server);
  }
}

/// A HelloRequest that anybody may have put between the handshake's messages is no explanation of what fails.
TEST(Verdict, AHelloRequestDuringTheHandshakeExplainsNothing) {
  test::Script script(Side::client);
  script.message(Direction::received, Level::initial, Buffer{0, 0, 0, 0});
  const Error certificate(Alert::unknown_ca, Reason::self_signed_certificate);
  EXPECT_EQ(judge(example(), NetError(Stage::handshake, certificate), script.recording()).code,
            "self_signed_certificate");
  const Error refused(Alert::handshake_failure, Reason::alert_received);
  EXPECT_EQ(judge(example(), NetError(Stage::handshake, refused), script.recording()).code, "alert_handshake_failure");
}

TEST(Verdict, ATls12ThatLacksSomethingIsCalledWeak) {
  ConnectionInfo info;
  info.version = ProtocolVersion::tls1_2;
  info.extended_master_secret = true;
  info.secure_renegotiation = true;
  EXPECT_EQ(agreement(info, Recording(), Style{}).find("weak"), std::string::npos);
  info.extended_master_secret = false;
  EXPECT_NE(agreement(info, Recording(), Style{}).find("  weak         no extended master secret"), std::string::npos);
  info.extended_master_secret = true;
  info.secure_renegotiation = false;
  EXPECT_NE(agreement(info, Recording(), Style{}).find("  weak         no secure renegotiation"), std::string::npos);
  info.secure_renegotiation = true;
  // Suites that have to be named (RFC 9325, section 4.1).
  info.cipher_suite = CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256;
  EXPECT_NE(agreement(info, Recording(), Style{}).find("  weak         RSA key exchange, without forward secrecy"),
            std::string::npos);
  info.cipher_suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA;
  EXPECT_NE(agreement(info, Recording(), Style{}).find("  weak         CBC without encrypt-then-MAC"),
            std::string::npos);
  info.encrypt_then_mac = true;
  EXPECT_EQ(agreement(info, Recording(), Style{}).find("weak"), std::string::npos);
  info.version = ProtocolVersion::tls1_1;
  EXPECT_NE(agreement(info, Recording(), Style{}).find("withdrawn in 2021 (RFC 8996)"), std::string::npos);
  info.version = ProtocolVersion::tls1_3;
  info.extended_master_secret = false;
  EXPECT_EQ(agreement(info, Recording(), Style{}).find("weak"), std::string::npos);
}

TEST(Verdict, Expired) {
  Error error = Error(Alert::certificate_expired, Reason::certificate_expired)
                    .with("not_after", "2026-12-31T23:59:59Z")
                    .with("subject", "CN=example.com");
  const std::string text =
      verdict_text(judge_tls(std::move(error), whole_handshake().recording()), Style{80, false, true});
  EXPECT_TRUE(
      text.starts_with("✗ The certificate of example.com:443 has expired.\n"
                       "  found     valid until 2026-12-31T23:59:59Z, that is 14 days ago\n"
                       "  expected  a certificate that is valid now, 2027-01-15T08:00:00Z\n"
                       "  evidence  Certificate: 406 bytes, 1 certificate\n"
                       "  fault     the server's: whoever runs it has to act\n"
                       "  sure?     certain\n"
                       "  to do     Whoever runs the server must renew the certificate and load it into\n"
                       "            the server. If it was renewed already, the server still has the old\n"
                       "            one: reload it.\n"
                       "            Should this machine's clock be wrong, set it right: `date` shows it.\n"
                       "  nginx     "))
      << text;
  for (const std::string_view part : {"  Apache    ", "  HAProxy   ", "  Caddy     ", "  called    OpenSSL: "})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  EXPECT_TRUE(
      text.ends_with("  code      HF0209 certificate_expired (exit code 6)\n"
                     "  more      handfast explain HF0209\n"))
      << text;
}

TEST(Verdict, ANameMismatchNamesTheNamesThatWereFound) {
  Target target = example();
  target.server_name = "exmaple.com";
  const Verdict verdict =
      judge(target, NetError(Stage::handshake, error_of(Reason::name_mismatch)), whole_handshake().recording());
  EXPECT_EQ(verdict.found, "example.com, www.example.com; example.com and exmaple.com differ in two characters");
  EXPECT_EQ(verdict.expected, "exmaple.com");
}

TEST(Verdict, AnUnknownAuthorityIsNamedAndHowToTrustIt) {
  const Verdict verdict = judge_tls(error_of(Reason::unknown_issuer), whole_handshake().recording());
  EXPECT_EQ(
      verdict.found,
      "one certificate, CN=example.com, issued by CN=Example CA, which is neither among the certificates sent nor "
      "trusted");
  EXPECT_NE(verdict.advice.front().find("handfast connect example.com --ca ca.pem"), std::string::npos);
}

TEST(Verdict, PlainHttp) {
  const Verdict verdict =
      judge_tls(Error(Alert::decode_error, Reason::not_tls)
                    .with("first_bytes", Buffer{'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '\x1b'}));
  EXPECT_EQ(verdict.summary, "example.com:443 answers in plain HTTP, not TLS.");
  EXPECT_EQ(verdict.found, "the bytes \"HTTP/1.1 4\\x1b\"");
}

TEST(Verdict, OtherPlainProtocols) {
  const auto summary = [](std::string_view first) {
    return judge_tls(
               Error(Alert::decode_error, Reason::not_tls).with("first_bytes", Buffer(first.begin(), first.end())))
        .summary;
  };
  EXPECT_NE(summary("SSH-2.0-OpenSSH").find("SSH"), std::string::npos);
  EXPECT_NE(summary("220 mail.example.com ESMTP").find("mail"), std::string::npos);
  EXPECT_NE(summary("* OK IMAP4rev1").find("mail"), std::string::npos);
  EXPECT_NE(summary("????").find("does not speak TLS"), std::string::npos);
}

TEST(Verdict, TheNetworkUnderneath) {
  const auto verdict = [](Stage stage, boost::system::error_code code, std::uint64_t received = 0) {
    Target target = example();
    target.bytes_received = received;
    return judge(target, NetError(stage, code), Recording{});
  };
  const Verdict unresolved = verdict(Stage::resolve, asio::error::host_not_found);
  EXPECT_EQ(unresolved.code, "name_not_resolved");
  EXPECT_EQ(unresolved.exit_code, ExitCode::network);
  const Verdict refused = verdict(Stage::connect, asio::error::connection_refused);
  EXPECT_EQ(refused.code, "tcp_refused");
  EXPECT_NE(refused.found.find("192.0.2.1:443"), std::string::npos);
  EXPECT_EQ(verdict(Stage::connect, asio::error::timed_out).code, "tcp_timed_out");
  EXPECT_EQ(verdict(Stage::connect, asio::error::network_unreachable).exit_code, ExitCode::network);
  const Verdict silent = verdict(Stage::handshake, asio::error::timed_out);
  EXPECT_EQ(silent.exit_code, ExitCode::transport);
  EXPECT_EQ(silent.found, "not one byte within the time-out");
  EXPECT_EQ(verdict(Stage::handshake, asio::error::timed_out, 90).found, "90 bytes in all when the time was over");
  const Verdict reset = verdict(Stage::handshake, asio::error::connection_reset);
  EXPECT_EQ(reset.code, "reset");
  EXPECT_EQ(reset.exit_code, ExitCode::transport);
}

TEST(Verdict, NothingOfAPeerSpeaksToTheTerminal) {
  // Whatever the error is about, its evidence may be the peer's own words: a name in a certificate, for one.
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Reason::bad_config); ++i) {
    const Reason reason{static_cast<std::uint16_t>(i)};
    Error error = Error(Alert::bad_certificate, reason);
    for (const char* fact : {"subject", "issuer", "name", "field", "offered", "supported", "not_after", "problem"})
      error = std::move(error).with(fact, "a\x1b]0;owned\x07");
    const Verdict verdict = judge_tls(std::move(error));
    const std::string shown = verdict_text(verdict, Style{});
    EXPECT_EQ(shown.find_first_of("\x1b\x07"), std::string::npos) << name(reason) << ": " << shown;
  }
}

TEST(Verdict, SuccessSaysWhatWasNotChecked) {
  ConnectionInfo info;
  info.version = ProtocolVersion::tls1_3;
  info.cipher_suite = CipherSuite::TLS_AES_128_GCM_SHA256;
  info.group = NamedGroup::secp256r1;
  info.retried = true;
  info.peer_verified = true;
  info.peer_certificates = {test::example_certificate()};
  EXPECT_EQ(verdict_text(judge(example(), info, Recording()), Style{80, false, false}),
            "ok: example.com:443 speaks TLS 1.3, and its certificate is good for example.com.\n");
  const std::string text = agreement(info, whole_handshake().recording(), Style{100, false, true});
  EXPECT_NE(text.find("not checked  revocation"), std::string::npos) << text;
  EXPECT_NE(text.find("after a HelloRetryRequest"), std::string::npos) << text;
  EXPECT_NE(text.find("none was sent, and that was not refused so far"), std::string::npos) << text;
}

TEST(Verdict, WhatIsProvenNotToBeRevokedIsSaidWithItsSource) {
  VerificationReport report;
  report.leaf.issuers.resize(2);
  report.leaf.issuers[0].checks = {
      {CheckKind::revocation, CheckOutcome::passed, {}, {{"subject", "CN=not on the path"}}}};
  report.leaf.issuers[1].is_accepted = true;
  report.leaf.issuers[1].checks = {{CheckKind::revocation,
                                    CheckOutcome::passed,
                                    {},
                                    {{"subject", "CN=a"}, {"source", "OCSP"}, {"next_update", "then"}}}};
  test::Script script(Side::client);
  script.add(VerificationEvent{&report});
  const std::string text = agreement(ConnectionInfo(), script.recording(), Style{100, false, true});
  EXPECT_NE(text.find("not revoked  CN=a, says OCSP, until then\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("not on the path"), std::string::npos) << text;
  EXPECT_EQ(text.find("not checked"), std::string::npos) << text;
}

TEST(Verdict, AnUnverifiedCertificateIsNeverCalledGood) {
  ConnectionInfo info;
  info.version = ProtocolVersion::tls1_3;
  EXPECT_NE(judge(example(), info, Recording()).summary.find("was not verified"), std::string::npos);
}

TEST(LogLine, SaysInWords) {
  EXPECT_EQ(log_line(NetError(Stage::handshake, Error(Alert::unknown_ca, Reason::alert_received)), Side::server),
            "the client sent the alert unknown_ca: it does not trust the authority that issued the certificate");
  EXPECT_EQ(log_line(NetError(Stage::handshake, asio::error::timed_out), Side::server),
            "handshake: timed out: the client did not do its part in time");
  EXPECT_EQ(log_line(NetError(Stage::read, error_of(Reason::truncated)), Side::server),
            "the client closed without close_notify");
  EXPECT_EQ(log_line(NetError(Stage::handshake, error_of(Reason::no_common_group)), Side::server),
            "no common group [no_common_group]");
}

TEST(LogLine, HasTheCodeOfEachFailure) {
  EXPECT_EQ(log_code(NetError(Stage::handshake, asio::error::timed_out)), code(Finding::timed_out));
  EXPECT_EQ(log_code(NetError(Stage::handshake, asio::error::connection_reset)), code(Finding::reset));
  EXPECT_EQ(log_code(NetError(Stage::handshake, Error(Alert::unknown_ca, Reason::alert_received))), "HF1048");
  EXPECT_EQ(log_code(NetError(Stage::read, error_of(Reason::truncated))), code(Reason::truncated));
}

}  // namespace
}  // namespace handfast::doctor
