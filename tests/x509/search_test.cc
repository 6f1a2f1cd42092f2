// The search for a path: detours, circles, cross-signed CAs, and each of its limits.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "support/hex.h"
#include "x509/name.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

TEST(Search, TriesEveryIssuerOfTheName) {
  // The intermediate was certified by two roots; one certificate has expired, one root is not trusted.
  Identity trusted = root_of(ca("Trusted"));
  Identity other = root_of(ca("Other"));
  Identity intermediate = signed_by(other, ca("Intermediate"));
  CertificateOptions expired = ca("Intermediate");
  expired.not_after = now - 1;
  Certificate old = cross_signed(trusted, expired, intermediate);
  Certificate good = cross_signed(trusted, ca("Intermediate"), intermediate);
  Identity end = signed_by(intermediate, leaf());

  Case usual{{end.certificate, old, intermediate.certificate, good}, anchors_of({trusted.certificate})};
  Result<VerifiedChain> verified = usual.verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path[1], good);

  usual.chain.pop_back();
  EXPECT_FALSE(usual.verify());
}

TEST(Search, ComesBackFromADeadEndAboveAGoodSignature) {
  // end <- A <- B <- (nothing), and end <- A' <- trusted: A and A' hold one key.
  Identity trusted = root_of(ca("Trusted"));
  Identity lost = root_of(ca("Lost"));
  Identity b = signed_by(lost, ca("B"));
  Identity a = signed_by(b, ca("A"));
  Certificate a_again = cross_signed(trusted, ca("A"), a);
  Identity end = signed_by(a, leaf());
  Result<VerifiedChain> verified =
      Case{{end.certificate, a.certificate, b.certificate, a_again}, anchors_of({trusted.certificate})}.verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path.size(), 3u);
}

TEST(Search, CirclesEnd) {
  Identity a = root_of(ca("A"));
  Identity b = root_of(ca("B"));
  Certificate a_by_b = cross_signed(b, ca("A"), a);
  Certificate b_by_a = cross_signed(a, ca("B"), b);
  Identity end = signed_by(a, leaf());
  Identity elsewhere = root_of(ca("Elsewhere"));
  Result<VerifiedChain> verified =
      Case{{end.certificate, a_by_b, b_by_a}, anchors_of({elsewhere.certificate})}.verify();
  EXPECT_TRUE(refused(verified, Reason::unknown_issuer, Alert::unknown_ca));
}

/// `depth` CAs, each signed by the one before; chain[0] is the leaf, the root an anchor.
Case ladder(std::size_t depth) {
  Identity root = root_of(ca("Root"));
  std::vector<Identity> rungs;
  rungs.push_back(signed_by(root, ca("CA 1")));
  for (std::size_t i = 2; i <= depth; ++i) rungs.push_back(signed_by(rungs.back(), ca("CA " + std::to_string(i))));
  Case usual{{signed_by(rungs.back(), leaf()).certificate}, anchors_of({root.certificate})};
  for (const Identity& rung : rungs) usual.chain.push_back(rung.certificate);
  return usual;
}

TEST(Search, Depth) {
  SearchLimits standard;
  EXPECT_TRUE(accepted(ladder(standard.intermediates).verify()));
  Result<VerifiedChain> verified = ladder(standard.intermediates + 1).verify();
  EXPECT_TRUE(refused(verified, Reason::path_too_complex, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "limit"), "intermediates");

  Case usual = ladder(2);
  usual.limits.intermediates = 2;
  EXPECT_TRUE(accepted(usual.verify()));
  usual.limits.intermediates = 1;
  EXPECT_TRUE(refused(usual.verify(), Reason::path_too_complex, Alert::unknown_ca));
}

TEST(Search, Candidates) {
  Case usual = ladder(3);
  usual.limits.candidates = 4;  // three CAs and the root
  EXPECT_TRUE(accepted(usual.verify()));
  usual.limits.candidates = 3;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::path_too_complex, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "limit"), "candidates");
}

TEST(Search, Signatures) {
  Case usual = ladder(3);
  usual.limits.signatures = 4;
  EXPECT_TRUE(accepted(usual.verify()));
  usual.limits.signatures = 3;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::path_too_complex, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "limit"), "signatures");
}

TEST(Search, ARecordDoesNotChangeTheOutcome) {
  // Four certificates of the intermediate have expired, so their signatures are checked for the record alone.
  Pki pki;
  Case usual = pki.usual();
  CertificateOptions expired = ca("Test Intermediate");
  expired.not_after = now - 1;
  for (int i = 0; i < 4; ++i)
    usual.chain.insert(usual.chain.begin() + 1, cross_signed(pki.root, expired, pki.intermediate));
  usual.limits.signatures = 2;
  VerificationReport report;
  EXPECT_TRUE(accepted(usual.verify()));
  EXPECT_TRUE(accepted(usual.verify(&report)));
  EXPECT_EQ(std::ranges::count(checks_of(report), CheckKind::signature, &Made::kind), 6);
}

TEST(Search, WhatIsMadeForTheReportAloneHasItsOwnLimits) {
  // Ten candidates have expired, so their signatures are looked at for the report alone: four of them, no more.
  Pki pki;
  Case usual = pki.usual();
  CertificateOptions expired = ca("Test Intermediate");
  expired.not_after = now - 1;
  for (int i = 0; i < 10; ++i)
    usual.chain.insert(usual.chain.begin() + 1, cross_signed(pki.root, expired, pki.intermediate));
  usual.limits.signatures = 4;
  VerificationReport report;
  EXPECT_TRUE(accepted(usual.verify(&report)));
  std::map<CheckOutcome, int> signatures;
  for (const Made& check : checks_of(report))
    if (check.kind == CheckKind::signature) ++signatures[check.outcome];
  EXPECT_EQ(signatures[CheckOutcome::passed], 4 + 2);
  EXPECT_EQ(signatures[CheckOutcome::not_made], 6);
}

/// What failed, from the leaf up: the name of the certificate and the check.
std::vector<std::string> failures_of(const VerificationReport& report) {
  std::vector<std::string> out;
  for (const Made& check : checks_of(report))
    if (check.outcome == CheckOutcome::failed)
      out.push_back(name_text(Certificate::parse(check.certificate).value()->subject) + ": " +
                    std::string(name(check.kind)));
  return out;
}

/// A root, two intermediates that have expired, and a leaf.
struct Lapsed {
  Identity root = root_of(ca("Root"));
  Identity upper = signed_by(root, expired("Upper"));
  Identity lower = signed_by(upper, expired("Lower"));
  Identity end = signed_by(lower, leaf());

  static CertificateOptions expired(std::string name) {
    CertificateOptions options = ca(std::move(name));
    options.not_after = now - 1;
    return options;
  }
  Case trusting(const Identity& anchor) const {
    return {{end.certificate, lower.certificate, upper.certificate}, anchors_of({anchor.certificate})};
  }
};

TEST(Search, TheReportGoesOnAboveAFault) {
  const Lapsed pki;
  VerificationReport report;
  const Case known = pki.trusting(pki.root);
  EXPECT_TRUE(refused(known.verify(&report), Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(evidence(known.verify(), "subject"), "CN=Lower");
  EXPECT_EQ(evidence(known.verify(&report), "subject"), "CN=Lower");
  EXPECT_EQ(failures_of(report), (std::vector<std::string>{"CN=Lower: validity", "CN=Upper: validity"}));
  const VerificationStep& upper = report.leaf.issuers.at(0).issuers.at(0);
  EXPECT_TRUE(upper.issuers.at(0).is_anchor);
  EXPECT_FALSE(upper.issuers.at(0).is_accepted);

  const Case unknown = pki.trusting(root_of(ca("Elsewhere")));
  EXPECT_TRUE(refused(unknown.verify(&report), Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(failures_of(report),
            (std::vector<std::string>{"CN=Lower: validity", "CN=Upper: validity", "CN=Upper: issuer"}));
}

TEST(Search, NobodyLooksAboveOneThatHasNotSigned) {
  const Lapsed pki;
  Case forged = pki.trusting(pki.root);
  forged.chain[1] = signed_by(pki.upper, ca("Lower")).certificate;
  VerificationReport report;
  EXPECT_TRUE(refused(forged.verify(&report), Reason::bad_certificate_signature, Alert::bad_certificate));
  EXPECT_EQ(failures_of(report), (std::vector<std::string>{"CN=Lower: signature"}));
  EXPECT_TRUE(report.leaf.issuers.at(0).issuers.empty());
}

TEST(Search, WhatIsAboveAFaultCostsTheReportsOwnWorkOnly) {
  const Lapsed pki;
  Case lapsed = pki.trusting(pki.root);
  lapsed.limits.signatures = 1;
  VerificationReport report;
  EXPECT_TRUE(refused(lapsed.verify(&report), Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(evidence(lapsed.verify(&report), "subject"), "CN=Lower");
  EXPECT_EQ(failures_of(report), (std::vector<std::string>{"CN=Lower: validity", "CN=Upper: validity"}));
  EXPECT_TRUE(report.leaf.issuers.at(0).issuers.at(0).issuers.empty());

  // A mesh of those who have all expired: as many as it may cost, no more.
  Case mesh{{pki.end.certificate}, anchors_of({root_of(ca("Elsewhere")).certificate})};
  for (int i = 0; i < 6; ++i)
    mesh.chain.push_back(cross_signed(i % 2 == 0 ? pki.upper : pki.lower,
                                      Lapsed::expired(i % 2 == 0 ? "Lower" : "Upper"),
                                      i % 2 == 0 ? pki.lower : pki.upper));
  mesh.limits.candidates = 20;
  EXPECT_TRUE(refused(mesh.verify(&report), Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_LE(std::ranges::count(checks_of(report), CheckKind::validity, &Made::kind), 1 + 2 * 20);
}

TEST(Search, AMeshOfCrossSignedCasIsGivenUp) {
  // Every CA certified by every other: the number of paths is factorial, the work is not.
  constexpr std::size_t count = 7;
  std::vector<Identity> cas;
  for (std::size_t i = 0; i < count; ++i) cas.push_back(root_of(ca("Mesh " + std::to_string(i))));
  Case mesh{{signed_by(cas[0], leaf()).certificate}, anchors_of({root_of(ca("Elsewhere")).certificate})};
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < count; ++k)
      if (i != k) mesh.chain.push_back(cross_signed(cas[i], ca("Mesh " + std::to_string(k)), cas[k]));
  VerificationReport report;
  EXPECT_TRUE(refused(mesh.verify(&report), Reason::path_too_complex, Alert::unknown_ca));
  auto signatures = std::ranges::count(checks_of(report), CheckKind::signature, &Made::kind);
  EXPECT_LE(static_cast<std::size_t>(signatures), mesh.limits.signatures + 1);
}

TEST(Search, NameComparisons) {
  // permittedSubtrees with a thousand names, and a leaf with a hundred.
  Buffer subtrees;
  for (int i = 0; i < 1000; ++i) {
    std::string name = "host-" + std::to_string(1000 + i) + ".example";  // 17 characters
    subtrees.insert(subtrees.end(), {0x30, 19, 0x82, 17});
    subtrees.insert(subtrees.end(), name.begin(), name.end());
  }
  ASSERT_EQ(subtrees.size(), 21000u);
  Buffer value = handfast::test::from_hex("3082520ca0825208");
  value.insert(value.end(), subtrees.begin(), subtrees.end());
  CertificateOptions options = ca("Constrained");
  options.extensions = {{"2.5.29.30", true, value}};
  Identity root = root_of(options);
  std::vector<std::string> names = {"host-1999.example"};
  while (names.size() < 100) names.emplace_back("host-1998.example");
  Case usual{{signed_by(root, leaf(names)).certificate}, anchors_of({root.certificate}), server("host-1999.example")};
  EXPECT_TRUE(accepted(usual.verify()));
  usual.limits.name_comparisons = 50'000;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::path_too_complex, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "limit"), "name comparisons");
}

}  // namespace
}  // namespace handfast::x509::test
