// What each policy of revocation makes of what the sources say.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <handfast/revocation_lists.h>

#include "authority/mint_crl.h"
#include "authority/mint_ocsp.h"
#include "x509/der_writer.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

constexpr std::int64_t day = 86400;

class Revocation : public testing::Test {
 protected:
  authority::Issuer issuer_of(const Identity& identity) const { return {identity.certificate, identity.key}; }

  Buffer staple(RevocationStatus status) const { return staple_for(pki.end, pki.intermediate, status, now + day); }
  Buffer staple_for(const Identity& subject, const Identity& issuer, RevocationStatus status,
                    std::int64_t next_update) const {
    authority::OcspAnswer answer{.certificate = subject.certificate, .issuer = issuer.certificate};
    answer.status = status;
    answer.revoked_at = now - 10 * day;
    answer.reason = CRLReason::keyCompromise;
    answer.this_update = now - day;
    answer.next_update = next_update;
    authority::OcspOptions options;
    options.answers = {answer};
    options.produced_at = now - day;
    return authority::mint_ocsp_response(options, issuer_of(issuer)).value();
  }

  Buffer list(const Identity& issuer, const std::vector<const Identity*>& revoked) const {
    authority::CrlOptions options;
    options.this_update = now - day;
    options.next_update = now + day;
    for (const Identity* identity : revoked) {
      const Bytes serial = identity->certificate->serial_number;
      options.revoked.push_back({Buffer(serial.begin(), serial.end()), now - 2 * day, CRLReason::superseded});
    }
    return authority::issue_crl(options, issuer_of(issuer)).value();
  }
  static RevocationLists::Shared lists_of(const std::vector<Buffer>& lists) {
    return RevocationLists::from_der(std::vector<Bytes>(lists.begin(), lists.end())).value();
  }
  /// Neither of the two certificates is revoked.
  RevocationLists::Shared clean_lists() const { return lists_of({list(pki.root, {}), list(pki.intermediate, {})}); }

  Result<VerifiedChain> verify(RevocationPolicy policy, Bytes response, const RevocationLists::Shared& lists = nullptr,
                               VerificationReport* report = nullptr) const {
    Case usual = pki.usual();
    usual.revocation = {.policy = policy, .lists = lists.get(), .ocsp_responses = {&response, 1}};
    return usual.verify(report);
  }

  static CheckOutcome outcome(const VerificationReport& report, const Identity& issuer) {
    for (const Made& check : checks_of(report))
      if (check.kind == CheckKind::revocation && std::ranges::equal(check.certificate, issuer.certificate.der()))
        return check.outcome;
    throw std::logic_error("no such check");
  }

  Pki pki;
};

using enum RevocationPolicy;

TEST_F(Revocation, IsNotLookedAtWhereThePolicyIsOff) {
  VerificationReport report;
  EXPECT_TRUE(accepted(verify(off, staple(RevocationStatus::revoked), nullptr, &report)));
  EXPECT_EQ(outcome(report, pki.intermediate), CheckOutcome::not_made);
  const Buffer garbage = {1, 2, 3};
  EXPECT_TRUE(accepted(verify(off, garbage)));
}

TEST_F(Revocation, AGoodStapleIsACheckThatPassed) {
  for (RevocationPolicy policy : {RevocationPolicy::staple, prefer}) {
    VerificationReport report;
    EXPECT_TRUE(accepted(verify(policy, staple(RevocationStatus::good), nullptr, &report)));
    EXPECT_EQ(outcome(report, pki.intermediate), CheckOutcome::passed);
    // The response is of the leaf; of the intermediate nothing was said, and nothing is claimed.
    EXPECT_EQ(outcome(report, pki.root), CheckOutcome::not_made);
  }
}

TEST_F(Revocation, ARevokedCertificateIsRefusedByEveryPolicyButOff) {
  for (RevocationPolicy policy : {RevocationPolicy::staple, prefer, require}) {
    Result<VerifiedChain> verified = verify(policy, staple(RevocationStatus::revoked));
    EXPECT_TRUE(refused(verified, Reason::certificate_revoked, Alert::certificate_revoked));
    EXPECT_EQ(evidence(verified, "source"), "OCSP");
    EXPECT_EQ(evidence(verified, "reason"), "keyCompromise");
    EXPECT_EQ(evidence(verified, "revoked_at"), time_text(now - 10 * day));
  }
}

TEST_F(Revocation, AForgedOrForeignStapleIsRefused) {
  const Identity other = signed_by(pki.intermediate, leaf());
  const Buffer of_another = staple_for(other, pki.intermediate, RevocationStatus::good, now + day);
  const Buffer not_by_the_issuer = [&] {
    authority::OcspAnswer answer{.certificate = pki.end.certificate, .issuer = pki.intermediate.certificate};
    answer.this_update = now - day;
    answer.next_update = now + day;
    authority::OcspOptions options;
    options.answers = {answer};
    return authority::mint_ocsp_response(options, issuer_of(other)).value();
  }();
  const Buffer garbage = {0x30, 0x03, 0x0a, 0x01};
  for (const Buffer* response : {&of_another, &not_by_the_issuer, &garbage})
    EXPECT_TRUE(refused(verify(RevocationPolicy::staple, *response), Reason::bad_ocsp_response,
                        Alert::bad_certificate_status_response));
}

TEST_F(Revocation, AResponderThatDoesNotKnowTheCertificateIsBelieved) {
  EXPECT_TRUE(refused(verify(RevocationPolicy::staple, staple(RevocationStatus::unknown)), Reason::revocation_unknown,
                      Alert::bad_certificate_status_response));
}

TEST_F(Revocation, AnOutdatedStapleSaysNothing) {
  const Buffer outdated = staple_for(pki.end, pki.intermediate, RevocationStatus::good, now - 1);
  VerificationReport report;
  EXPECT_TRUE(accepted(verify(RevocationPolicy::staple, outdated, nullptr, &report)));
  EXPECT_EQ(outcome(report, pki.intermediate), CheckOutcome::not_made);
  EXPECT_TRUE(refused(verify(require, outdated), Reason::revocation_unknown, Alert::certificate_unknown));
}

TEST_F(Revocation, NothingSaidIsNothingClaimedAndNotEnoughWhereItIsRequired) {
  for (RevocationPolicy policy : {RevocationPolicy::staple, prefer}) {
    VerificationReport report;
    EXPECT_TRUE(accepted(verify(policy, {}, nullptr, &report)));
    EXPECT_EQ(outcome(report, pki.intermediate), CheckOutcome::not_made);
  }
  EXPECT_TRUE(refused(verify(require, {}), Reason::revocation_unknown, Alert::certificate_unknown));
}

TEST_F(Revocation, ListsProveEveryCertificateBelowTheAnchor) {
  VerificationReport report;
  EXPECT_TRUE(accepted(verify(require, {}, clean_lists(), &report)));
  EXPECT_EQ(outcome(report, pki.intermediate), CheckOutcome::passed);
  EXPECT_EQ(outcome(report, pki.root), CheckOutcome::passed);
  // A staple is proof of the leaf alone.
  const RevocationLists::Shared of_root = lists_of({list(pki.root, {})});
  EXPECT_TRUE(accepted(verify(require, staple(RevocationStatus::good), of_root)));
  const RevocationLists::Shared of_intermediate = lists_of({list(pki.intermediate, {})});
  EXPECT_TRUE(refused(verify(require, staple(RevocationStatus::good), of_intermediate), Reason::revocation_unknown,
                      Alert::certificate_unknown));
}

TEST_F(Revocation, AListRevokesLeafAndIntermediate) {
  const RevocationLists::Shared revoked_leaf = lists_of({list(pki.root, {}), list(pki.intermediate, {&pki.end})});
  const RevocationLists::Shared revoked_ca =
      lists_of({list(pki.root, {&pki.intermediate}), list(pki.intermediate, {})});
  for (RevocationPolicy policy : {prefer, require}) {
    for (const RevocationLists::Shared& lists : {revoked_leaf, revoked_ca}) {
      Result<VerifiedChain> verified = verify(policy, {}, lists);
      EXPECT_TRUE(refused(verified, Reason::certificate_revoked, Alert::certificate_revoked));
      EXPECT_EQ(evidence(verified, "source"), "CRL");
      EXPECT_EQ(evidence(verified, "reason"), "superseded");
    }
    // A good staple, which may be older, does not undo it.
    EXPECT_TRUE(refused(verify(policy, staple(RevocationStatus::good), revoked_leaf), Reason::certificate_revoked,
                        Alert::certificate_revoked));
  }
}

TEST_F(Revocation, AnotherPathIsTakenRoundARevokedIntermediate) {
  // The same intermediate, certified by two roots; one of them has revoked it.
  const Identity second = root_of(ca("Second Root"));
  const Certificate cross = cross_signed(second, ca("Test Intermediate"), pki.intermediate);
  const RevocationLists::Shared lists = lists_of({list(pki.root, {&pki.intermediate})});
  Case both{{pki.end.certificate, pki.intermediate.certificate, cross},
            anchors_of({pki.root.certificate, second.certificate})};
  both.revocation = {.policy = prefer, .lists = lists.get()};
  Result<VerifiedChain> verified = both.verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path.back(), second.certificate);
}

TEST_F(Revocation, IsNotAskedOfAnIssuerThatDidNotSign) {
  // The impostor has the issuer's name and a list of its own, on which the leaf does not stand.
  const Identity impostor = signed_by(pki.root, ca("Test Intermediate"));
  const RevocationLists::Shared lists = lists_of({list(impostor, {})});
  Case usual = pki.usual();
  usual.chain[1] = impostor.certificate;
  usual.revocation = {.policy = prefer, .lists = lists.get()};
  VerificationReport report;
  EXPECT_TRUE(refused(usual.verify(&report), Reason::bad_certificate_signature, Alert::bad_certificate));
  EXPECT_EQ(outcome(report, impostor), CheckOutcome::not_made);
}

TEST_F(Revocation, ThatAListSaysRevokedIsToldBeforeABadStaple) {
  const Buffer garbage = {0x30, 0x03, 0x0a, 0x01};
  const RevocationLists::Shared lists = lists_of({list(pki.intermediate, {&pki.end})});
  EXPECT_TRUE(refused(verify(prefer, garbage, lists), Reason::certificate_revoked, Alert::certificate_revoked));
}

/// The lists of the policy are asked of the responder as well.
TEST_F(Revocation, ARevokedResponderIsNotBelieved) {
  CertificateOptions options = leaf({});
  options.common_name = "Responder";
  options.extended_key_usage = {authority::ocsp_signing};
  const Identity responder = signed_by(pki.intermediate, options);
  authority::OcspAnswer answer{.certificate = pki.end.certificate, .issuer = pki.intermediate.certificate};
  answer.this_update = now - day;
  answer.next_update = now + day;
  authority::OcspOptions response;
  response.answers = {answer};
  response.certificates = {responder.certificate};
  const Buffer delegated = authority::mint_ocsp_response(response, issuer_of(responder)).value();
  const RevocationLists::Shared revoking = lists_of({list(pki.root, {}), list(pki.intermediate, {&responder})});
  for (RevocationPolicy policy : {prefer, require}) {
    EXPECT_TRUE(accepted(verify(policy, delegated, clean_lists())));
    EXPECT_TRUE(refused(verify(policy, delegated, revoking), Reason::bad_ocsp_response,
                        Alert::bad_certificate_status_response));
  }
  EXPECT_TRUE(accepted(verify(RevocationPolicy::staple, delegated, revoking)));  // which asks no lists
}

TEST_F(Revocation, ACertificateThatMustStapleIsNothingWithoutAGoodStaple) {
  authority::CertificateOptions options = leaf();
  options.extensions = {{"1.3.6.1.5.5.7.1.24", false, {0x30, 0x03, 0x02, 0x01, 0x05}}};
  pki.end = signed_by(pki.intermediate, options);
  const Buffer good = staple(RevocationStatus::good);
  const Buffer outdated = staple_for(pki.end, pki.intermediate, RevocationStatus::good, now - 1);
  for (RevocationPolicy policy : {RevocationPolicy::staple, prefer}) {
    EXPECT_TRUE(accepted(verify(policy, good)));
    for (Bytes response : {Bytes(), Bytes(outdated)})
      EXPECT_TRUE(
          refused(verify(policy, response), Reason::missing_ocsp_response, Alert::bad_certificate_status_response));
    // What a list says is no staple.
    EXPECT_TRUE(refused(verify(prefer, {}, clean_lists()), Reason::missing_ocsp_response,
                        Alert::bad_certificate_status_response));
  }
  EXPECT_TRUE(accepted(verify(off, {})));

  // A client has nobody to staple for.
  Case client = pki.usual();
  client.purpose = ClientAuth{};
  client.revocation.policy = RevocationPolicy::staple;
  EXPECT_TRUE(accepted(client.verify()));
}

/// The same with a tlsFeature extension (RFC 7633), if there are any: status_request is 5, status_request_v2 17.
CertificateOptions with_features(CertificateOptions options, const std::vector<std::uint32_t>& features) {
  if (features.empty()) return options;
  Buffer value;
  der::Writer w(value);
  w.within(der::Tag::sequence, [&] {
    for (const std::uint32_t feature : features) w.integer(feature);
  });
  options.extensions = {{"1.3.6.1.5.5.7.1.24", false, value}};
  return options;
}

TEST_F(Revocation, FeaturesOfAnIssuerAreAskedOfWhatItSigns) {
  using Features = std::vector<std::uint32_t>;
  struct Row {
    Features root;
    Features intermediate;
    Features leaf;
    std::string lacking;  ///< the subject that is refused; empty: none
    std::string feature;
  };
  const Row rows[] = {
      {{}, {5}, {5}, "", ""},
      {{}, {5}, {17, 5}, "", ""},
      {{5}, {5}, {5}, "", ""},
      {{}, {5}, {}, "CN=example.com", "status_request"},
      {{}, {5}, {17}, "CN=example.com", "status_request"},
      {{}, {17, 5}, {17}, "CN=example.com", "status_request"},
      {{5}, {}, {5}, "CN=Test Intermediate", "status_request"},  // an anchor's, and of an intermediate
      {{5}, {5}, {}, "CN=example.com", "status_request"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(&row - rows);
    const Identity root = root_of(with_features(ca("Test Root"), row.root));
    const Identity intermediate = signed_by(root, with_features(ca("Test Intermediate"), row.intermediate));
    const Identity end = signed_by(intermediate, with_features(leaf(), row.leaf));
    const Buffer response = staple_for(end, intermediate, RevocationStatus::good, now + day);
    const Bytes responses[] = {response};
    Case made{{end.certificate, intermediate.certificate}, anchors_of({root.certificate})};
    for (const Profile profile : {Profile::compatible, Profile::strict}) {
      made.policy.profile = profile;
      made.revocation = {.policy = RevocationPolicy::staple, .ocsp_responses = responses};
      VerificationReport report;
      const Result<VerifiedChain> verified = made.verify(&report);
      if (row.lacking.empty()) {
        EXPECT_TRUE(accepted(verified));
        made.revocation.ocsp_responses = {};  // the leaf has it, so the server has to staple
        EXPECT_TRUE(refused(made.verify(), Reason::missing_ocsp_response, Alert::bad_certificate_status_response));
        continue;
      }
      EXPECT_TRUE(refused(verified, Reason::missing_tls_feature, Alert::bad_certificate));
      EXPECT_EQ(evidence(verified, "subject"), row.lacking);
      EXPECT_EQ(evidence(verified, "feature"), row.feature);
      const std::vector<Made> checks = checks_of(report);
      EXPECT_TRUE(std::ranges::any_of(checks, [](const Made& check) {
        return check.kind == CheckKind::tls_features && check.reason == Reason::missing_tls_feature &&
               !check.evidence.empty();
      }));
    }
  }
}

// --- A leaf that is pinned

class PinnedRevocation : public Revocation {
 protected:
  /// The leaf is pinned and nobody is trusted beside it; `above` is sent behind it.
  Result<VerifiedChain> verify_pinned(RevocationPolicy policy, const std::vector<Certificate>& above, Bytes response,
                                      const RevocationLists::Shared& lists = nullptr,
                                      VerificationReport* report = nullptr) const {
    const Bytes der = pki.end.certificate.der();
    Case pinned{{pki.end.certificate}, TrustAnchors::pinned({&der, 1}).value(), server("other.example")};
    pinned.chain.insert(pinned.chain.end(), above.begin(), above.end());
    pinned.revocation = {.policy = policy, .lists = lists.get(), .ocsp_responses = {&response, 1}};
    return pinned.verify(report);
  }
  static testing::AssertionResult is_revoked(const Result<VerifiedChain>& result) {
    return refused(result, Reason::certificate_revoked, Alert::certificate_revoked);
  }
  static testing::AssertionResult is_not_proven(const Result<VerifiedChain>& result) {
    return refused(result, Reason::revocation_unknown, Alert::certificate_unknown);
  }
  RevocationLists::Shared revoking() const { return lists_of({list(pki.intermediate, {&pki.end})}); }
  std::vector<Certificate> issuer() const { return {pki.intermediate.certificate}; }
};

TEST_F(PinnedRevocation, ItsIssuerIsAskedWhereItWasSent) {
  EXPECT_TRUE(is_revoked(verify_pinned(RevocationPolicy::staple, issuer(), staple(RevocationStatus::revoked))));
  EXPECT_TRUE(is_revoked(verify_pinned(prefer, issuer(), {}, revoking())));
  EXPECT_TRUE(is_revoked(verify_pinned(require, issuer(), {}, revoking())));
  EXPECT_TRUE(accepted(verify_pinned(off, issuer(), staple(RevocationStatus::revoked), revoking())));

  VerificationReport report;
  EXPECT_TRUE(accepted(verify_pinned(require, issuer(), staple(RevocationStatus::good), nullptr, &report)));
  EXPECT_EQ(outcome(report, pki.end), CheckOutcome::passed);
  EXPECT_TRUE(accepted(verify_pinned(require, issuer(), {}, clean_lists())));
  EXPECT_TRUE(accepted(verify_pinned(prefer, issuer(), {}, nullptr, &report)));
  EXPECT_EQ(outcome(report, pki.end), CheckOutcome::not_made);
}

TEST_F(PinnedRevocation, ItsIssuerIsAskedWhereItIsTrusted) {
  const Bytes der = pki.end.certificate.der();
  const TrustAnchors::Shared sets[] = {TrustAnchors::pinned({&der, 1}).value(),
                                       anchors_of({pki.root.certificate, pki.intermediate.certificate})};
  const RevocationLists::Shared lists = revoking();
  Case pinned{{pki.end.certificate}, TrustAnchors::combine(sets).value()};
  pinned.revocation = {.policy = require, .lists = lists.get()};
  EXPECT_TRUE(is_revoked(pinned.verify()));
  const RevocationLists::Shared clean = clean_lists();
  pinned.revocation.lists = clean.get();
  EXPECT_TRUE(accepted(pinned.verify()));
}

/// Nobody else can tell, and `require` asks for somebody who does.
TEST_F(PinnedRevocation, WithoutItsIssuerNothingIsKnown) {
  const Identity namesake = signed_by(pki.root, ca("Test Intermediate"));
  for (const std::vector<Certificate>& above :
       {std::vector<Certificate>{}, {pki.root.certificate}, {namesake.certificate}, {pki.end.certificate}}) {
    VerificationReport report;
    EXPECT_TRUE(accepted(verify_pinned(prefer, above, staple(RevocationStatus::revoked), revoking(), &report)));
    EXPECT_EQ(outcome(report, pki.end), CheckOutcome::not_made);
    EXPECT_TRUE(is_not_proven(verify_pinned(require, above, staple(RevocationStatus::good), clean_lists())));
  }
  EXPECT_TRUE(is_not_proven(verify_pinned(require, issuer(), {})));
  EXPECT_TRUE(is_revoked(verify_pinned(require, {namesake.certificate, pki.intermediate.certificate}, {}, revoking())));
}

TEST_F(PinnedRevocation, OneThatSignedItselfVouchesForNothing) {
  const Identity self = root_of(ca("a router"));
  const Bytes der = self.certificate.der();
  const RevocationLists::Shared lists = lists_of({list(self, {})});
  Case pinned{{self.certificate, self.certificate}, TrustAnchors::pinned({&der, 1}).value()};
  pinned.revocation = {.policy = require, .lists = lists.get()};
  const Result<VerifiedChain> unproven = pinned.verify();
  EXPECT_TRUE(is_not_proven(unproven));
  EXPECT_EQ(evidence(unproven, "problem"), "it is its own issuer, and nobody else could tell");
  pinned.revocation.policy = prefer;
  EXPECT_TRUE(accepted(pinned.verify()));
}

/// Else a server would get round it by leaving the issuer out.
TEST_F(PinnedRevocation, OneThatMustStapleNeedsItsIssuerToJudgeTheStaple) {
  CertificateOptions options = leaf();
  options.extensions = {{"1.3.6.1.5.5.7.1.24", false, {0x30, 0x03, 0x02, 0x01, 0x05}}};
  pki.end = signed_by(pki.intermediate, options);
  const Buffer good = staple(RevocationStatus::good);
  for (const RevocationPolicy policy : {RevocationPolicy::staple, prefer, require}) {
    EXPECT_TRUE(accepted(verify_pinned(policy, issuer(), good)));
    for (const Buffer& response : {good, Buffer()})
      EXPECT_TRUE(refused(verify_pinned(policy, {}, response), Reason::missing_ocsp_response,
                          Alert::bad_certificate_status_response));
  }
  EXPECT_TRUE(accepted(verify_pinned(off, {}, {})));
}

}  // namespace
}  // namespace handfast::x509::test
