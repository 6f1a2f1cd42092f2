// What is said of chains that are refused: each story with a chain that was minted for it, and verified.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "doctor/certificate_case.h"
#include "doctor/chain_question.h"
#include "doctor/nearest_name.h"
#include "doctor/sources_date.h"
#include "doctor/verification_tree.h"
#include "x509/pki.h"

namespace handfast::doctor {
namespace {

using x509::test::anchors_of;
using x509::test::ca;
using x509::test::Identity;
using x509::test::leaf;
using x509::test::Pki;
using x509::test::signed_by;

constexpr std::int64_t day = 86400;

/// A chain that was verified, in vain, and the verdict on it.
struct Story {
  std::vector<x509::Certificate> chain;
  TrustAnchors::Shared anchors;
  std::string server_name = "example.com";
  std::int64_t now = x509::test::now;
  bool now_was_asked_for = false;

  Verdict tell() {
    const x509::ServerName name = x509::ServerName::parse(server_name).value();
    const auto verified =
        x509::verify({.chain = chain, .purpose = x509::ServerAuth{name}, .anchors = *anchors, .now = now}, &report);
    if (verified) return {};
    return judge(verified.error());
  }
  Verdict judge(const Error& error) {
    CertificateCase c{.error = error,
                      .owner = "example.com:443",
                      .server_name = server_name,
                      .command = "handfast connect example.com",
                      .name_flag = "--sni",
                      .now = now,
                      .now_was_asked_for = now_was_asked_for,
                      .sent = {},
                      .report = &report,
                      .trust = anchors.get()};
    for (const x509::Certificate& certificate : chain)
      c.sent.emplace_back(certificate.der().begin(), certificate.der().end());
    return judge_certificate(c);
  }
  VerificationReport report{};
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
bool advised(const Verdict& verdict, std::string_view part) {
  for (const std::string& advice : verdict.advice)
    if (contains(advice, part)) return true;
  return false;
}

TEST(CertificateVerdict, OnlyTheLeafHasExpired) {
  Pki pki;
  authority::CertificateOptions old = leaf();
  old.not_after = x509::test::now - 3 * day;
  const Identity end = signed_by(pki.intermediate, old);
  Story story{{end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "certificate_expired");
  EXPECT_EQ(verdict.reference, "HF0209");
  EXPECT_EQ(verdict.fault, Fault::server);
  EXPECT_TRUE(contains(verdict.found, "3 days ago; at that time 2 of the 3 certificates of the chain are valid"))
      << verdict.found;
}

TEST(CertificateVerdict, EverythingHasExpired) {
  Pki pki;
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  story.now = x509::test::after + day;
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "certificate_expired");
  EXPECT_EQ(verdict.fault, Fault::unknown);
  EXPECT_TRUE(contains(verdict.found, "none of the 3 certificates of the chain is valid")) << verdict.found;
  EXPECT_TRUE(advised(verdict, "clock may run ahead"));
}

TEST(CertificateVerdict, AClockThatIsOlderThanTheProgram) {
  Pki pki;
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  story.now = x509::test::before - day;
  ASSERT_LT(story.now, sources_date);
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "wrong_clock");
  EXPECT_EQ(verdict.fault, Fault::clock);
}

TEST(CertificateVerdict, AClockAtWhichNoAuthorityIsValid) {
  Pki pki;
  std::vector<x509::Certificate> many = {pki.root.certificate};
  for (int i = 0; i < 12; ++i) many.push_back(x509::test::root_of(ca("Authority " + std::to_string(i))).certificate);
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of(many)};
  story.now = x509::test::after + 1000 * day;
  Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "wrong_clock");
  EXPECT_EQ(verdict.fault, Fault::clock);
  EXPECT_TRUE(contains(verdict.found, "only 0 of the 13 trusted authorities are valid")) << verdict.found;
}

/// AuthorityInfoAccessSyntax with one id-ad-caIssuers.
authority::RawExtension issuer_at_aia_example() {
  constexpr std::string_view access =
      "\x30\x22\x30\x20\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x14http://aia.example/i";
  return {"1.3.6.1.5.5.7.1.1", false, Buffer(access.begin(), access.end())};
}

TEST(CertificateVerdict, NoClockIsAccusedOfATimeThatWasAskedFor) {
  Pki pki;
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  story.now_was_asked_for = true;
  for (const std::int64_t then : {x509::test::before - day, x509::test::after + day}) {
    story.now = then;
    const Verdict verdict = story.tell();
    EXPECT_EQ(verdict.fault, Fault::unknown);
    EXPECT_FALSE(contains(verdict.summary, "clock")) << verdict.summary;
    EXPECT_TRUE(contains(verdict.summary, "as of which was asked")) << verdict.summary;
    EXPECT_TRUE(contains(verdict.found, "that is 1 day ")) << verdict.found;
    EXPECT_FALSE(advised(verdict, "clock") || advised(verdict, "`date`"));
  }
}

TEST(CertificateVerdict, AMissingIntermediate) {
  Pki pki;
  authority::CertificateOptions options = leaf();
  options.extensions = {issuer_at_aia_example()};
  const Identity end = signed_by(pki.intermediate, options);
  Story story{{end.certificate}, anchors_of({pki.root.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "missing_intermediate");
  EXPECT_EQ(verdict.confidence, Confidence::likely);
  EXPECT_EQ(verdict.fault, Fault::server);
  EXPECT_EQ(verdict.summary,
            "The chain of example.com:443 seems to lack an intermediate: CN=Test Intermediate is not in it.");
  EXPECT_TRUE(contains(verdict.found, "http://aia.example/i")) << verdict.found;
}

TEST(CertificateVerdict, AWholeChainToARootThatIsNotKnownIsNobodysFault) {
  Pki pki, other;
  authority::CertificateOptions options = ca("Intermediate Of Ours");
  options.extensions = {issuer_at_aia_example()};
  const Identity middle = signed_by(pki.root, options);
  const Identity end = signed_by(middle, leaf());
  Story story{{end.certificate, middle.certificate}, anchors_of({other.intermediate.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "unknown_issuer");
  EXPECT_EQ(verdict.fault, Fault::unknown);
  EXPECT_EQ(verdict.summary,
            "The certificate of example.com:443 leads to no authority that is trusted here: CN=Test Root is an unknown "
            "root, or an intermediate that is missing.");
  EXPECT_TRUE(contains(verdict.found, "2 certificates, the last on the way up CN=Intermediate Of Ours"));
  EXPECT_TRUE(advised(verdict, "curl -o issuer.der http://aia.example/i, and handfast cert inspect issuer.der"));
  EXPECT_TRUE(advised(verdict, "--ca ca.pem"));
  EXPECT_TRUE(advised(verdict, "If it is an intermediate, the server has left it out"));
}

TEST(CertificateVerdict, AnIssuerOfWhomNothingIsKnown) {
  Pki pki, other;
  Story story{{pki.end.certificate}, anchors_of({other.root.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "unknown_issuer");
  EXPECT_EQ(verdict.fault, Fault::unknown);
  EXPECT_TRUE(contains(verdict.found, "neither among the certificates sent nor trusted")) << verdict.found;
}

TEST(CertificateVerdict, AnUnknownRoot) {
  Pki pki;
  const Identity other = x509::test::root_of(ca("Other Root"));
  Story story{{pki.end.certificate, pki.intermediate.certificate, pki.root.certificate},
              anchors_of({other.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "unknown_issuer");
  EXPECT_EQ(verdict.fault, Fault::client);
  EXPECT_TRUE(contains(verdict.found, "the root CN=Test Root (signed with its own key)")) << verdict.found;
}

TEST(CertificateVerdict, AnotherCertificateThanThePinned) {
  Pki pki;
  const Bytes pin = pki.end.certificate.der();
  const Identity renewed = signed_by(pki.intermediate, leaf());
  Story story{{renewed.certificate}, TrustAnchors::pinned(std::span(&pin, 1)).value()};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "unknown_issuer");
  EXPECT_EQ(verdict.summary, "The certificate of example.com:443 is not the one that is pinned.");
}

TEST(CertificateVerdict, ACertificateAsOpensslMakesIt) {
  authority::CertificateOptions options = leaf();
  options.is_ca = true;
  options.key_usage.reset();
  options.extended_key_usage.clear();
  const Identity classic = x509::test::root_of(options);
  const Identity other = x509::test::root_of(ca("Other Root"));
  Story stranger{{classic.certificate}, anchors_of({other.certificate})};
  EXPECT_EQ(stranger.tell().code, "self_signed_certificate");
  EXPECT_TRUE(advised(stranger.tell(), "basicConstraints=critical,CA:FALSE"));
  EXPECT_TRUE(advised(stranger.tell(), "--pin server.pem"));
  Story trusted{{classic.certificate}, anchors_of({classic.certificate})};
  EXPECT_TRUE(contains(trusted.tell().summary, "trusted as an authority, not as itself"));
}

TEST(CertificateVerdict, ASelfSignedLeafIsNoAuthority) {
  const auto key = crypto::SigningKey::generate(crypto::KeyType::p256).value();
  const auto own = authority::self_sign(leaf(), key, x509::test::randomness()).value();
  const Identity other = x509::test::root_of(ca("Other Root"));
  Story story{{own}, anchors_of({other.certificate})};
  const Verdict verdict = story.tell();
  EXPECT_EQ(verdict.code, "self_signed_certificate");
  EXPECT_FALSE(advised(verdict, "openssl req"));
}

TEST(CertificateVerdict, TermsOfTrust) {
  Pki pki;
  const TrustAnchors::Shared all = anchors_of({pki.root.certificate});
  const std::vector<std::string> names = {"nas.local"};
  Story scoped{{pki.end.certificate, pki.intermediate.certificate}, all->only_for(names).value()};
  EXPECT_EQ(scoped.tell().code, "anchor_not_for_name");
  EXPECT_TRUE(contains(scoped.tell().found, "trusted for nas.local"));
  const SpkiPin wrong{};
  Story pinned{{pki.end.certificate, pki.intermediate.certificate}, all->only_with_keys(std::span(&wrong, 1)).value()};
  EXPECT_EQ(pinned.tell().code, "pin_mismatch");
  EXPECT_TRUE(advised(pinned.tell(), "--pin " + SpkiPin::of(pki.end.certificate->public_key.der).text()));
}

TEST(CertificateVerdict, Revocation) {
  Pki pki;
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  ASSERT_EQ(story.tell().code, "");
  const Verdict revoked = story.judge(Error(Alert::certificate_revoked, Reason::certificate_revoked)
                                          .with("subject", "CN=Test Intermediate")
                                          .with("source", "CRL")
                                          .with("revoked_at", "2026-12-24T00:00:00Z")
                                          .with("reason", "keyCompromise"));
  EXPECT_EQ(revoked.summary,
            "The certificate CN=Test Intermediate in the chain of example.com:443 has been revoked by its issuer.");
  EXPECT_EQ(revoked.found, "revoked at 2026-12-24T00:00:00Z, because of keyCompromise, as told by CRL");
  const Verdict staple = story.judge(Error(Alert::bad_certificate_status_response, Reason::bad_ocsp_response)
                                         .with("problem", "outdated")
                                         .with("next_update", "2026-12-24T00:00:00Z"));
  EXPECT_EQ(staple.found, "outdated, to be renewed by 2026-12-24T00:00:00Z");
  const Verdict missing = story.judge(Error(Alert::bad_certificate_status_response, Reason::missing_ocsp_response));
  EXPECT_TRUE(contains(missing.expected, "must staple"));
  EXPECT_EQ(missing.fault, Fault::server);
}

TEST(CertificateVerdict, Form) {
  Pki pki;
  Story story{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  const Verdict feature = story.judge(Error(Alert::bad_certificate, Reason::missing_tls_feature)
                                          .with("subject", "CN=example.com")
                                          .with("issuer", "CN=Test Intermediate")
                                          .with("feature", "status_request"));
  EXPECT_EQ(feature.fault, Fault::issuer);
  EXPECT_TRUE(contains(feature.summary, "lacks a TLS feature")) << feature.summary;
  EXPECT_TRUE(contains(feature.found, "status_request")) << feature.found;
  const Verdict rule = story.judge(Error(Alert::bad_certificate, Reason::profile_violation)
                                       .with("field", "keyUsage")
                                       .with("rule", "stands in every CA certificate")
                                       .with("subject", "CN=Test Intermediate"));
  EXPECT_EQ(
      rule.summary,
      "The certificate CN=Test Intermediate in the chain of example.com:443 breaks a rule of the strict profile.");
  EXPECT_TRUE(contains(rule.found, "stands in every CA certificate")) << rule.found;
  EXPECT_FALSE(contains(rule.found, "parse")) << rule.found;
}

TEST(CertificateVerdict, AGoodOneWithoutASubject) {
  Pki pki;
  authority::CertificateOptions options = leaf();
  options.common_name.clear();
  const Identity end = signed_by(pki.intermediate, options);
  const ChainQuestion question{.chain = {end.certificate, pki.intermediate.certificate},
                               .sent = 2,
                               .anchors = anchors_of({pki.root.certificate}),
                               .now = x509::test::now,
                               .options = {},
                               .ocsp_response = {},
                               .owner = "server.pem",
                               .command = {}};
  EXPECT_EQ(ask(question).verdict.summary, "(no subject) verifies for a server, up to CN=Test Root, which is trusted.");
}

TEST(CertificateVerdict, EveryReasonHasAStoryOfItsOwn) {
  Story story{{}, anchors_of({x509::test::root_of(ca("Root")).certificate})};
  for (auto reason = Reason::bad_certificate; reason <= Reason::not_authorized;
       reason = static_cast<Reason>(static_cast<std::uint16_t>(reason) + 1)) {
    const Verdict verdict = story.judge(Error(Alert::bad_certificate, reason));
    EXPECT_EQ(verdict.exit_code, ExitCode::certificate) << name(reason);
    EXPECT_EQ(verdict.reference, code(reason));
    EXPECT_FALSE(verdict.summary.empty() || verdict.advice.empty()) << name(reason);
  }
}

/// Why a dNSName does not cover a host, whatever stands in it: no authority of ours would issue some of them.
std::string why_not(std::string_view pattern, std::string_view wanted) {
  Buffer names = {0x30, static_cast<std::uint8_t>(pattern.size() + 2), 0x82, static_cast<std::uint8_t>(pattern.size())};
  names.insert(names.end(), pattern.begin(), pattern.end());
  authority::CertificateOptions options = leaf({});
  options.extensions = {{"2.5.29.17", false, std::move(names)}};
  const auto key = crypto::SigningKey::generate(crypto::KeyType::p256).value();
  const auto certificate = authority::self_sign(options, key, x509::test::randomness()).value();
  return nearest_name(*certificate, x509::ServerName::parse(wanted).value()).why_not;
}

NearestName nearest(std::vector<std::string> names, std::string_view wanted, std::string common_name = {}) {
  authority::CertificateOptions options = leaf(std::move(names));
  options.common_name = std::move(common_name);
  const auto key = crypto::SigningKey::generate(crypto::KeyType::p256).value();
  const auto certificate = authority::self_sign(options, key, x509::test::randomness()).value();
  return nearest_name(*certificate, x509::ServerName::parse(wanted).value());
}

TEST(CertificateVerdict, NothingOfAPeersIsTypedThatAShellWouldActUpon) {
  EXPECT_TRUE(can_be_typed("http://ca.example/middle.der"));
  for (const char* address : {"http://a/;reboot", "http://a/$(reboot)", "http://a/`id`", "http://a/ b", "http://a/'",
                              "ldap://a/", "-K/etc/passwd", "http://a/&b", "http://a/\n", ""})
    EXPECT_FALSE(can_be_typed(address)) << address;
  Pki pki;
  const Identity end = signed_by(pki.intermediate, leaf({"x.example"}));
  Story story{{end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  EXPECT_TRUE(advised(story.tell(), "handfast connect example.com --sni x.example"));
}

TEST(NearestName, SaysWhyANameDoesNotCover) {
  EXPECT_EQ(nearest({"*.example.com"}, "a.b.example.com").why_not,
            "*.example.com covers one label only: it does not cover a.b.example.com");
  EXPECT_EQ(nearest({"*.example.com"}, "example.com").why_not,
            "*.example.com covers the names below example.com, not example.com itself");
  EXPECT_EQ(nearest({"other.org", "www.example.com"}, "example.com").name, "www.example.com");
  EXPECT_TRUE(nearest({"www.example.com"}, "example.com").can_be_asked_for);
  EXPECT_EQ(nearest({"example.com", "exmaple.com"}, "exampel.com").why_not,
            "example.com and exampel.com differ in two characters");
  EXPECT_EQ(nearest({"mail.example.com"}, "imap.example.com").name, "mail.example.com");
  EXPECT_EQ(nearest({"a.com"}, "b.org").name, "");
  EXPECT_EQ(nearest({"mail.org"}, "other.org").name, "");
  EXPECT_EQ(nearest({}, "example.com", "Example.com").why_not,
            "example.com is its common name, which does not count; it has to stand in subjectAltName");
}

TEST(NearestName, SaysWhyAWildcardCoversNothing) {
  EXPECT_EQ(why_not("*.com", "foo.com"), "*.com covers nothing: behind the * have to stand two labels or more");
  EXPECT_EQ(why_not("*.com", "a.foo.com"), "");
  for (const char* pattern : {"f*.example.org", "foo.*.org", "*oo.example.org", "*.*.org"})
    EXPECT_EQ(why_not(pattern, "foo.example.org"),
              std::string(pattern) + " covers nothing: a * has to be the whole first label, and the only one");
  EXPECT_EQ(why_not("f*.example.org", "bar.example.org"), "");
  EXPECT_EQ(why_not("a*a*a*a*a*a*a*.example.org", std::string(63, 'a') + ".example.org"), "");
}

TEST(NearestName, ComparesAddresses) {
  EXPECT_EQ(nearest({"localhost", "127.0.0.1"}, "127.0.0.2").why_not, "it is for 127.0.0.1, but not for 127.0.0.2");
  EXPECT_TRUE(nearest({"127.0.0.1"}, "127.0.0.2").can_be_asked_for);
  EXPECT_EQ(nearest({"2001:db8::1"}, "2001:db8::2").name, "2001:db8::1");
  EXPECT_EQ(nearest({"192.0.2.1"}, "10.0.0.1").name, "");
}

TEST(NearestName, LooksAtAllOfManyNames) {
  std::vector<std::string> names;
  for (int i = 0; i < 600; ++i) names.push_back("n" + std::to_string(i) + ".example.org");
  names.emplace_back("shop.example.com");
  EXPECT_EQ(nearest(names, "shp.example.com").name, "shop.example.com");
}

TEST(NearestName, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

TEST(VerificationTree, ShowsEveryCheckAndWhatWasTriedInVain) {
  Pki pki;
  Story good{{pki.end.certificate, pki.intermediate.certificate}, anchors_of({pki.root.certificate})};
  ASSERT_EQ(good.tell().code, "");
  const std::string tree = verification_tree(good.report, Style{80, false, true});
  EXPECT_TRUE(contains(tree, "\n└─ CN=Test Intermediate\n")) << tree;
  EXPECT_TRUE(contains(tree, "   └─ CN=Test Root, trusted\n")) << tree;
  EXPECT_TRUE(contains(tree, "│  ✓ validity (not before ")) << tree;
  good.now = x509::test::after + day;
  good.tell();
  EXPECT_TRUE(
      contains(verification_tree(good.report, Style{80, false, true}), "✗ validity: HF0209 certificate_expired"));
  const std::string ascii = verification_tree(good.report, Style{60, false, false});
  for (const char c : ascii) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
}

}  // namespace
}  // namespace handfast::doctor
