// Whose lists count beside the issuer's own, and what it costs to find out.
#include "x509/crl_signers.h"

#include <gtest/gtest.h>

#include "x509/asked.h"

namespace handfast::x509::test {
namespace {

using enum RevocationStatus;

/// A list of another issuer's: named by the certificate, said to be indirect, and signed by one who is vouched for.
TEST(CrlSigners, IndirectLists) {
  CertificateOptions options = ca("List Maker");
  options.key_usage = KeyUsage::cRLSign;
  const Identity maker = signed_by(pki().root, options);
  Asked asked = with_points({{.crl_issuer = directory(maker.certificate->subject)}});
  asked.anchors = anchors_of({pki().root.certificate});
  asked.chain = {maker.certificate};
  const RawExtension indirect = issuing_distribution_point({.set = {4}});
  RevokedCertificate named = entry_of(asked.certificate);
  // Its serial number alone is the list maker's own certificate.
  EXPECT_TRUE(says(asked.of({signed_crl(extended(crl({named}), {indirect}), maker)}), good));
  named.extensions = {certificate_issuer(asked.issuer->subject)};
  EXPECT_TRUE(says(asked.of({signed_crl(extended(crl({named}), {indirect}), maker)}), revoked));
  EXPECT_TRUE(says(asked.of({signed_crl(crl(), maker)}), not_said, out_of_scope));  // not said to be indirect
  Asked silent = usual();                                                           // the certificate names nobody
  silent.chain = asked.chain, silent.anchors = asked.anchors;
  EXPECT_TRUE(says(silent.of({signed_crl(extended(crl(), {indirect}), maker)}), not_said, no_list));
  // One that nobody vouches for.
  const Identity stranger = root_of(ca("List Maker"));
  asked.chain = {stranger.certificate};
  EXPECT_TRUE(says(asked.of({signed_crl(extended(crl(), {indirect}), stranger)}), not_said, not_signed));
}

TEST(CrlSigners, SignersOfTheirOwn) {
  CertificateOptions options = ca("Test Intermediate");  // the issuer's name, another key
  options.is_ca = false;
  options.key_usage = KeyUsage::cRLSign;
  const Identity signer = signed_by(pki().intermediate, options);
  const std::vector<Buffer> lists = {signed_crl(crl(), signer)};
  Asked asked = usual();
  asked.anchors = anchors_of({pki().root.certificate});
  EXPECT_TRUE(says(asked.of(lists), not_said, not_signed));  // not at hand
  asked.chain = {asked.certificate, pki().intermediate.certificate, signer.certificate};
  EXPECT_TRUE(says(asked.of(lists), good));
  EXPECT_TRUE(says(asked.of({signed_crl(naming_end(), signer)}), revoked));
  const auto with = [&](const Certificate& certificate, std::vector<Buffer> more = {}) {
    Asked other = asked;
    other.chain.back() = certificate;
    more.push_back(lists.front());
    return other.of(more);
  };
  // Certified by the issuer's issuer.
  EXPECT_TRUE(says(with(cross_signed(pki().root, options, signer)), good));
  // By nobody that matters; by one who has the root's name alone.
  EXPECT_TRUE(says(with(cross_signed(root_of(ca("Elsewhere")), options, signer)), not_said, not_signed));
  EXPECT_TRUE(says(with(cross_signed(root_of(ca("Test Root")), options, signer)), not_said, not_signed));
  // Not allowed to sign lists; outside its dates; with a critical extension that is not known.
  for (auto change :
       {+[](CertificateOptions& o) { o.key_usage = KeyUsage::digitalSignature; },
        +[](CertificateOptions& o) { o.key_usage = {}; }, +[](CertificateOptions& o) { o.not_after = now - 1; },
        +[](CertificateOptions& o) { o.not_before = now + 1; },
        +[](CertificateOptions& o) { o.extensions = {{"1.2.3.4", true, {}}}; }}) {
    CertificateOptions changed = options;
    change(changed);
    EXPECT_TRUE(says(with(cross_signed(pki().intermediate, changed, signer)), not_said, not_signed));
  }
  // Revoked itself.
  const Certificate by_root = cross_signed(pki().root, options, signer);
  EXPECT_TRUE(says(with(by_root, {signed_crl(crl({entry_of(by_root)}), pki().root)}), not_said, not_signed));
  EXPECT_TRUE(says(with(by_root, {signed_crl(crl(), pki().root)}), good));
}

/// Whoever signs beside the issuer is held to what the policy asks of the certificates in a path.
TEST(CrlSigners, SignersWithAWeakerKeyThanAPathMayHave) {
  CertificateOptions options = ca("Test Intermediate");
  options.key_usage = KeyUsage::cRLSign;
  const Identity signer = signed_by(pki().intermediate, options, KeyType::rsa);
  Asked asked = usual();
  asked.chain = {signer.certificate};
  EXPECT_TRUE(says(asked.of({signed_crl(crl(), signer)}), good));
  EXPECT_TRUE(says(asked.of({signed_crl(naming_end(), signer)}), revoked));
  asked.policy.minimum_rsa_bits = 3072;
  EXPECT_TRUE(says(asked.of({signed_crl(crl(), signer)}), not_said, not_signed));
  EXPECT_TRUE(says(asked.of({signed_crl(naming_end(), signer)}), not_said, not_signed));
  // How its certificate is signed, as well.
  asked.policy = {};
  const SignatureScheme rsa_alone[] = {SignatureScheme::rsa_pkcs1_sha256};
  asked.policy.signature_schemes = rsa_alone;
  EXPECT_TRUE(says(asked.of({signed_crl(crl(), signer)}), not_said, not_signed));
  EXPECT_TRUE(says(asked.of({by_intermediate(crl())}), good));  // the issuer's own list
}

/// Old and new key of one CA: whoever has certified the issuer may sign in its name.
TEST(CrlSigners, KeysThatWereRolledOver) {
  const Identity old_key = root_of(ca("Rolling"));
  const Identity new_key = signed_by(old_key, ca("Rolling"));
  const Certificate certificate = signed_by(new_key, leaf()).certificate;
  const Asked asked{
      certificate, new_key.certificate, {certificate, new_key.certificate}, anchors_of({old_key.certificate})};
  EXPECT_TRUE(says(asked.of({signed_crl(crl(), old_key)}), good));
  EXPECT_TRUE(says(asked.of({signed_crl(crl({entry_of(certificate)}), old_key)}), revoked));
  // Neither key takes back what the other has revoked, whichever list is newer.
  for (const std::int64_t age : {2 * day, day / 2}) {
    const Buffer revoking = signed_crl(from(crl({entry_of(certificate)}), now - age, now + day), new_key);
    EXPECT_TRUE(says(asked.of({signed_crl(crl(), old_key), revoking}), revoked)) << age;
  }
  const Certificate by_old = signed_by(old_key, leaf()).certificate;
  Asked below_old{by_old, old_key.certificate, {by_old, new_key.certificate}, anchors_of({old_key.certificate})};
  for (const std::int64_t age : {2 * day, day / 2}) {
    const Buffer revoking = signed_crl(from(crl({entry_of(by_old)}), now - age, now + day), old_key);
    EXPECT_TRUE(says(below_old.of({signed_crl(crl(), new_key), revoking}), revoked)) << age;
  }
}

/// Two CAs of one name, each with its own key and list: what the one has revoked is not good because the other, whose
/// certificate the peer has sent along, does not know of it.
TEST(CrlSigners, TheListOfANamesake) {
  const Identity one = signed_by(pki().root, ca("Namesake"));
  const Identity other = signed_by(pki().root, ca("Namesake"));
  const Certificate certificate = signed_by(one, leaf()).certificate;
  Asked asked{certificate, one.certificate, {certificate, one.certificate, other.certificate}};
  asked.anchors = anchors_of({pki().root.certificate});
  for (const std::int64_t age : {2 * day, day / 2}) {
    const auto aged = [&](CrlOptions options) { return from(std::move(options), now - age, now + day); };
    const Buffer revoking = signed_crl(aged(crl({entry_of(certificate)})), one);
    const Buffer silent = signed_crl(crl(), other);
    EXPECT_TRUE(says(asked.of({silent, revoking}), revoked)) << age;
    EXPECT_TRUE(says(asked.of({silent, signed_crl(aged(crl()), one)}), good)) << age;
    EXPECT_TRUE(
        says(asked.of({silent, signed_crl(aged(crl({entry_of(certificate)})), root_of(ca("Namesake")))}), good));
  }
  // The same key has the last word on what it has said, whatever the other says in between.
  const Buffer before = signed_crl(from(crl({entry_of(certificate)}), now - 3 * day, now + day), one);
  const Buffer between = signed_crl(from(crl(), now - 2 * day, now + day), other);
  EXPECT_TRUE(says(asked.of({before, between}), revoked));
  EXPECT_TRUE(says(asked.of({before, between, signed_crl(crl(), one)}), good));
}

/// The peer can write a CA's name and key into a certificate that allows more than the CA's own.
TEST(CrlSigners, ACertificateThatNobodyHasSigned) {
  CertificateOptions options = ca("Signs No Lists");
  options.key_usage = KeyUsage::keyCertSign;
  const Identity root = root_of(options);
  const Certificate certificate = signed_by(root, leaf()).certificate;
  const Identity elsewhere = root_of(ca("Elsewhere"));
  const Certificate forged = cross_signed(elsewhere, ca("Signs No Lists"), root);
  const std::vector<Buffer> list = {signed_crl(crl(), root)};
  Asked asked{certificate, root.certificate, {certificate, forged}, anchors_of({root.certificate})};
  EXPECT_TRUE(says(asked.of(list), not_said, not_signed));
  asked.chain.push_back(elsewhere.certificate);
  EXPECT_TRUE(says(asked.of(list), not_said, not_signed));
  // Where it is an anchor itself, or one has certified it, it counts.
  asked.anchors = anchors_of({root.certificate, forged});
  EXPECT_TRUE(says(asked.of(list), good));
  asked.anchors = anchors_of({root.certificate, elsewhere.certificate});
  EXPECT_TRUE(says(asked.of(list), good));

  // It does not vouch for another signer either: as a parent it could hide that the signer is revoked.
  const Identity intermediate = signed_by(root, ca("Sub"));
  const Identity signer = signed_by(root, ca("Sub"));
  const Certificate end = signed_by(intermediate, leaf()).certificate;
  Asked below{end, intermediate.certificate, {end, forged, signer.certificate}, anchors_of({pki().root.certificate})};
  EXPECT_TRUE(says(below.of({signed_crl(crl(), signer)}), not_said, not_signed));
  below.anchors = anchors_of({root.certificate});
  EXPECT_TRUE(says(below.of({signed_crl(crl(), signer)}), good));
  options.not_after = now - 1;
  below.anchors = anchors_of({authority::self_sign(options, root.key, randomness()).value()});
  EXPECT_TRUE(says(below.of({signed_crl(crl(), signer)}), not_said, not_signed));
}

/// From the signer of a list up to an anchor, each certificate good by itself.
TEST(CrlSigners, TheWayToAnAnchor) {
  // Old and new key of a CA, three steps below the root.
  const auto says_of = [](const CertificateOptions& options, KeyType type = KeyType::p256,
                          std::vector<Buffer> lists = {}, std::size_t bits = 2048) {
    const Identity upper = signed_by(pki().root, options, type);
    const Identity old_key = signed_by(upper, ca("Rolling"));
    const Identity new_key = signed_by(old_key, ca("Rolling"));
    const Certificate certificate = signed_by(new_key, leaf()).certificate;
    Asked asked{certificate, new_key.certificate};
    asked.chain = {certificate, new_key.certificate, old_key.certificate, upper.certificate};
    asked.anchors = anchors_of({pki().root.certificate});
    asked.policy.minimum_rsa_bits = bits;
    lists.push_back(signed_crl(crl(), old_key));
    return asked.of(lists);
  };
  const CertificateOptions upper = ca("Upper");
  EXPECT_TRUE(says(says_of(upper), good));
  for (auto change :
       {+[](CertificateOptions& o) { o.is_ca = false; },
        +[](CertificateOptions& o) { o.key_usage = KeyUsage::cRLSign; },
        +[](CertificateOptions& o) { o.not_after = now - 1; }, +[](CertificateOptions& o) { o.not_before = now + 1; },
        +[](CertificateOptions& o) { o.extensions = {{"1.2.3.4", true, {}}}; }}) {
    CertificateOptions changed = upper;
    change(changed);
    EXPECT_TRUE(says(says_of(changed), not_said, not_signed));
  }
  EXPECT_TRUE(says(says_of(upper, KeyType::rsa), good));
  EXPECT_TRUE(says(says_of(upper, KeyType::rsa, {}, 3072), not_said, not_signed));
  // Revoked by the next above, who is the root.
  CertificateOptions numbered = upper;
  numbered.serial_number = {0x11};
  EXPECT_TRUE(says(says_of(numbered, KeyType::p256, {signed_crl(crl(), pki().root)}), good));
  EXPECT_TRUE(says(says_of(numbered, KeyType::p256, {signed_crl(crl({{{0x11}, now - day}}), pki().root)}), not_said,
                   not_signed));
}

/// It has an end, and so has the work that goes into it.
TEST(CrlSigners, TheWayToAnAnchorIsBounded) {
  for (const auto& [between, status] : {std::pair{7, good}, {8, not_said}}) {
    std::vector<Identity> path;
    path.push_back(root_of(ca("Top")));
    for (int i = 0; i < between; ++i) path.push_back(signed_by(path.back(), ca("CA " + std::to_string(i))));
    for (int i = 0; i < 2; ++i) path.push_back(signed_by(path.back(), ca("Rolling")));
    Asked asked{signed_by(path.back(), leaf()).certificate, path.back().certificate};
    for (const Identity& one : path) asked.chain.push_back(one.certificate);
    asked.anchors = anchors_of({path.front().certificate});
    EXPECT_TRUE(says(asked.of({signed_crl(crl(), path[path.size() - 2])}), status)) << between;
  }
  // Two CAs that have certified each other, again and again.
  const Identity one = root_of(ca("One"));
  const Identity other = root_of(ca("Other"));
  const Identity issuer = signed_by(one, ca("One"));
  Asked asked{signed_by(issuer, leaf()).certificate, issuer.certificate};
  asked.anchors = anchors_of({pki().root.certificate});
  for (int i = 0; i < 5; ++i) {
    asked.chain.push_back(cross_signed(one, ca("Other"), other));
    asked.chain.push_back(cross_signed(other, ca("One"), one));
  }
  Work work = plenty();
  Asked alone = asked;
  alone.chain = {one.certificate};  // whose own signature is no step
  EXPECT_TRUE(says(alone.of(*lists_of({signed_crl(crl(), one)}), work).value(), not_said, not_signed));
  EXPECT_EQ(work.signatures, plenty().signatures - 3);
  work = plenty();
  const Result<RevocationAnswer> tired = asked.of(*lists_of({signed_crl(crl(), one)}), work);
  ASSERT_FALSE(tired);
  EXPECT_EQ(tired.error().reason(), Reason::path_too_complex);
}

/// Lists of another key of that name, which say so by their key identifier, do not exhaust any handshake.
TEST(CrlSigners, ManyListsOfANamesake) {
  const Identity namesake = root_of(ca("Test Intermediate"));
  std::vector<Buffer> others;
  for (std::uint32_t age = 0; age < 100; ++age)
    others.push_back(signed_crl(from(crl(), now - age, now + day, 200 - age), namesake));
  const std::size_t few = 8;
  Work work = plenty();
  EXPECT_TRUE(says(usual().of(*lists_of(others), work).value(), not_said, not_signed));
  EXPECT_EQ(work.signatures, plenty().signatures - few);

  std::vector<Buffer> with_own = others;
  with_own.push_back(by_intermediate(crl()));
  const RevocationLists::Shared all = lists_of(with_own);
  for (const std::size_t cost : {1u, 0u}) {
    work = plenty();
    EXPECT_TRUE(says(usual().of(*all, work).value(), good));
    EXPECT_EQ(work.signatures, plenty().signatures - cost);
  }
  // Even where they name the certificate, and whichever list is newer.
  for (const std::int64_t age : {std::int64_t{0}, day}) {
    std::vector<Buffer> naming = {by_intermediate(from(crl(), now - age, now + day))};
    for (std::uint32_t i = 0; i < 100; ++i)
      naming.push_back(signed_crl(from(naming_end(), now - day / 2 - i, now + day, 200 - i), namesake));
    work = plenty();
    EXPECT_TRUE(says(usual().of(*lists_of(naming), work).value(), good)) << age;
    EXPECT_EQ(work.signatures, plenty().signatures - 1 - few);
  }
  // A namesake that is known costs one more, by which is found that the issuer has not certified it.
  Asked known = usual();
  known.chain = {namesake.certificate};
  work = plenty();
  EXPECT_TRUE(says(known.of(*lists_of(others), work).value(), not_said, not_signed));
  EXPECT_EQ(work.signatures, plenty().signatures - few - 1);
}

/// A CA whose key identifiers do not fit together has not said less for that.
TEST(CrlSigners, AKeyIdentifierThatContradicts) {
  CrlOptions options = naming_end();
  options.authority_key_identifier = false;
  options.extensions = {{"2.5.29.35", false, {0x30, 0x06, 0x80, 0x04, 1, 2, 3, 4}}};
  EXPECT_TRUE(says(usual().of({by_intermediate(options)}), revoked));
  // The list that fits, and the newer one that does not.
  options.this_update += 1;
  EXPECT_TRUE(says(usual().of({by_intermediate(crl()), by_intermediate(options)}), revoked));
}

}  // namespace
}  // namespace handfast::x509::test
