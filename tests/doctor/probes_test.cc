#include "doctor/probes/probes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <handfast/config.h>
#include <handfast/connection.h>

#include "base/contains.h"
#include "doctor/probes/hello_draft.h"
#include "doctor/probes/suites.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"
#include "wire/server_hello.h"

namespace handfast::doctor {
namespace {

/// What a client of ours has sent first, as a recording has it.
Recording hello_of(ClientOptions options, const std::string& server_name = "example.com") {
  Recording recording;
  auto config = ClientConfig::make(std::move(options));
  auto connection = Connection::client(*config, {server_name, 443}, &recording);
  EXPECT_TRUE(connection);
  return recording;
}

Buffer hello_bytes(const Recording& recording) {
  const Message* message = recording.message(HandshakeType::client_hello, Direction::sent);
  return message != nullptr ? message->bytes : Buffer();
}

wire::ClientHello parsed(const Buffer& message) {
  auto hello = wire::parse_client_hello(Bytes(message).subspan(wire::handshake_header_size));
  EXPECT_TRUE(hello);
  return hello ? *hello : wire::ClientHello{};
}

TEST(HelloDraft, IsWrittenAsItWasRead) {
  ClientOptions many;
  many.application_protocols = {"h2", "http/1.1"};
  many.grease = true;
  ClientOptions old;
  old.max_version = ProtocolVersion::tls1_2;
  for (const ClientOptions& options : {ClientOptions(), many, old}) {
    const Buffer bytes = hello_bytes(hello_of(options));
    const auto draft = HelloDraft::read(bytes);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->write(), bytes);
    EXPECT_EQ(draft->server_name(), "example.com");
  }
}

TEST(HelloDraft, IsTotal) {
  const Buffer bytes = hello_bytes(hello_of({}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(HelloDraft::read(Bytes(bytes).first(size))) << size;
}

TEST(HelloDraft, ChangesOneThing) {
  const Buffer bytes = hello_bytes(hello_of({}));
  HelloDraft draft = *HelloDraft::read(bytes);
  draft.remove(ExtensionType::server_name);
  EXPECT_FALSE(parsed(draft.write()).server_name);
  EXPECT_EQ(draft.server_name(), "");
  draft.ask_for("other.example");
  EXPECT_EQ(parsed(draft.write()).server_name, "other.example");
  constexpr ProtocolVersion tls12[] = {ProtocolVersion::tls1_2};
  draft.offer(tls12);
  const Buffer changed = draft.write();
  EXPECT_EQ(parsed(changed).supported_versions->size(), 1u);
  EXPECT_TRUE(parsed(changed).cipher_suites.contains(CipherSuite::TLS_AES_128_GCM_SHA256));
}

TEST(HelloDraft, DropsThePostQuantumSharesAlone) {
  const Buffer bytes = hello_bytes(hello_of({}));
  HelloDraft draft = *HelloDraft::read(bytes);
  draft.drop_post_quantum_shares();
  const Buffer smaller = draft.write();
  EXPECT_EQ(smaller.size() + 4 + 1216, bytes.size());
  ASSERT_EQ(parsed(smaller).key_share->size(), 1U);
  EXPECT_EQ(parsed(smaller).key_share->front().group, NamedGroup::x25519);
  EXPECT_TRUE(parsed(smaller).supported_groups->contains(NamedGroup::X25519MLKEM768));
  // Whoever sends nothing else is asked for a share.
  ClientOptions alone;
  alone.groups = {NamedGroup::MLKEM1024};
  HelloDraft none = *HelloDraft::read(hello_bytes(hello_of(alone)));
  none.drop_post_quantum_shares();
  EXPECT_EQ(parsed(none.write()).key_share->size(), 0U);
}

TEST(HelloDraft, PadsToTheByte) {
  const Buffer bytes = hello_bytes(hello_of({}));
  for (const std::size_t more : {4u, 5u, 100u, 2000u}) {
    HelloDraft draft = *HelloDraft::read(bytes);
    draft.pad_to(bytes.size() + more);
    EXPECT_EQ(draft.write().size(), bytes.size() + more);
    EXPECT_EQ(parsed(draft.write()).server_name, "example.com");
  }
  HelloDraft draft = *HelloDraft::read(bytes);
  draft.pad_to(bytes.size() - 1);
  EXPECT_EQ(draft.write(), bytes);
}

TEST(Suites, NoneIsOneThatIsSpokenHere) {
  for (const OtherSuite& other : other_suites()) {
    EXPECT_FALSE(base::contains(supported_cipher_suites(), other.suite)) << suite_name(other.suite);
    EXPECT_TRUE(suite_name(other.suite).starts_with("TLS_")) << suite_name(other.suite);
    EXPECT_FALSE(other.weakness.empty());
  }
  for (const NamedGroup group : other_groups()) EXPECT_FALSE(base::contains(supported_groups(), group));
  EXPECT_EQ(suite_name(CipherSuite{0xc023}), "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256");
  EXPECT_EQ(group_name(NamedGroup{256}), "ffdhe2048");
}

// Answers.

Buffer record(ContentType type, const Buffer& content) {
  Buffer out = {static_cast<std::uint8_t>(type), 3, 3, static_cast<std::uint8_t>(content.size() >> 8),
                static_cast<std::uint8_t>(content.size())};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Buffer server_hello(ProtocolVersion version, CipherSuite suite) {
  const Buffer random(32, 7);
  wire::ServerHello hello;
  hello.legacy_version = version;
  hello.random = random;
  hello.cipher_suite = suite;
  Buffer out;
  EXPECT_TRUE(wire::write_server_hello(out, hello));
  return out;
}

TEST(Answer, IsReadWhereverItIsCut) {
  const Buffer whole = record(ContentType::handshake, server_hello(ProtocolVersion::tls1_1, CipherSuite{0x002f}));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read_answer(Bytes(whole).first(size)).kind, Answer::Kind::silent) << size;
  const Answer answer = read_answer(whole);
  EXPECT_EQ(answer.kind, Answer::Kind::server_hello);
  EXPECT_EQ(answer.version, ProtocolVersion::tls1_1);
  EXPECT_EQ(text(answer), "a ServerHello: TLS 1.1, TLS_RSA_WITH_AES_128_CBC_SHA");
}

TEST(Answer, Alerts) {
  const Buffer fatal = record(ContentType::alert, {2, 40});
  EXPECT_EQ(read_answer(fatal).kind, Answer::Kind::alert);
  EXPECT_EQ(text(read_answer(fatal)), "the alert handshake_failure");
  // A warning before the ServerHello is none of an end (RFC 6066, section 3).
  Buffer warned = record(ContentType::alert, {1, 112});
  const Buffer hello = record(ContentType::handshake, server_hello(ProtocolVersion::tls1_2, CipherSuite{0xc02b}));
  warned.insert(warned.end(), hello.begin(), hello.end());
  EXPECT_EQ(read_answer(warned).kind, Answer::Kind::server_hello);
}

TEST(Answer, OfOtherProtocols) {
  using namespace std::string_view_literals;
  for (const std::string_view words :
       {"HTTP/1.1 400 Bad Request\r\n"sv, "220 mail\r\n"sv, "\x16\x02\x03"sv, "\x15\x03\x03\x00\x01\x02"sv}) {
    const Answer answer = read_answer(as_bytes(words));
    EXPECT_EQ(answer.kind, Answer::Kind::other) << words;
    EXPECT_LE(answer.first_bytes.size(), 512u);
  }
}

TEST(Answer, AnyBytesGiveOne) {
  std::uint32_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    Buffer bytes(1 + state % 40);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    if (round % 2 == 0) bytes[0] = round % 4 == 0 ? 22 : 21;
    if (bytes.size() > 2 && round % 3 == 0) bytes[1] = bytes[2] = 3;
    EXPECT_LE(text(read_answer(bytes)).size(), 400u);
  }
}

// What is probed, and what is not.

Report failed(Verdict verdict, std::uint64_t bytes_received = 7, ClientOptions options = {}) {
  Report report;
  report.target.host = report.target.server_name = "example.com";
  report.target.bytes_received = bytes_received;
  report.attempts = {{"192.0.2.1:443", ""}};
  report.recording = hello_of(std::move(options));
  report.verdict = std::move(verdict);
  return report;
}

template <typename What>
Verdict verdict_of(What what, ExitCode exit_code) {
  Verdict v;
  v.set(what);
  v.exit_code = exit_code;
  return v;
}

TEST(Plan, NothingWithoutNeed) {
  Verdict good;
  good.code = "ok";
  EXPECT_TRUE(plan(failed(good), ProbePolicy::after_failure).empty());
  EXPECT_FALSE(plan(failed(good), ProbePolicy::always).empty());
  const Verdict refused = verdict_of(Alert::handshake_failure, ExitCode::negotiation);
  EXPECT_TRUE(plan(failed(refused), ProbePolicy::never).empty());
  EXPECT_FALSE(plan(failed(refused), ProbePolicy::after_failure).empty());
  for (const Verdict& certain :
       {verdict_of(Finding::plain_http, ExitCode::transport),
        verdict_of(Reason::certificate_expired, ExitCode::certificate),
        verdict_of(Finding::tcp_refused, ExitCode::network), verdict_of(Reason::bad_config, ExitCode::usage),
        verdict_of(Finding::client_certificate_required, ExitCode::client_authentication)})
    EXPECT_TRUE(plan(failed(certain), ProbePolicy::always).empty()) << certain.code;
  Report unreached = failed(verdict_of(Finding::timed_out, ExitCode::transport));
  unreached.attempts.back().error = "Connection refused";
  EXPECT_TRUE(plan(unreached, ProbePolicy::always).empty());
}

TEST(Plan, NeverTooMany) {
  ClientOptions everything;
  everything.application_protocols = {"h2"};
  for (const std::uint64_t received : {0u, 7u})
    for (const Verdict& v :
         {verdict_of(Finding::reset, ExitCode::transport), verdict_of(Reason::closed, ExitCode::transport),
          verdict_of(Finding::timed_out, ExitCode::transport),
          verdict_of(Alert::internal_error, ExitCode::negotiation)}) {
      const std::vector<Change> changes = plan(failed(v, received, everything), ProbePolicy::always);
      EXPECT_LE(changes.size(), max_probes);
      EXPECT_TRUE(base::contains(changes, Change::no_alpn));
      EXPECT_TRUE(base::contains(changes, Change::nothing));
    }
}

TEST(Plan, WhatWasNotOfferedIsNotTakenAway) {
  const std::vector<Change> changes =
      plan(failed(verdict_of(Finding::reset, ExitCode::transport), 0), ProbePolicy::after_failure);
  EXPECT_FALSE(base::contains(changes, Change::no_alpn));
  EXPECT_FALSE(base::contains(changes, Change::no_session));
  EXPECT_FALSE(base::contains(changes, Change::with_server_name));
  EXPECT_TRUE(base::contains(changes, Change::no_server_name));
}

// What it proves.

Answer answer(Answer::Kind kind, ProtocolVersion version = ProtocolVersion::tls1_2, CipherSuite suite = {}) {
  Answer out;
  out.kind = kind;
  out.version = version;
  out.cipher_suite = suite;
  return out;
}

/// The probes of a server that fails as before, but for one change, with which it answers so, each time that it is
/// tried.
Probing probing_of(const Report& report, Change helps, const Answer& how) {
  Probing probing;
  const auto add = [&](Change change) {
    Probe probe;
    probe.change = change;
    probe.answer = change == helps ? how : answer(Answer::Kind::closed);
    probing.probes.push_back(probe);
  };
  for (const Change change : plan(report, ProbePolicy::after_failure)) {
    if (change == Change::small_padded && !probing.goes_on(Change::small)) continue;
    add(change);
    if (change != helps || change == Change::nothing || change == Change::listen) continue;
    add(Change::nothing);
    add(change);
    if (change != Change::small) break;
  }
  return probing;
}

Verdict concluded(const Report& report, Change helps, const Answer& how) {
  return conclude(report, probing_of(report, helps, how));
}

TEST(Conclusion, EachCauseHasItsProof) {
  ClientOptions options;
  options.application_protocols = {"h2"};
  const Report report = failed(verdict_of(Reason::truncated, ExitCode::transport), 0, options);
  struct Case {
    Change change;
    Answer answer;
    std::string code;
    Fault fault;
    ExitCode exit_code = ExitCode::negotiation;
  };
  const Answer goes_on = answer(Answer::Kind::server_hello);
  Answer retry = answer(Answer::Kind::hello_retry_request, ProtocolVersion::tls1_3);
  retry.group = NamedGroup::x448;
  const std::vector<Case> cases = {
      {Change::no_server_name, goes_on, "server_name_refused", Fault::unknown},
      {Change::no_alpn, goes_on, "no_application_protocol", Fault::client},
      {Change::every_group, retry, "no_common_group", Fault::server},
      {Change::every_suite, answer(Answer::Kind::server_hello, ProtocolVersion::tls1_2, CipherSuite{0xc023}),
       "no_common_cipher_suite", Fault::server},
      {Change::every_signature_scheme, goes_on, "no_common_signature_scheme", Fault::server},
      {Change::tls12_only, goes_on, "version_intolerance", Fault::server},
      {Change::older_versions, answer(Answer::Kind::server_hello, ProtocolVersion::tls1_0), "no_common_version",
       Fault::server},
      {Change::small, goes_on, "large_hello_dropped", Fault::path, ExitCode::transport}};
  for (const Case& c : cases) {
    const Verdict v = concluded(report, c.change, c.answer);
    EXPECT_EQ(v.code, c.code);
    EXPECT_FALSE(v.reference.empty());
    EXPECT_EQ(v.fault, c.fault) << c.code;
    EXPECT_EQ(v.exit_code, c.exit_code) << c.code;
    EXPECT_EQ(v.confidence, Confidence::certain) << c.code;
    EXPECT_NE(v.proof.find(describe(c.change)), std::string::npos) << v.proof;
    EXPECT_FALSE(v.advice.empty()) << c.code;
  }
}

/// A change after which the server went on once, and the control with it or the change not again: that is chance.
TEST(Conclusion, WhatHappensOnceProvesNothing) {
  const Report report = failed(verdict_of(Reason::truncated, ExitCode::transport), 0);
  for (const Change change : {Change::no_server_name, Change::tls12_only, Change::every_group}) {
    Probing probing = probing_of(report, change, answer(Answer::Kind::server_hello));
    probing.probes.back().answer = answer(Answer::Kind::closed);
    const Verdict not_again = conclude(report, probing);
    EXPECT_EQ(not_again.code, "truncated");
    EXPECT_EQ(not_again.confidence, Confidence::likely);
    EXPECT_NE(not_again.summary.find("Another time it answered"), std::string::npos);
    probing.probes.back().answer = answer(Answer::Kind::server_hello);
    probing.probes[probing.probes.size() - 2].answer = answer(Answer::Kind::server_hello);
    EXPECT_EQ(conclude(report, probing).code, "truncated");
    // One that could not be made at all is none.
    probing.probes[probing.probes.size() - 2].answer = answer(Answer::Kind::unreachable);
    EXPECT_EQ(conclude(report, probing).code, "truncated");
  }
}

TEST(Conclusion, ASecondTryThatWorksProvesNoCause) {
  const Report report = failed(verdict_of(Reason::truncated, ExitCode::transport), 0);
  const Verdict v = concluded(report, Change::nothing, answer(Answer::Kind::server_hello));
  EXPECT_EQ(v.code, "truncated");
  EXPECT_EQ(v.confidence, Confidence::likely);
}

TEST(Conclusion, WhereNothingHelpsNothingIsClaimed) {
  Verdict closed = verdict_of(Reason::truncated, ExitCode::transport);
  closed.confidence = Confidence::possible;
  const Report report = failed(closed, 0);
  const Verdict v = concluded(report, Change::large, answer(Answer::Kind::closed));
  EXPECT_EQ(v.code, "truncated");
  EXPECT_EQ(v.confidence, Confidence::possible);
  EXPECT_EQ(v.proof, "");
}

TEST(Conclusion, ASmallHelloThatIsTakenPaddedTooIsNoQuestionOfSize) {
  const Report report = failed(verdict_of(Reason::truncated, ExitCode::transport), 0);
  Probing probing = probing_of(report, Change::small, answer(Answer::Kind::server_hello));
  probing.probes.back().answer = answer(Answer::Kind::server_hello);
  ASSERT_EQ(probing.find(Change::small_padded)->answer.kind, Answer::Kind::closed);
  for (Probe& probe : probing.probes)
    if (probe.change == Change::small_padded) probe.answer = answer(Answer::Kind::server_hello);
  const Verdict v = conclude(report, probing);
  EXPECT_EQ(v.code, "truncated");
  EXPECT_EQ(v.confidence, Confidence::possible);
}

/// It has read the hello and said no: it is not the version that it can't bear.
TEST(Conclusion, AnAlertIsNoIntolerance) {
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation));
  const Verdict v = concluded(report, Change::tls12_only, answer(Answer::Kind::server_hello));
  EXPECT_EQ(v.code, "alert_handshake_failure");
  EXPECT_EQ(v.confidence, Confidence::likely);
}

TEST(Conclusion, AnOlderVersionIsOneThatWasOffered) {
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation));
  EXPECT_EQ(concluded(report, Change::older_versions, answer(Answer::Kind::server_hello, ProtocolVersion::tls1_2)).code,
            "alert_handshake_failure");
}

/// Its version and a suite of it that we have, as they would be typed.
TEST(Conclusion, AnOlderVersionIsSpokenWhereItIsNamed) {
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation));
  const Verdict v =
      concluded(report, Change::older_versions,
                answer(Answer::Kind::server_hello, ProtocolVersion::tls1_1, CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA));
  EXPECT_EQ(v.code, "no_common_version");
  EXPECT_EQ(v.advice.back(),
            "To speak it all the same, broken as it is, name it and its suite: --tls 1.1 --suites "
            "TLS_RSA_WITH_AES_128_CBC_SHA");
  const Verdict rc4 = concluded(report, Change::older_versions,
                                answer(Answer::Kind::server_hello, ProtocolVersion::tls1_1, CipherSuite{0x0005}));
  EXPECT_EQ(rc4.advice.size(), 1u);
}

/// A client of TLS 1.1 at most has no supported_versions, and has not offered TLS 1.2 all the same.
TEST(Conclusion, AClientOfAnOlderVersionHasLeftTls12Out) {
  ClientOptions older;
  older.min_version = older.max_version = ProtocolVersion::tls1_1;
  older.cipher_suites = {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA};
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation), 7, older);
  EXPECT_FALSE(base::contains(plan(report, ProbePolicy::after_failure), Change::tls12_only));
  const Verdict v = concluded(report, Change::every_suite, answer(Answer::Kind::server_hello));
  EXPECT_EQ(v.summary, "example.com:443 speaks TLS 1.2, which was not offered.");
  EXPECT_EQ(v.fault, Fault::client);
}

/// What was left out on this side is this side's, whatever else the server would have taken.
TEST(Conclusion, WhatWasLeftOutHere) {
  ClientOptions few;
  few.cipher_suites = {CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256};
  few.groups = {NamedGroup::x25519};
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation), 7, few);
  const std::vector<Change> changes = plan(report, ProbePolicy::after_failure);
  EXPECT_TRUE(base::contains(changes, Change::spoken_groups));
  EXPECT_TRUE(base::contains(changes, Change::spoken_suites));
  EXPECT_EQ(concluded(report, Change::spoken_groups, answer(Answer::Kind::server_hello)).fault, Fault::client);
  EXPECT_EQ(concluded(report, Change::spoken_suites, answer(Answer::Kind::server_hello)).fault, Fault::client);
  const std::vector<Change> all =
      plan(failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation)), ProbePolicy::after_failure);
  EXPECT_FALSE(base::contains(all, Change::spoken_groups));
  EXPECT_FALSE(base::contains(all, Change::spoken_suites));
}

/// A group that is spoken here, and offered only where it is named.
TEST(Conclusion, AGroupThatMustBeNamed) {
  const Report report = failed(verdict_of(Alert::handshake_failure, ExitCode::negotiation));
  Answer retry = answer(Answer::Kind::hello_retry_request, ProtocolVersion::tls1_3);
  retry.group = NamedGroup::SecP384r1MLKEM1024;
  const Verdict v = concluded(report, Change::every_group, retry);
  EXPECT_EQ(v.code, "no_common_group");
  EXPECT_EQ(v.fault, Fault::client);
  EXPECT_NE(v.advice.front().find("--groups SecP384r1MLKEM1024"), std::string::npos) << v.advice.front();
}

TEST(Conclusion, HttpInTheClearOnAPortOfTls) {
  const Report report = failed(verdict_of(Reason::truncated, ExitCode::transport), 0);
  Answer http = answer(Answer::Kind::other);
  const auto says = [&](std::string_view words) {
    http.first_bytes.assign(as_bytes(words).begin(), as_bytes(words).end());
    return concluded(report, Change::http, http);
  };
  EXPECT_EQ(says("HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port").code, "truncated");
  const Verdict plain = says("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(plain.code, "plain_http");
  EXPECT_EQ(plain.confidence, Confidence::likely);
}

TEST(Conclusion, RobustnessNeedsMoreThanOneSample) {
  Verdict good;
  good.code = "ok";
  const Report report = failed(good);
  const auto verdict = [&](Answer::Kind control, Answer::Kind first, Answer::Kind second) {
    Probing probing;
    for (const auto& [change, kind] :
         {std::pair(Change::nothing, Answer::Kind::server_hello), std::pair(Change::two_segments, first),
          std::pair(Change::nothing, control), std::pair(Change::two_segments, second)}) {
      Probe probe;
      probe.change = change;
      probe.answer.kind = kind;
      probing.probes.push_back(probe);
    }
    return conclude(report, probing);
  };
  using enum Answer::Kind;
  EXPECT_EQ(verdict(server_hello, silent, silent).code, "split_hello_dropped");
  EXPECT_EQ(verdict(server_hello, silent, silent).exit_code, ExitCode::transport);
  EXPECT_EQ(verdict(server_hello, silent, server_hello).code, "ok");
  EXPECT_EQ(verdict(silent, silent, silent).code, "ok");
  EXPECT_EQ(verdict(server_hello, unreachable, unreachable).code, "ok");
}

TEST(Conclusion, ACertificateForAnyNameIsMadeAsItIsAskedFor) {
  Verdict unknown = verdict_of(Reason::unknown_issuer, ExitCode::certificate);
  const auto verdict = [&](std::string name, Verdict before) {
    Probing probing;
    Probe probe;
    probe.change = Change::certificate_for_another;
    probe.asked_for = "handfast-probe.invalid";
    probe.certificate.emplace().names = {std::move(name)};
    probing.probes.push_back(probe);
    return conclude(failed(std::move(before)), probing);
  };
  const Verdict made = verdict("handfast-probe.invalid", unknown);
  EXPECT_EQ(made.code, "intercepted");
  EXPECT_EQ(made.confidence, Confidence::likely);
  EXPECT_EQ(made.exit_code, ExitCode::certificate);
  EXPECT_EQ(verdict("example.com", unknown).code, "unknown_issuer");
}

TEST(Conclusion, AServerThatSpeaksFirst) {
  Answer greets = answer(Answer::Kind::other);
  const std::string_view words = "* OK IMAP4rev1 ready\r\n";
  greets.first_bytes.assign(as_bytes(words).begin(), as_bytes(words).end());
  const Verdict v = concluded(failed(verdict_of(Finding::timed_out, ExitCode::transport), 0), Change::listen, greets);
  EXPECT_EQ(v.code, "plain_imap");
  EXPECT_EQ(v.exit_code, ExitCode::transport);
  EXPECT_NE(v.proof.find("probe 1"), std::string::npos);
}

}  // namespace
}  // namespace handfast::doctor
