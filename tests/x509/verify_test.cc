// Each check of a verification, with a certificate that passes it and one that does not.
#include "x509/verify.h"

#include <algorithm>

#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

TEST(Verify, FindsThePathToTheRoot) {
  Pki pki;
  Result<VerifiedChain> verified = pki.usual().verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path, (std::vector{pki.end.certificate, pki.intermediate.certificate, pki.root.certificate}));
}

TEST(Verify, EveryKindOfKeySignsAndIsSigned) {
  for (KeyType type : {KeyType::rsa, KeyType::p256, KeyType::p384, KeyType::p521, KeyType::ed25519}) {
    Identity root = root_of(ca("Root"), type);
    Identity end = signed_by(root, leaf(), type);
    EXPECT_TRUE(accepted(Case{{end.certificate}, anchors_of({root.certificate})}.verify())) << static_cast<int>(type);
  }
}

TEST(Verify, OrderAndSuperfluousCertificatesDoNotMatter) {
  Pki pki;
  Identity second = signed_by(pki.intermediate, ca("Second"));
  Identity end = signed_by(second, leaf());
  Identity stranger = root_of(ca("Stranger"));
  Case usual = pki.usual();
  usual.chain = {end.certificate, stranger.certificate, pki.intermediate.certificate, pki.root.certificate,
                 end.certificate, second.certificate,   stranger.certificate};
  Result<VerifiedChain> verified = usual.verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path.size(), 4u);
}

TEST(Verify, AnIntermediateMayBeAnAnchor) {
  Pki pki;
  Result<VerifiedChain> verified = Case{{pki.end.certificate}, anchors_of({pki.intermediate.certificate})}.verify();
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path.size(), 2u);
}

TEST(Verify, AnEmptyChainIsRefused) {
  Case usual = Pki().usual();
  usual.chain.clear();
  EXPECT_TRUE(refused(usual.verify(), Reason::no_certificate, Alert::bad_certificate));
}

TEST(Verify, AMissingIntermediateIsAnUnknownIssuer) {
  Pki pki;
  Case usual = pki.usual();
  usual.chain.pop_back();
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::unknown_issuer, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "issuer"), "CN=Test Intermediate");
  EXPECT_EQ(evidence(verified, "subject"), "CN=example.com");
}

TEST(Verify, AnUnknownRootIsToldFromTheTopOfWhatWasSent) {
  Pki pki;
  Case usual = pki.usual();
  usual.anchors = anchors_of({root_of(ca("Another Root")).certificate});
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::unknown_issuer, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "issuer"), "CN=Test Root");
  EXPECT_EQ(evidence(verified, "subject"), "CN=Test Intermediate");
}

TEST(Verify, NothingIsIssuedUnderAnEmptyName) {
  CertificateOptions nameless = ca("");
  Identity root = root_of(nameless);
  Identity end = signed_by(root, leaf());
  EXPECT_TRUE(refused(Case{{end.certificate}, anchors_of({root.certificate})}.verify(), Reason::unknown_issuer,
                      Alert::unknown_ca));
}

// --- Validity

struct Window {
  std::int64_t offset;  ///< of now, from the end or the start
  bool valid;
};

TEST(Verify, ValidityIsToTheSecond) {
  Pki pki;
  for (auto [offset, valid] : {Window{0, true}, Window{1, false}, Window{-1, true}}) {
    Case usual = pki.usual();
    usual.now = after + offset;
    Result<VerifiedChain> late = usual.verify();
    EXPECT_EQ(late.has_value(), valid) << offset;
    usual.now = before - offset;
    Result<VerifiedChain> early = usual.verify();
    EXPECT_EQ(early.has_value(), valid) << offset;
    if (valid) continue;
    EXPECT_TRUE(refused(late, Reason::certificate_expired, Alert::certificate_expired));
    EXPECT_EQ(evidence(late, "not_after"), "2027-04-25T08:00:00Z");
    EXPECT_EQ(evidence(late, "now"), "2027-04-25T08:00:01Z");
    EXPECT_EQ(evidence(late, "subject"), "CN=example.com");
    EXPECT_TRUE(refused(early, Reason::certificate_not_yet_valid, Alert::certificate_expired));
    EXPECT_EQ(evidence(early, "not_before"), "2026-10-07T08:00:00Z");
  }
}

TEST(Verify, IssuersMustBeValidToo) {
  CertificateOptions expired = ca("Expired");
  expired.not_after = now - 1;
  Identity old_root = root_of(expired);
  Identity under_old_root = signed_by(old_root, leaf());
  Result<VerifiedChain> by_root = Case{{under_old_root.certificate}, anchors_of({old_root.certificate})}.verify();
  EXPECT_TRUE(refused(by_root, Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(evidence(by_root, "subject"), "CN=Expired");

  Pki pki;
  Identity old_intermediate = signed_by(pki.root, expired);
  Identity end = signed_by(old_intermediate, leaf());
  Case usual = pki.usual();
  usual.chain = {end.certificate, old_intermediate.certificate};
  Result<VerifiedChain> by_intermediate = usual.verify();
  EXPECT_TRUE(refused(by_intermediate, Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(evidence(by_intermediate, "subject"), "CN=Expired");
}

// --- Being a CA

TEST(Verify, AnIssuerMustBeACa) {
  Pki pki;
  CertificateOptions no_ca = ca("No CA");
  no_ca.is_ca = false;
  Identity issuer = signed_by(pki.root, no_ca);
  Identity end = signed_by(issuer, leaf());
  Case usual = pki.usual();
  usual.chain = {end.certificate, issuer.certificate};
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::not_a_ca, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "subject"), "CN=No CA");

  // The classic: a leaf that signs another one.
  Identity forged = signed_by(pki.end, leaf({"bank.example"}));
  usual.chain = {forged.certificate, pki.end.certificate, pki.intermediate.certificate};
  usual.purpose = server("bank.example");
  EXPECT_TRUE(refused(usual.verify(), Reason::not_a_ca, Alert::bad_certificate));
}

TEST(Verify, AnAnchorMustBeACa) {
  CertificateOptions no_ca = ca("No CA");
  no_ca.is_ca = false;
  Identity root = root_of(no_ca);
  Identity end = signed_by(root, leaf());
  EXPECT_TRUE(refused(Case{{end.certificate}, anchors_of({root.certificate})}.verify(), Reason::not_a_ca,
                      Alert::bad_certificate));
}

TEST(Verify, ALeafMustNotBeACa) {
  Pki pki;
  CertificateOptions both = leaf();
  both.is_ca = true;
  Identity end = signed_by(pki.intermediate, both);
  Case usual = pki.usual();
  usual.chain.front() = end.certificate;
  EXPECT_TRUE(refused(usual.verify(), Reason::ca_as_leaf, Alert::bad_certificate));
}

TEST(Verify, PathLength) {
  Pki pki;
  CertificateOptions none_below = ca("None Below");
  none_below.path_len = 0;
  Identity limited = signed_by(pki.root, none_below);
  Identity end = signed_by(limited, leaf());
  Case usual = pki.usual();
  usual.chain = {end.certificate, limited.certificate};
  EXPECT_TRUE(accepted(usual.verify()));

  Identity below = signed_by(limited, ca("Below"));
  Identity far = signed_by(below, leaf());
  usual.chain = {far.certificate, below.certificate, limited.certificate};
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::path_length_exceeded, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "subject"), "CN=None Below");

  // A CA that issues itself a new key does not count (RFC 5280, section 4.2.1.9).
  Identity rolled = signed_by(limited, none_below);
  Identity under_rolled = signed_by(rolled, leaf());
  usual.chain = {under_rolled.certificate, rolled.certificate, limited.certificate};
  EXPECT_TRUE(accepted(usual.verify()));
}

TEST(Verify, PathLengthOfTheRoot) {
  CertificateOptions none_below = ca("Root");
  none_below.path_len = 0;
  Identity root = root_of(none_below);
  Identity intermediate = signed_by(root, ca("Intermediate"));
  Identity end = signed_by(intermediate, leaf());
  EXPECT_TRUE(refused(Case{{end.certificate, intermediate.certificate}, anchors_of({root.certificate})}.verify(),
                      Reason::path_length_exceeded, Alert::bad_certificate));
}

// --- What the key is for

TEST(Verify, KeyUsage) {
  Pki pki;
  CertificateOptions encrypts = leaf();
  encrypts.key_usage = KeyUsage::keyEncipherment;
  Case usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, encrypts).certificate;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::wrong_key_usage, Alert::unsupported_certificate));
  EXPECT_EQ(evidence(verified, "required"), "digitalSignature");

  CertificateOptions anything = leaf();
  anything.key_usage.reset();
  usual.chain.front() = signed_by(pki.intermediate, anything).certificate;
  EXPECT_TRUE(accepted(usual.verify()));

  CertificateOptions revokes = ca("Revokes Only");
  revokes.key_usage = KeyUsage::cRLSign;
  Identity issuer = signed_by(pki.root, revokes);
  usual.chain = {signed_by(issuer, leaf()).certificate, issuer.certificate};
  verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::wrong_key_usage, Alert::unsupported_certificate));
  EXPECT_EQ(evidence(verified, "required"), "keyCertSign");
}

/// RFC 9881, section 5: what only signs is said to be for signatures alone.
TEST(Verify, KeyUsageOfMlDsa) {
  if (!crypto::supports(KeyType::mldsa65)) GTEST_SKIP() << "skipped: libcrypto has no ML-DSA";
  Pki pki;
  Case usual = pki.usual();
  for (KeyUsage other : {KeyUsage::keyEncipherment, KeyUsage::dataEncipherment, KeyUsage::keyAgreement,
                         KeyUsage::encipherOnly, KeyUsage::decipherOnly}) {
    CertificateOptions options = leaf();
    options.key_usage = KeyUsage::digitalSignature | other;
    usual.chain.front() = signed_by(pki.intermediate, options, KeyType::mldsa65).certificate;
    const Result<VerifiedChain> verified = usual.verify();
    EXPECT_TRUE(refused(verified, Reason::wrong_key_usage, Alert::unsupported_certificate));
    EXPECT_EQ(evidence(verified, "required"), "signatures alone (RFC 9881, section 5)");
    usual.chain.front() = signed_by(pki.intermediate, options).certificate;
    EXPECT_TRUE(accepted(usual.verify())) << "a key of ECDSA may agree on keys too";
  }
  CertificateOptions signs = leaf();
  signs.key_usage = KeyUsage::digitalSignature | KeyUsage::nonRepudiation;
  usual.chain.front() = signed_by(pki.intermediate, signs, KeyType::mldsa65).certificate;
  EXPECT_TRUE(accepted(usual.verify()));
}

TEST(Verify, ExtendedKeyUsage) {
  constexpr const char* code_signing = "1.3.6.1.5.5.7.3.3";
  constexpr const char* any = "2.5.29.37.0";
  struct Row {
    std::vector<std::string> purposes;
    bool server;
    bool client;
  };
  const Row rows[] = {
      {{}, true, true},
      {{authority::server_auth}, true, false},
      {{authority::client_auth}, false, true},
      {{code_signing}, false, false},
      {{code_signing, authority::client_auth, authority::server_auth}, true, true},
      {{any}, true, true},
  };
  Pki pki;
  for (const Row& row : rows) {
    CertificateOptions options = leaf();
    options.extended_key_usage = row.purposes;
    CertificateOptions issuer_options = ca("Purposeful");
    issuer_options.extended_key_usage = row.purposes;
    Identity issuer = signed_by(pki.root, issuer_options);

    Case on_leaf = pki.usual();
    on_leaf.chain.front() = signed_by(pki.intermediate, options).certificate;
    Case on_issuer = pki.usual();
    on_issuer.chain = {signed_by(issuer, leaf()).certificate, issuer.certificate};
    for (Case* usual : {&on_leaf, &on_issuer}) {
      Result<VerifiedChain> as_server = usual->verify();
      EXPECT_EQ(as_server.has_value(), row.server);
      if (!as_server) {
        EXPECT_TRUE(refused(as_server, Reason::wrong_extended_key_usage, Alert::unsupported_certificate));
        EXPECT_EQ(evidence(as_server, "required"), "serverAuth");
      }
      usual->purpose = ClientAuth{};
      Result<VerifiedChain> as_client = usual->verify();
      EXPECT_EQ(as_client.has_value(), row.client);
      if (!as_client) {
        EXPECT_TRUE(refused(as_client, Reason::wrong_extended_key_usage, Alert::unsupported_certificate));
        EXPECT_EQ(evidence(as_client, "required"), "clientAuth");
      }
    }
  }
}

TEST(Verify, UnknownCriticalExtensions) {
  authority::RawExtension unknown{"1.3.6.1.4.1.99999.1", true, {0x05, 0x00}};
  CertificateOptions odd_leaf = leaf();
  CertificateOptions odd_ca = ca("Odd");
  odd_leaf.extensions = odd_ca.extensions = {unknown};
  Pki pki;
  Case on_leaf = pki.usual();
  on_leaf.chain.front() = signed_by(pki.intermediate, odd_leaf).certificate;
  Identity intermediate = signed_by(pki.root, odd_ca);
  Case on_intermediate = pki.usual();
  on_intermediate.chain = {signed_by(intermediate, leaf()).certificate, intermediate.certificate};
  Identity root = root_of(odd_ca);
  Case on_root{{signed_by(root, leaf()).certificate}, anchors_of({root.certificate})};
  for (const Case* odd : {&on_leaf, &on_intermediate, &on_root}) {
    Result<VerifiedChain> verified = odd->verify();
    EXPECT_TRUE(refused(verified, Reason::unknown_critical_extension, Alert::unsupported_certificate));
    EXPECT_EQ(evidence(verified, "oid"), "1.3.6.1.4.1.99999.1");
  }
  odd_leaf.extensions.front().critical = false;
  on_leaf.chain.front() = signed_by(pki.intermediate, odd_leaf).certificate;
  EXPECT_TRUE(accepted(on_leaf.verify()));
}

TEST(Verify, CriticalExtensionsThatAreKnownButNotProcessedAreRefused) {
  // issuerAltName { dNSName [2] "a" }
  CertificateOptions options = leaf();
  options.extensions = {{"2.5.29.18", true, {0x30, 0x03, 0x82, 0x01, 'a'}}};
  Pki pki;
  Case usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, options).certificate;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::unknown_critical_extension, Alert::unsupported_certificate));
  EXPECT_EQ(evidence(verified, "extension"), "issuerAltName");
}

// --- Names

TEST(Verify, TheNameMustBeThere) {
  Pki pki;
  Case usual = pki.usual();
  usual.purpose = server("www.example.com");
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::name_mismatch, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "expected"), "www.example.com");
  EXPECT_EQ(evidence(verified, "found"), "example.com");
}

TEST(Verify, TheCommonNameIsNoName) {
  Pki pki;
  CertificateOptions only_common_name = leaf({});
  only_common_name.common_name = "example.com";
  Case usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, only_common_name).certificate;
  EXPECT_TRUE(refused(usual.verify(), Reason::no_subject_alt_name, Alert::bad_certificate));
}

TEST(Verify, AddressesAreComparedAsAddresses) {
  Pki pki;
  Case usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, leaf({"192.0.2.1", "2001:db8::1"})).certificate;
  for (const char* address : {"192.0.2.1", "2001:db8::1", "[2001:DB8:0::1]"}) {
    usual.purpose = server(address);
    EXPECT_TRUE(accepted(usual.verify())) << address;
  }
  usual.purpose = server("192.0.2.2");
  EXPECT_TRUE(refused(usual.verify(), Reason::name_mismatch, Alert::bad_certificate));
}

TEST(Verify, WithoutANameThatIsRecorded) {
  Pki pki;
  Case usual = pki.usual();
  usual.purpose = AnyServer{};
  VerificationReport report;
  EXPECT_TRUE(accepted(usual.verify(&report)));
  const std::vector<Made> checks = checks_of(report);
  auto check = std::ranges::find(checks, CheckKind::server_name, &Made::kind);
  ASSERT_NE(check, checks.end());
  EXPECT_EQ(check->outcome, CheckOutcome::not_made);
}

// --- Keys and signatures

TEST(Verify, WeakKeysAreRefusedEverywhere) {
  Identity root = root_of(ca("RSA Root"), KeyType::rsa);
  Identity end = signed_by(root, leaf());
  Case usual{{end.certificate}, anchors_of({root.certificate})};
  EXPECT_TRUE(accepted(usual.verify()));
  usual.policy.minimum_rsa_bits = 2049;
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::weak_key, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "bits"), "2048");
  EXPECT_EQ(evidence(verified, "subject"), "CN=RSA Root");

  Pki pki;
  usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, leaf(), KeyType::rsa).certificate;
  usual.policy.minimum_rsa_bits = 2049;
  EXPECT_TRUE(refused(usual.verify(), Reason::weak_key, Alert::bad_certificate));
}

TEST(Verify, WeakSignaturesAreRefused) {
  Identity root = root_of(ca("RSA Root"), KeyType::rsa);
  Identity end = signed_by(root, leaf());
  constexpr std::uint8_t sha256_with_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
  for (std::uint8_t arc : {std::uint8_t{4}, std::uint8_t{5}}) {  // md5WithRSAEncryption, sha1WithRSAEncryption
    Buffer der(end.certificate.der().begin(), end.certificate.der().end());
    int places = 0;
    for (auto at = der.begin();; at += std::ssize(sha256_with_rsa), ++places) {
      at = std::search(at, der.end(), std::begin(sha256_with_rsa), std::end(sha256_with_rsa));
      if (at == der.end()) break;
      at[std::ssize(sha256_with_rsa) - 1] = arc;
    }
    ASSERT_EQ(places, 2);
    Case usual{{Certificate::parse(der).value()}, anchors_of({root.certificate})};
    Result<VerifiedChain> verified = usual.verify();
    EXPECT_TRUE(refused(verified, Reason::unsupported_signature_algorithm, Alert::bad_certificate));
    EXPECT_EQ(evidence(verified, "algorithm"), arc == 4 ? "md5WithRSAEncryption" : "sha1WithRSAEncryption");
  }
}

TEST(Verify, AKeyThatIsNotSupportedIsRefused) {
  // The curve's OID changed into that of secp256k1 (1.3.132.0.10 has other length, so a neighbour of P-256:
  // prime239v1).
  Pki pki;
  Buffer der(pki.end.certificate.der().begin(), pki.end.certificate.der().end());
  constexpr std::uint8_t p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  auto at = std::search(der.begin(), der.end(), std::begin(p256), std::end(p256));
  ASSERT_NE(at, der.end());
  at[7] = 0x04;
  Case usual = pki.usual();
  usual.chain.front() = Certificate::parse(der).value();
  EXPECT_TRUE(refused(usual.verify(), Reason::unsupported_certificate_key, Alert::unsupported_certificate));
}

TEST(Verify, AnIssuerOfTheSameNameWithAnotherKeyDidNotSign) {
  Pki pki;
  Identity impostor = root_of(ca("Test Root"));
  Case usual = pki.usual();
  usual.anchors = anchors_of({impostor.certificate});
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::bad_certificate_signature, Alert::bad_certificate));
  EXPECT_EQ(evidence(verified, "subject"), "CN=Test Intermediate");
  EXPECT_EQ(evidence(verified, "issuer"), "CN=Test Root");

  usual.anchors = anchors_of({impostor.certificate, pki.root.certificate});
  EXPECT_TRUE(accepted(usual.verify()));
}

TEST(Verify, TheLeafsFaultIsToldBeforeThatOfItsPath) {
  Pki pki;
  CertificateOptions expired = ca("Expired");
  expired.not_after = now - 1;
  Identity issuer = signed_by(pki.root, expired);
  CertificateOptions expired_leaf = leaf();
  expired_leaf.not_after = now - 2;
  Case usual = pki.usual();
  usual.chain = {signed_by(issuer, expired_leaf).certificate, issuer.certificate};
  Result<VerifiedChain> verified = usual.verify();
  EXPECT_TRUE(refused(verified, Reason::certificate_expired, Alert::certificate_expired));
  EXPECT_EQ(evidence(verified, "subject"), "CN=example.com");
}

TEST(Verify, AnUnknownIssuerIsToldBeforeTheLeafsFault) {
  Pki pki;
  Case usual = pki.usual();
  usual.now = after + 1;
  usual.chain.pop_back();
  EXPECT_TRUE(refused(usual.verify(), Reason::unknown_issuer, Alert::unknown_ca));
}

// --- Self-signed certificates, and pins

TEST(Verify, ASelfSignedLeafIsToldFromAnUnknownIssuer) {
  Identity self = root_of(leaf());
  Pki pki;
  Result<VerifiedChain> verified = Case{{self.certificate}, anchors_of({pki.root.certificate})}.verify();
  EXPECT_TRUE(refused(verified, Reason::self_signed_certificate, Alert::unknown_ca));
  EXPECT_EQ(evidence(verified, "subject"), "CN=example.com");
  EXPECT_EQ(evidence(verified, "hint"), "(none)");
}

TEST(Verify, ASelfSignedLeafIsToldEvenWhereAnAnchorHasItsName) {
  CertificateOptions openssl_req_x509 = leaf();
  openssl_req_x509.is_ca = true;
  openssl_req_x509.key_usage.reset();
  openssl_req_x509.extended_key_usage.clear();
  Identity self = root_of(openssl_req_x509);
  for (const CertificateOptions& options : {openssl_req_x509, leaf()}) {
    Identity namesake = root_of(options);
    Result<VerifiedChain> verified = Case{{self.certificate}, anchors_of({namesake.certificate})}.verify();
    EXPECT_TRUE(refused(verified, Reason::self_signed_certificate, Alert::unknown_ca));
    EXPECT_EQ(evidence(verified, "hint"), "(none)");
  }
}

TEST(Verify, ACaAsItsOwnLeafIsRefusedEvenWhereItIsAnAnchor) {
  CertificateOptions openssl_req_x509 = leaf();
  openssl_req_x509.is_ca = true;
  openssl_req_x509.key_usage.reset();
  openssl_req_x509.extended_key_usage.clear();
  for (const CertificateOptions& options : {openssl_req_x509, leaf()}) {
    Identity self = root_of(options);
    Result<VerifiedChain> verified = Case{{self.certificate}, anchors_of({self.certificate})}.verify();
    EXPECT_TRUE(refused(verified, Reason::self_signed_certificate, Alert::unknown_ca));
    EXPECT_NE(evidence(verified, "hint"), "(none)");
  }
}

TEST(Verify, APinnedCertificateIsAcceptedAsItself) {
  CertificateOptions options = leaf({});
  options.common_name = "a router";
  options.is_ca = true;
  Identity self = root_of(options);
  Bytes der = self.certificate.der();
  Case pinned{{self.certificate}, TrustAnchors::pinned({&der, 1}).value()};
  VerificationReport report;
  Result<VerifiedChain> verified = pinned.verify(&report);
  ASSERT_TRUE(accepted(verified));
  EXPECT_EQ(verified->path, std::vector{self.certificate});
  const std::vector<Made> checks = checks_of(report);
  for (CheckKind kind : {CheckKind::server_name, CheckKind::issuer, CheckKind::revocation}) {
    auto check = std::ranges::find(checks, kind, &Made::kind);
    ASSERT_NE(check, checks.end());
    EXPECT_EQ(check->outcome, CheckOutcome::not_made);
  }

  pinned.now = after + 1;
  EXPECT_TRUE(refused(pinned.verify(), Reason::certificate_expired, Alert::certificate_expired));
}

TEST(Verify, APinIsForThatCertificateAlone) {
  Identity self = root_of(ca("Pinned"));
  Bytes der = self.certificate.der();
  TrustAnchors::Shared pins = TrustAnchors::pinned({&der, 1}).value();
  // Neither what it signed nor another certificate of its key.
  Identity below = signed_by(self, leaf());
  Certificate again = authority::self_sign(ca("Pinned"), self.key, randomness()).value();
  EXPECT_TRUE(
      refused(Case{{below.certificate, self.certificate}, pins}.verify(), Reason::unknown_issuer, Alert::unknown_ca));
  EXPECT_TRUE(refused(Case{{again}, pins}.verify(), Reason::unknown_issuer, Alert::unknown_ca));
}

// --- The report

TEST(Verify, EveryCheckIsRecorded) {
  Pki pki;
  VerificationReport report;
  ASSERT_TRUE(accepted(pki.usual().verify(&report)));
  const std::vector<Made> checks = checks_of(report);
  auto made = [&](const Certificate& certificate, CheckKind kind, CheckOutcome outcome) {
    return std::ranges::any_of(checks, [&](const Made& check) {
      return std::ranges::equal(check.certificate, certificate.der()) && check.kind == kind && check.outcome == outcome;
    });
  };
  using enum CheckKind;
  for (CheckKind kind :
       {critical_extensions, key_strength, validity, basic_constraints, key_usage, extended_key_usage, server_name})
    EXPECT_TRUE(made(pki.end.certificate, kind, CheckOutcome::passed)) << name(kind);
  for (const Identity* issuer : {&pki.intermediate, &pki.root})
    for (CheckKind kind : {critical_extensions, key_strength, validity, basic_constraints, path_length, key_usage,
                           extended_key_usage, name_constraints, signature})
      EXPECT_TRUE(made(issuer->certificate, kind, CheckOutcome::passed)) << name(kind);
  EXPECT_TRUE(made(pki.intermediate.certificate, revocation, CheckOutcome::not_made));
  EXPECT_TRUE(made(pki.root.certificate, revocation, CheckOutcome::not_made));
  EXPECT_TRUE(made(pki.end.certificate, profile, CheckOutcome::passed));
  EXPECT_FALSE(std::ranges::any_of(checks, [](const Made& check) { return check.outcome == CheckOutcome::failed; }));
}

TEST(Verify, EveryFailureIsRecordedNotTheFirstAlone) {
  Pki pki;
  CertificateOptions bad = leaf({"other.example"});
  bad.not_after = now - 1;
  bad.key_usage = KeyUsage::keyEncipherment;
  Case usual = pki.usual();
  usual.chain.front() = signed_by(pki.intermediate, bad).certificate;
  VerificationReport report;
  EXPECT_TRUE(refused(usual.verify(&report), Reason::certificate_expired, Alert::certificate_expired));
  std::vector<CheckKind> failed;
  for (const Made& check : checks_of(report))
    if (check.outcome == CheckOutcome::failed) failed.push_back(check.kind);
  EXPECT_EQ(report.error->reason(), Reason::certificate_expired);
  EXPECT_EQ(failed, (std::vector{CheckKind::validity, CheckKind::key_usage, CheckKind::server_name}));
}

TEST(Verify, TheReportIsATreeOfWhatWasTried) {
  // Another key under the intermediate's name comes first, and leads nowhere.
  Pki pki;
  Identity impostor = signed_by(pki.root, ca("Test Intermediate"));
  Case usual = pki.usual();
  usual.chain.insert(usual.chain.begin() + 1, impostor.certificate);
  VerificationReport report;
  ASSERT_TRUE(accepted(usual.verify(&report)));
  EXPECT_FALSE(report.error);
  EXPECT_EQ(report.now, usual.now);
  EXPECT_EQ(report.sent, 3u);
  ASSERT_EQ(report.certificates.size(), 4u);  // and the root
  EXPECT_TRUE(std::ranges::equal(report.certificates[3], pki.root.certificate.der()));
  EXPECT_TRUE(report.leaf.is_accepted);
  const auto accepted_one = std::ranges::find_if(report.leaf.issuers, &VerificationStep::is_accepted);
  ASSERT_NE(accepted_one, report.leaf.issuers.end());
  EXPECT_EQ(accepted_one->certificate, 2u);
  EXPECT_FALSE(accepted_one->is_anchor);
  ASSERT_EQ(accepted_one->issuers.size(), 1u);
  EXPECT_TRUE(accepted_one->issuers.front().is_anchor && accepted_one->issuers.front().is_accepted);
  EXPECT_EQ(accepted_one->issuers.front().certificate, 3u);

  usual.chain.pop_back();  // the impostor is all that is left
  EXPECT_TRUE(refused(usual.verify(&report), Reason::bad_certificate_signature, Alert::bad_certificate));
  ASSERT_EQ(report.leaf.issuers.size(), 1u);
  EXPECT_FALSE(report.leaf.is_accepted || report.leaf.issuers.front().is_accepted);
  const auto& checks = report.leaf.issuers.front().checks;
  const auto signature = std::ranges::find(checks, CheckKind::signature, &VerificationCheck::kind);
  ASSERT_NE(signature, checks.end());
  EXPECT_EQ(signature->outcome, CheckOutcome::failed);
  EXPECT_EQ(signature->reason, Reason::bad_certificate_signature);
}

TEST(Verify, ParsingAChainTellsWhichCertificateIsBad) {
  Pki pki;
  Buffer cut(pki.intermediate.certificate.der().begin(), pki.intermediate.certificate.der().end() - 1);
  Bytes chain[] = {pki.end.certificate.der(), cut};
  Result<std::vector<Certificate>> parsed = parse_chain(chain);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().reason(), Reason::bad_certificate);
  EXPECT_EQ(parsed.error().alert(), Alert::bad_certificate);
  ASSERT_NE(parsed.error().find("index"), nullptr);
  EXPECT_EQ(to_text(*parsed.error().find("index")), "1");
  EXPECT_EQ(parse_chain({}).error().reason(), Reason::no_certificate);
}

}  // namespace
}  // namespace handfast::x509::test
