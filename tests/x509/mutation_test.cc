// A good chain with one thing changed is never accepted.
#include <algorithm>

#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

/// Whether a chain of these DERs is accepted.
bool is_accepted(const Case& usual, const std::vector<Buffer>& ders) {
  Result<std::vector<Certificate>> chain = parse_chain(std::vector<Bytes>(ders.begin(), ders.end()));
  if (!chain) return false;
  Case changed = usual;
  changed.chain = *chain;
  return changed.verify().has_value();
}

std::vector<Buffer> ders_of(const Case& usual) {
  std::vector<Buffer> ders;
  for (const Certificate& certificate : usual.chain)
    ders.emplace_back(certificate.der().begin(), certificate.der().end());
  return ders;
}

TEST(Mutation, EveryOctetOfTheChain) {
  for (KeyType type : {KeyType::p256, KeyType::rsa}) {
    Identity root = root_of(ca("Root"), type);
    Identity intermediate = signed_by(root, ca("Intermediate"), type);
    Identity end = signed_by(intermediate, leaf(), type);
    Case usual{{end.certificate, intermediate.certificate}, anchors_of({root.certificate})};
    std::vector<Buffer> ders = ders_of(usual);
    ASSERT_TRUE(is_accepted(usual, ders));
    for (Buffer& der : ders)
      for (std::size_t i = 0; i < der.size(); ++i) {
        auto bit = static_cast<std::uint8_t>(1u << i % 8);
        der[i] ^= bit;
        EXPECT_FALSE(is_accepted(usual, ders)) << i;
        der[i] ^= bit;
      }
  }
}

TEST(Mutation, EveryOctetOfTheAnchorIsPartOfItsIdentity) {
  Identity self = root_of(leaf());
  Bytes der = self.certificate.der();
  Buffer changed(der.begin(), der.end());
  for (std::size_t i = 0; i < changed.size(); ++i) {
    changed[i] ^= 1;
    Bytes pin = changed;
    if (Result<TrustAnchors::Shared> pins = TrustAnchors::pinned({&pin, 1})) {
      EXPECT_FALSE((Case{{self.certificate}, *pins}.verify())) << i;
    }
    changed[i] ^= 1;
  }
}

TEST(Mutation, CertificatesDroppedAndSwapped) {
  Pki pki;
  Identity second = signed_by(pki.intermediate, ca("Second"));
  Identity end = signed_by(second, leaf());
  Case usual = pki.usual();
  usual.chain = {end.certificate, second.certificate, pki.intermediate.certificate};
  std::vector<Buffer> ders = ders_of(usual);
  ASSERT_TRUE(is_accepted(usual, ders));
  for (std::size_t i = 0; i < ders.size(); ++i) {
    std::vector<Buffer> fewer = ders;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(is_accepted(usual, fewer)) << i;
  }
  // The leaf comes first, always; the order of the rest is free.
  for (std::size_t i = 1; i < ders.size(); ++i) {
    std::vector<Buffer> swapped = ders;
    std::swap(swapped[0], swapped[i]);
    EXPECT_FALSE(is_accepted(usual, swapped)) << i;
  }
  std::swap(ders[1], ders[2]);
  EXPECT_TRUE(is_accepted(usual, ders));
}

TEST(Mutation, SignedAgainByTheWrongKey) {
  Pki pki;
  Identity stranger = root_of(ca("Stranger"));
  // All names as they should be, and the signature of another key.
  Certificate end =
      authority::issue(leaf(), pki.end.key, {pki.intermediate.certificate, stranger.key}, randomness()).value();
  Certificate intermediate = authority::issue(ca("Test Intermediate"), pki.intermediate.key,
                                              {pki.root.certificate, stranger.key}, randomness())
                                 .value();
  Case usual = pki.usual();
  usual.chain = {end, pki.intermediate.certificate};
  EXPECT_TRUE(refused(usual.verify(), Reason::bad_certificate_signature, Alert::bad_certificate));
  usual.chain = {pki.end.certificate, intermediate};
  EXPECT_TRUE(refused(usual.verify(), Reason::bad_certificate_signature, Alert::bad_certificate));
}

}  // namespace
}  // namespace handfast::x509::test
