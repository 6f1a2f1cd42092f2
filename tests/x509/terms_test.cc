// Verification with anchors and pins that are trusted on terms.
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using Shared = TrustAnchors::Shared;

Shared pins_of(const Certificate& certificate) {
  const Bytes der = certificate.der();
  return TrustAnchors::pinned({&der, 1}).value();
}
Shared combine(const std::vector<Shared>& sets) { return TrustAnchors::combine(sets).value(); }
Shared only_for(const Shared& anchors, const std::vector<std::string>& names) {
  return anchors->only_for(names).value();
}
Shared with_key(const Shared& anchors, const Identity& identity) {
  return anchors->only_with_keys(std::vector{SpkiPin::of(identity.certificate->public_key.der)}).value();
}

/// The checks of that kind, in order.
std::vector<Made> made(const VerificationReport& report, CheckKind kind) {
  std::vector<Made> all = checks_of(report);
  std::erase_if(all, [&](const Made& check) { return check.kind != kind; });
  return all;
}

TEST(Terms, AnAuthorityForCertainServersVouchesForNoOther) {
  Pki pki;
  Identity elsewhere = signed_by(pki.root, leaf({"example.com", "host.corp.example"}));
  const Shared scoped = only_for(anchors_of({pki.root.certificate}), {".corp.example"});
  Case here{{elsewhere.certificate}, scoped, server("host.corp.example")};
  EXPECT_TRUE(accepted(here.verify()));

  Case there{{elsewhere.certificate}, scoped, server("example.com")};
  VerificationReport report;
  Result<VerifiedChain> result = there.verify(&report);
  EXPECT_TRUE(refused(result, Reason::anchor_not_for_name, Alert::unknown_ca));
  EXPECT_EQ(evidence(result, "allowed"), ".corp.example");
  EXPECT_EQ(evidence(result, "expected"), "example.com");
  const std::vector<Made> checks = made(report, CheckKind::anchor_scope);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].outcome, CheckOutcome::failed);
  EXPECT_EQ(checks[0].reason, Reason::anchor_not_for_name);

  // Whoever else vouches for it may.
  Case both = there;
  both.anchors = combine({scoped, anchors_of({pki.root.certificate})});
  EXPECT_TRUE(accepted(both.verify()));
}

TEST(Terms, TheNameThatCountsIsTheOneThatWasAskedFor) {
  Pki pki;
  Identity both = signed_by(pki.root, leaf({"nas.local", "example.com"}));
  Case usual{{both.certificate}, only_for(anchors_of({pki.root.certificate}), {"nas.local"}), server("nas.local")};
  EXPECT_TRUE(accepted(usual.verify()));
  usual.purpose = server("example.com");
  EXPECT_TRUE(refused(usual.verify(), Reason::anchor_not_for_name, Alert::unknown_ca));
}

TEST(Terms, ScopedAnchorsVouchForNoClientAndNoServerWithoutAName) {
  Pki pki;
  for (const Purpose& purpose : {Purpose(ClientAuth{}), Purpose(AnyServer{})}) {
    Case usual = pki.usual();
    usual.purpose = purpose;
    EXPECT_TRUE(accepted(usual.verify()));
    usual.anchors = only_for(usual.anchors, {"example.com"});
    Result<VerifiedChain> result = usual.verify();
    EXPECT_TRUE(refused(result, Reason::anchor_not_for_name, Alert::unknown_ca));
    EXPECT_EQ(evidence(result, "expected"), "no name");
  }
}

TEST(Terms, AnAnchorThatDoesNotVouchMayStillStandInAPath) {
  Pki pki;
  Case usual = pki.usual();
  usual.anchors = combine({usual.anchors, only_for(anchors_of({pki.intermediate.certificate}), {"other.example"})});
  Result<VerifiedChain> result = usual.verify();
  ASSERT_TRUE(accepted(result));
  EXPECT_EQ(result->path.size(), 3u);
  // The same where the keys are wrong.
  usual.anchors = combine({anchors_of({pki.root.certificate}),
                           with_key(anchors_of({pki.intermediate.certificate}), root_of(ca("Nobody")))});
  EXPECT_TRUE(accepted(usual.verify()));
}

TEST(Terms, OneOfThePathsKeysIsPinned) {
  Pki pki;
  for (const Identity* pinned : {&pki.end, &pki.intermediate, &pki.root}) {
    Case usual = pki.usual();
    usual.anchors = with_key(usual.anchors, *pinned);
    EXPECT_TRUE(accepted(usual.verify()));
  }
  Case usual = pki.usual();
  const Identity other = root_of(ca("Nobody"));
  usual.anchors = with_key(usual.anchors, other);
  VerificationReport report;
  Result<VerifiedChain> result = usual.verify(&report);
  EXPECT_TRUE(refused(result, Reason::pin_mismatch, Alert::bad_certificate));
  EXPECT_EQ(evidence(result, "pins"), SpkiPin::of(other.certificate->public_key.der).text());
  EXPECT_EQ(std::get<std::vector<std::string>>(*result.error().find("found")).size(), 3u);
  EXPECT_EQ(made(report, CheckKind::key_pin).size(), 1u);
}

TEST(Terms, AKeyThatWasOnlySentIsNotOfThePath) {
  Pki pki;
  const Identity decoy = root_of(ca("Decoy"));
  Case usual = pki.usual();
  usual.chain.push_back(decoy.certificate);
  usual.anchors = with_key(usual.anchors, decoy);
  EXPECT_TRUE(refused(usual.verify(), Reason::pin_mismatch, Alert::bad_certificate));
}

TEST(Terms, APathWithThePinnedKeyIsLookedForAmongSeveral) {
  Pki pki;
  const Identity second = root_of(ca("Second Root"));
  const Certificate cross = cross_signed(second, ca("Test Intermediate"), pki.intermediate);
  for (const Identity* pinned : std::initializer_list<const Identity*>{&pki.root, &second}) {
    Case usual{{pki.end.certificate, pki.intermediate.certificate, cross},
               with_key(anchors_of({pki.root.certificate, second.certificate}), *pinned)};
    Result<VerifiedChain> result = usual.verify();
    ASSERT_TRUE(accepted(result));
    EXPECT_EQ(result->path.back(), pinned->certificate);
  }
}

TEST(Terms, PinsStandBesideAuthorities) {
  Pki pki;
  const Identity self = root_of(leaf({"whatever.example"}));
  const Shared both = combine({pins_of(self.certificate), anchors_of({pki.root.certificate})});
  EXPECT_TRUE(accepted(Case{{self.certificate}, both}.verify()));
  Case usual = pki.usual();
  usual.anchors = both;
  EXPECT_TRUE(accepted(usual.verify()));
  usual.purpose = server("other.example");
  EXPECT_TRUE(refused(usual.verify(), Reason::name_mismatch, Alert::bad_certificate));
  // A pinned certificate signs nothing.
  const Identity issuer = root_of(ca("Pinned"));
  Case below{{signed_by(issuer, leaf()).certificate, issuer.certificate},
             combine({pins_of(issuer.certificate), anchors_of({pki.root.certificate})})};
  EXPECT_TRUE(refused(below.verify(), Reason::unknown_issuer, Alert::unknown_ca));
}

TEST(Terms, APinForOneNameOnly) {
  Pki pki;
  const Identity self = root_of(leaf({"nas.local"}));
  const Shared pin = only_for(pins_of(self.certificate), {"nas.local"});
  for (const Shared& anchors : {pin, combine({pin, anchors_of({pki.root.certificate})})}) {
    EXPECT_TRUE(accepted(Case{{self.certificate}, anchors, server("nas.local")}.verify()));
    VerificationReport report;
    Result<VerifiedChain> result = Case{{self.certificate}, anchors, server("bank.example")}.verify(&report);
    EXPECT_TRUE(refused(result, Reason::anchor_not_for_name, Alert::unknown_ca));
    EXPECT_EQ(evidence(result, "allowed"), "nas.local");
    EXPECT_EQ(evidence(result, "expected"), "bank.example");
    ASSERT_EQ(made(report, CheckKind::pin).size(), 1u);
    EXPECT_EQ(made(report, CheckKind::pin)[0].outcome, CheckOutcome::failed);
  }
}

TEST(Terms, ACertificateThatIsPinnedForOthersMayStillBeVouchedFor) {
  Pki pki;
  Case usual = pki.usual();
  usual.anchors = combine({usual.anchors, only_for(pins_of(pki.end.certificate), {"other.example"})});
  EXPECT_TRUE(accepted(usual.verify()));
  EXPECT_EQ(usual.verify()->path.size(), 3u);
}

}  // namespace
}  // namespace handfast::x509::test
