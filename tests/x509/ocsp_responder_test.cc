// By whom an OCSP response has to be signed (RFC 6960, section 4.2.2.2).
#include <functional>

#include "x509/ocsp_case.h"

namespace handfast::x509::test {
namespace {

constexpr RevocationStatus good = RevocationStatus::good;
using OcspResponder = Ocsp;

TEST_F(OcspResponder, BySomebodyWhomTheIssuerCertifiedForIt) {
  for (ResponderID id : {ResponderID::by_name, ResponderID::by_key}) {
    EXPECT_TRUE(says(ask(by(issuer, id)), good));
    Result<RevocationAnswer> said = ask(by(delegate, id));
    EXPECT_TRUE(says(said, good));
    EXPECT_EQ(fact(*said, "responder"), "CN=Responder");
  }
  // Without keyUsage, and with other purposes beside that one.
  CertificateOptions options = responder();
  options.key_usage.reset();
  options.extended_key_usage = {authority::server_auth, authority::ocsp_signing};
  EXPECT_TRUE(says(ask(by(signed_by(issuer, options))), good));
}

TEST_F(OcspResponder, OneOfSeveralCertificatesInside) {
  const Identity twin = signed_by(issuer, responder());  // of the same name
  OcspOptions options{.answers = {answer()}, .produced_at = now};
  options.certificates = {end.certificate, issuer.certificate, twin.certificate, delegate.certificate};
  EXPECT_TRUE(says(ask(mint(options, delegate)), good));
  // One with the issuer's name is found too.
  EXPECT_TRUE(says(ask(by(signed_by(issuer, responder("Issuer")))), good));
}

TEST_F(OcspResponder, ByNobodyWhomTheIssuerCertifiedForIt) {
  const auto with = [&](const std::function<void(CertificateOptions&)>& change) {
    CertificateOptions options = responder();
    change(options);
    return ask(by(signed_by(issuer, options)));
  };
  EXPECT_TRUE(refused(with([](auto& o) { o.extended_key_usage.clear(); }), "id-kp-OCSPSigning"));
  EXPECT_TRUE(refused(with([](auto& o) { o.extended_key_usage = {authority::server_auth}; }), "id-kp-OCSPSigning"));
  EXPECT_TRUE(refused(with([](auto& o) { o.extended_key_usage = {"2.5.29.37.0"}; }), "id-kp-OCSPSigning"));
  EXPECT_TRUE(refused(with([](auto& o) { o.key_usage = KeyUsage::keyEncipherment; }), "keyUsage"));
  EXPECT_TRUE(refused(with([](auto& o) { o.not_after = now - 1; }), "certificate expired"));
  EXPECT_TRUE(refused(with([](auto& o) { o.not_before = now + 1; }), "certificate not yet valid"));
  EXPECT_TRUE(says(with([](auto& o) { o.not_before = o.not_after = now; }), good));
  EXPECT_TRUE(refused(with([](auto& o) { o.is_ca = true; }), "is a CA"));
  EXPECT_TRUE(refused(with([](auto& o) { o.extensions = {{"1.2.3.4", true, {5, 0}}}; }), "unknown critical extension"));
  EXPECT_TRUE(refused(ask(by(end)), "id-kp-OCSPSigning"));
}

/// A responder is held to what the policy asks of the certificates in a path.
TEST_F(OcspResponder, NotByAWeakerKeyThanAPathMayHave) {
  const Buffer by_rsa = by(signed_by(issuer, responder(), KeyType::rsa));
  EXPECT_TRUE(says(ask(by_rsa), good));
  policy.minimum_rsa_bits = 3072;
  EXPECT_TRUE(refused(ask(by_rsa), "weak key"));
  EXPECT_TRUE(says(ask(by(delegate)), good));
  const SignatureScheme rsa_alone[] = {SignatureScheme::rsa_pkcs1_sha256};
  policy.signature_schemes = rsa_alone;
  EXPECT_TRUE(refused(ask(by(delegate)), "algorithm that is not accepted"));
  EXPECT_TRUE(says(ask(by_issuer(answer())), good));  // which is not for a certificate's place
}

TEST_F(OcspResponder, NotByARevokedResponder) {
  work.signatures = 20;
  lists = lists_of({signed_crl(crl({entry_of(delegate.certificate)}), issuer)});
  EXPECT_TRUE(refused(ask(by(delegate)), "is revoked itself"));
  EXPECT_TRUE(says(ask(by_issuer(answer())), good));
  // Nor is it believed that something is revoked.
  const OcspOptions options{.answers = {revoked()}, .produced_at = now, .certificates = {delegate.certificate}};
  EXPECT_TRUE(refused(ask(mint(options, delegate)), "is revoked itself"));
  // Another's list, a clean one, and none at all.
  lists = lists_of({signed_crl(crl({entry_of(delegate.certificate)}), root_of(ca("Issuer")))});
  EXPECT_TRUE(says(ask(by(delegate)), good));
  lists = lists_of({signed_crl(crl({entry_of(end.certificate)}), issuer)});
  EXPECT_TRUE(says(ask(by(delegate)), good));
  lists = nullptr;
  EXPECT_TRUE(says(ask(by(delegate)), good));
}

/// RFC 6960, section 4.2.2.2.1: id-pkix-ocsp-nocheck.
TEST_F(OcspResponder, ByAResponderThatIsNotToBeAskedFor) {
  CertificateOptions options = responder();
  options.extensions = {{"1.3.6.1.5.5.7.48.1.5", false, {0x05, 0x00}}};
  const Identity unchecked = signed_by(issuer, options);
  lists = lists_of({signed_crl(crl({entry_of(unchecked.certificate)}), issuer)});
  EXPECT_TRUE(says(ask(by(unchecked)), good));
}

/// A list is not got past by making others tired.
TEST_F(OcspResponder, ByAResponderForWhomNoWorkIsLeft) {
  lists = lists_of({signed_crl(crl(), issuer)});
  work.name_comparisons = 0;
  const Result<RevocationAnswer> said = ask(by(delegate));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().reason(), Reason::path_too_complex);
}

TEST_F(OcspResponder, NotByAnotherIssuersResponder) {
  const Identity stranger = root_of(ca("Stranger"));
  const Identity namesake = root_of(ca("Issuer"));
  EXPECT_TRUE(refused(ask(by(signed_by(stranger, responder()))), "certified by another issuer"));
  EXPECT_TRUE(refused(ask(by(signed_by(namesake, responder()))), "not certified by the issuer"));
  EXPECT_TRUE(refused(ask(by(namesake)), ""));
  EXPECT_TRUE(refused(ask(by(stranger)), "certified by another issuer"));
  // Nor by one who was certified by the issuer's responder or intermediate.
  const Identity intermediate = signed_by(issuer, ca("Intermediate"));
  EXPECT_TRUE(refused(ask(by(signed_by(intermediate, responder()))), "certified by another issuer"));
  EXPECT_TRUE(refused(ask(by(signed_by(delegate, responder()))), "certified by another issuer"));
}

TEST_F(OcspResponder, ItsSignerIsInsideAndIsTheOneThatIsNamed) {
  OcspOptions options{.answers = {answer()}, .produced_at = now};
  EXPECT_TRUE(refused(ask(mint(options, delegate)), "not inside"));
  options.certificates = {end.certificate};
  EXPECT_TRUE(refused(ask(mint(options, delegate)), "not inside"));
  const Identity other = signed_by(issuer, responder("Other"));
  for (ResponderID id : {ResponderID::by_name, ResponderID::by_key}) {
    options = {.answers = {answer()}, .produced_at = now, .responder_id = id, .certificates = {other.certificate}};
    EXPECT_TRUE(refused(ask(mint(options, delegate)), "not inside"));
    options.certificates = {delegate.certificate};
    const Identity& signer = other;
    EXPECT_TRUE(refused(ask(authority::mint_ocsp_response(options, {delegate.certificate, signer.key}).value()),
                        "does not verify"));
    EXPECT_TRUE(refused(ask(authority::mint_ocsp_response(options, {issuer.certificate, signer.key}).value()),
                        "does not verify"));
  }
}

}  // namespace
}  // namespace handfast::x509::test
