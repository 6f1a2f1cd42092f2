// What lists say of a certificate, and which of them count.
#include "x509/ask_crls.h"

#include <gtest/gtest.h>

#include "x509/asked.h"
#include "x509/distribution_point.h"
#include "x509/oid.h"

namespace handfast::x509::test {
namespace {

using enum RevocationStatus;

TEST(AskCrls, GoodAndRevoked) {
  const RevocationAnswer good = usual().of({by_intermediate(crl({entry_of(pki().intermediate.certificate)}))});
  EXPECT_TRUE(says(good, RevocationStatus::good));
  EXPECT_EQ(fact(good, "source"), "CRL");
  EXPECT_EQ(fact(good, "this_update"), time_text(now - day));
  EXPECT_EQ(fact(good, "next_update"), time_text(now + day));

  const RevocationAnswer bad = usual().of({by_intermediate(naming_end())});
  EXPECT_TRUE(says(bad, revoked, "keyCompromise"));
  EXPECT_EQ(fact(bad, "source"), "CRL");
  EXPECT_EQ(fact(bad, "revoked_at"), time_text(now - 2 * day));
  EXPECT_TRUE(says(usual().of({by_intermediate(naming_end({}))}), revoked, "unspecified"));
  EXPECT_TRUE(says(usual().of({by_intermediate(naming_end(CRLReason::certificateHold))}), revoked, "certificateHold"));
  EXPECT_TRUE(says(usual().of({by_intermediate(naming_end(CRLReason::removeFromCRL))}), RevocationStatus::good));
}

TEST(AskCrls, EveryKindOfKeySigns) {
  for (KeyType type : {KeyType::rsa, KeyType::rsa_pss, KeyType::p256, KeyType::p384, KeyType::p521, KeyType::ed25519}) {
    const Identity issuer = root_of(ca("Issuer"), type);
    const Certificate certificate = signed_by(issuer, leaf()).certificate;
    const Asked asked{certificate, issuer.certificate};
    EXPECT_TRUE(says(asked.of({signed_crl(crl(), issuer)}), good));
    EXPECT_TRUE(says(asked.of({signed_crl(crl({entry_of(certificate)}), issuer)}), revoked));
  }
}

TEST(AskCrls, TheIssuersNameAndKey) {
  // Another CA's list, although it names the serial number.
  EXPECT_TRUE(says(usual().of({signed_crl(naming_end(), pki().root)}), not_said, no_list));
  // A list in the issuer's name with another key, and in another name with the issuer's key.
  const Identity same_name = root_of(ca("Test Intermediate"));
  EXPECT_TRUE(says(usual().of({signed_crl(naming_end(), same_name)}), not_said, not_signed));
  EXPECT_TRUE(says(usual().of({signed_crl(crl(), same_name)}), not_said, not_signed));
  const Certificate other_name = cross_signed(pki().root, ca("Other Name"), pki().intermediate);
  const Buffer misnamed = authority::issue_crl(naming_end(), {other_name, pki().intermediate.key}).value();
  EXPECT_TRUE(says(usual().of({misnamed}), not_said, no_list));
  // Beside the real one neither of them matters.
  EXPECT_TRUE(says(usual().of({misnamed, signed_crl(naming_end(), same_name), by_intermediate(crl())}), good));
}

TEST(AskCrls, TheIssuerMustBeAllowedTo) {
  CertificateOptions options = ca("Signs No Lists");
  options.key_usage = KeyUsage::keyCertSign;
  const Identity issuer = signed_by(pki().root, options);
  const Certificate certificate = signed_by(issuer, leaf()).certificate;
  EXPECT_TRUE(says(Asked{certificate, issuer.certificate}.of({signed_crl(crl(), issuer)}), not_said, not_signed));
  // An absent keyUsage allows a CA everything.
  options.key_usage = {};
  const Certificate silent = cross_signed(pki().root, options, issuer);
  EXPECT_TRUE(says(Asked{certificate, silent}.of({signed_crl(crl(), issuer)}), good));
}

TEST(AskCrls, Dates) {
  Asked asked = usual();
  const std::vector<Buffer> lists = {by_intermediate(crl())};
  for (const auto& [at, status, problem] :
       {std::tuple{now - day - 1, not_said, std::string_view("the list is not valid yet")},
        {now - day, good, std::string_view()},
        {now + day, good, std::string_view()},
        {now + day + 1, not_said, outdated}}) {
    asked.now = at;
    EXPECT_TRUE(says(asked.of(lists), status, problem));
  }
  CrlOptions endless = crl();
  endless.next_update = {};
  EXPECT_TRUE(says(usual().of({by_intermediate(endless)}), not_said, "the list does not say until when it is valid"));
}

/// A revocation is for good, certificateHold apart; so an outdated list can still revoke.
TEST(AskCrls, WhatAnOutdatedListHasRevoked) {
  const auto old = [](std::optional<CRLReason> reason) {
    return by_intermediate(from(naming_end(reason), now - 20 * day, now - 10 * day));
  };
  EXPECT_TRUE(says(usual().of({old(CRLReason::keyCompromise)}), revoked, "keyCompromise"));
  EXPECT_TRUE(says(usual().of({old(CRLReason::certificateHold)}), not_said, outdated));
  // A newer one that is valid has the last word.
  EXPECT_TRUE(says(usual().of({old(CRLReason::keyCompromise), by_intermediate(crl())}), good));
  EXPECT_TRUE(
      says(usual().of({by_intermediate(from(crl(), now - 30 * day, now + 30 * day)), old(CRLReason::keyCompromise)}),
           revoked));
}

TEST(AskCrls, TheNewestThatIsValidWins) {
  const Buffer older = by_intermediate(from(naming_end(), now - 3 * day, now + 3 * day, 1));
  const Buffer newer = by_intermediate(from(crl(), now - 2 * day, now + 3 * day, 2));
  const Buffer coming = by_intermediate(from(naming_end(), now + day, now + 3 * day, 3));
  EXPECT_TRUE(says(usual().of({older, newer, coming}), good));
  EXPECT_TRUE(says(usual().of({coming, newer, older}), good));
  EXPECT_TRUE(says(usual().of({older, coming}), revoked));
  // Of one date the higher number is newer.
  const Buffer same_date = by_intermediate(from(naming_end(), now - 2 * day, now + 3 * day, 300));
  EXPECT_TRUE(says(usual().of({newer, same_date}), revoked));
  EXPECT_TRUE(says(usual().of({same_date, newer}), revoked));
}

TEST(AskCrls, UnknownCriticalExtensions) {
  const RevocationAnswer answer =
      usual().of({by_intermediate(extended(naming_end(), {{"1.2.3.4", true, {0x05, 0x00}}}))});
  EXPECT_TRUE(says(answer, not_said, "the list has a critical extension that is not processed"));
  EXPECT_EQ(fact(answer, "oid"), "1.2.3.4");
  CrlOptions in_an_entry = crl({entry_of(pki().root.certificate)});
  in_an_entry.revoked.front().extensions = {{"1.2.3.5", true, {0x05, 0x00}}};
  EXPECT_TRUE(says(usual().of({by_intermediate(in_an_entry)}), not_said,
                   "the list has a critical extension that is not processed"));
}

TEST(AskCrls, KindsOfCertificates) {
  const auto for_kind = [](unsigned number) {
    return extended(crl(), {issuing_distribution_point({.set = {number}})});
  };
  const Asked of_ca{pki().intermediate.certificate, pki().root.certificate};
  struct {
    unsigned number;
    RevocationStatus leaf;
    RevocationStatus authority;
  } const rows[] = {{1, good, not_said}, {2, not_said, good}, {5, not_said, not_said}, {4, good, good}};
  for (const auto& row : rows) {
    EXPECT_EQ(usual().of({by_intermediate(for_kind(row.number))}).status, row.leaf) << row.number;
    EXPECT_EQ(of_ca.of({signed_crl(for_kind(row.number), pki().root)}).status, row.authority) << row.number;
  }
  EXPECT_TRUE(says(usual().of({by_intermediate(for_kind(2))}), not_said, out_of_scope));
}

TEST(AskCrls, DistributionPoints) {
  const Bytes issuer = pki().intermediate.certificate->subject;
  const Buffer one = uri("http://crl.example/1");
  const Buffer two = uri("http://crl.example/2");
  Buffer both = one;
  both.insert(both.end(), two.begin(), two.end());
  const Buffer rdn = der_of([](der::Writer& w) {  // the content of a RelativeDistinguishedName
    w.within(der::Tag::sequence, [&] {
      w.object_identifier(Bytes(oid::commonName));
      w.text(der::Tag::utf8_string, "shard");
    });
  });
  const Buffer whole = der_of([&](der::Writer& w) {  // the same, with the issuer's name before it
    der::Reader name(issuer);
    w.within(der::Tag::sequence, [&] {
      w.raw(name.take(der::Tag::sequence));
      w.element(der::Tag::set, rdn);
    });
  });
  const auto served = [](PointParts scope) {
    return by_intermediate(extended(crl(), {issuing_distribution_point(scope)}));
  };
  // A list without a name is for all; one with a name for those that name it.
  EXPECT_TRUE(says(with_points({{.full_name = one}}).of({by_intermediate(crl())}), good));
  EXPECT_TRUE(says(with_points({{.full_name = one}}).of({served({.full_name = one})}), good));
  EXPECT_TRUE(says(with_points({{.full_name = one}}).of({served({.full_name = both})}), good));
  EXPECT_TRUE(says(with_points({{.full_name = two}, {.full_name = one}}).of({served({.full_name = one})}), good));
  EXPECT_TRUE(says(with_points({{.full_name = one}}).of({served({.full_name = two})}), not_said, out_of_scope));
  EXPECT_TRUE(says(usual().of({served({.full_name = one})}), not_said, out_of_scope));
  EXPECT_TRUE(says(usual().of({served({.full_name = directory(issuer)})}), good));
  // Relative names, on either side or both.
  for (const PointParts& named : {PointParts{.relative_name = rdn}, PointParts{.full_name = directory(whole)}})
    for (const PointParts& scope : {PointParts{.relative_name = rdn}, PointParts{.full_name = directory(whole)}})
      EXPECT_TRUE(says(with_points({named}).of({served(scope)}), good));
  EXPECT_TRUE(says(with_points({{.relative_name = rdn}}).of({served({.full_name = one})}), not_said, out_of_scope));
}

TEST(AskCrls, SomeReasonsOnly) {
  constexpr ReasonFlags compromised = 1 << 1 | 1 << 2;
  constexpr ReasonFlags the_others = all_reasons ^ compromised;
  const auto for_reasons = [](CrlOptions options, std::uint16_t reasons) {
    return by_intermediate(extended(std::move(options), {issuing_distribution_point({.reasons = reasons})}));
  };
  const Buffer compromise = for_reasons(crl(), compromised);
  const Buffer others = for_reasons(crl(), the_others);
  EXPECT_TRUE(says(usual().of({compromise}), not_said, some_reasons_only));
  EXPECT_TRUE(says(usual().of({others}), not_said, some_reasons_only));
  EXPECT_TRUE(says(usual().of({compromise, others}), good));
  EXPECT_TRUE(says(usual().of({compromise, for_reasons(naming_end(CRLReason::superseded), the_others)}), revoked,
                   "superseded"));
  EXPECT_TRUE(says(usual().of({for_reasons(naming_end(), compromised)}), revoked));
  // What a distribution point is for, in the certificate.
  const Buffer one = uri("http://crl.example/1");
  const Buffer two = uri("http://crl.example/2");
  const auto served = [](const Buffer& name) {
    return by_intermediate(extended(crl(), {issuing_distribution_point({.full_name = name})}));
  };
  const Asked split =
      with_points({{.full_name = one, .reasons = compromised}, {.full_name = two, .reasons = the_others}});
  EXPECT_TRUE(says(split.of({served(one)}), not_said, some_reasons_only));
  EXPECT_TRUE(says(split.of({served(one), served(two)}), good));
}

/// Many lists are heard for what they add, not for their number.
TEST(AskCrls, OldListsCostNothing) {
  std::vector<Buffer> lists;
  for (std::uint32_t age = 0; age < 100; ++age)
    lists.push_back(by_intermediate(from(crl(), now - day - age, now + day, 200 - age)));
  const RevocationLists::Shared all = lists_of(lists);
  Work work = plenty();
  EXPECT_TRUE(says(usual().of(*all, work).value(), good));
  EXPECT_EQ(work.signatures, plenty().signatures - 1);
}

TEST(AskCrls, DeltaLists) {
  const auto delta = [](CrlOptions options, std::uint32_t base = 7, std::uint32_t number = 9) {
    return extended(from(std::move(options), now - day, now + day, number), {delta_of(base)});
  };
  const Buffer clean = by_intermediate(from(crl(), now - 3 * day, now + day));
  const Buffer naming = by_intermediate(from(naming_end(), now - 3 * day, now + day));
  const Buffer revoking = by_intermediate(delta(naming_end()));
  const Buffer removing = by_intermediate(delta(naming_end(CRLReason::removeFromCRL)));
  EXPECT_TRUE(says(usual().of({clean, revoking}), revoked));
  EXPECT_TRUE(says(usual().of({naming, removing}), good));
  EXPECT_TRUE(says(usual().of({naming, by_intermediate(delta(crl()))}), revoked));
  EXPECT_TRUE(says(usual().of({clean, by_intermediate(delta(crl()))}), good));
  // What it does not name may be revoked by a base that is not at hand; what it revokes is.
  EXPECT_TRUE(says(usual().of({by_intermediate(delta(crl()))}), not_said, "there is a delta CRL, and no complete one"));
  EXPECT_TRUE(says(usual().of({removing}), not_said, "there is a delta CRL, and no complete one"));
  EXPECT_TRUE(says(usual().of({revoking}), revoked));
  EXPECT_TRUE(says(usual().of({revoking, by_intermediate(from(crl(), now - day / 2, now + day, 10))}), good));
  // A base that is outdated, and brought up to date.
  const Buffer outdated_base = by_intermediate(from(crl(), now - 3 * day, now - 2 * day));
  EXPECT_TRUE(says(usual().of({outdated_base}), not_said, outdated));
  EXPECT_TRUE(says(usual().of({outdated_base, by_intermediate(delta(crl()))}), good));
  // Deltas that do not fit, to a later base, not newer than it, of another scope, outdated, to one without a number:
  // they revoke, and take nothing back.
  const auto unfit = [&](CRLReason reason) {
    std::vector<CrlOptions> deltas = {delta(naming_end(reason), 8), delta(naming_end(reason), 5, 7),
                                      delta(naming_end(reason)),
                                      from(delta(naming_end(reason)), now - 2 * day, now - 1, 9)};
    deltas[2].extensions.push_back(issuing_distribution_point({.set = {1}}));
    return deltas;
  };
  for (const CrlOptions& one : unfit(CRLReason::keyCompromise))
    EXPECT_TRUE(says(usual().of({clean, by_intermediate(one)}), revoked));
  for (const CrlOptions& one : unfit(CRLReason::removeFromCRL))
    EXPECT_TRUE(says(usual().of({naming, by_intermediate(one)}), revoked));
  EXPECT_TRUE(says(usual().of({clean, by_intermediate(unfit(CRLReason::certificateHold).back())}), good));
  CrlOptions numberless = from(naming_end(), now - 3 * day, now + day);
  numberless.crl_number = {};
  const Buffer to_none = by_intermediate(delta(naming_end(CRLReason::removeFromCRL), 0));
  EXPECT_TRUE(says(usual().of({by_intermediate(numberless), to_none}), revoked));
  // With another key it is nobody's.
  EXPECT_TRUE(says(usual().of({clean, signed_crl(delta(naming_end()), root_of(ca("Test Intermediate")))}), good));
}

}  // namespace
}  // namespace handfast::x509::test
