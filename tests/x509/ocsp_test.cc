// OCSP responses: what each rule of RFC 6960 lets through and what it refuses.
#include "x509/ocsp.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "authority/mint_ocsp.h"
#include "support/hex.h"
#include "x509/crls.h"
#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

using authority::OcspAnswer;
using authority::OcspOptions;
using authority::ResponderID;

constexpr std::int64_t hour = 3600;

CertificateOptions responder(std::string name = "Responder") {
  CertificateOptions options = leaf({});
  options.common_name = std::move(name);
  options.extended_key_usage = {authority::ocsp_signing};
  return options;
}

struct Ocsp : testing::Test {
  Identity issuer = root_of(ca("Issuer"));
  Identity end = signed_by(issuer, leaf());
  Identity delegate = signed_by(issuer, responder());
  Work work{.candidates = 0, .signatures = 10, .name_comparisons = 100};
  Policy policy{};
  RevocationLists::Shared lists{};

  OcspAnswer answer(RevocationStatus status = RevocationStatus::good) const {
    OcspAnswer out{.certificate = end.certificate, .issuer = issuer.certificate};
    out.status = status;
    out.this_update = now - hour;
    out.next_update = now + hour;
    return out;
  }
  OcspAnswer revoked() const {
    OcspAnswer out = answer(RevocationStatus::revoked);
    out.revoked_at = now - 2 * day;
    out.reason = CRLReason::keyCompromise;
    return out;
  }
  static Buffer mint(const OcspOptions& options, const Identity& signer) {
    return authority::mint_ocsp_response(options, {signer.certificate, signer.key}).value();
  }
  Buffer by_issuer(std::vector<OcspAnswer> answers) const {
    return mint({.answers = std::move(answers), .produced_at = now - hour}, issuer);
  }
  Buffer by_issuer(OcspAnswer one) const { return by_issuer(std::vector{std::move(one)}); }
  /// With the signer's certificate inside.
  Buffer by(const Identity& signer, ResponderID id = ResponderID::by_name) const {
    return mint(
        {.answers = {answer()}, .produced_at = now - hour, .responder_id = id, .certificates = {signer.certificate}},
        signer);
  }
  RevocationQuestion question(std::int64_t at = now) const {
    return {*end.certificate, *issuer.certificate, nullptr, {}, nullptr, at, policy};
  }
  Result<RevocationAnswer> ask(Bytes response, std::int64_t at = now) {
    return ask_ocsp(response, question(at), lists.get(), work);
  }
};

testing::AssertionResult says(const Result<RevocationAnswer>& answer, RevocationStatus status,
                              std::string_view problem = "(none)") {
  if (!answer) return testing::AssertionFailure() << answer.error().message();
  if (answer->status == status && fact(*answer, "problem").find(problem) != std::string::npos &&
      fact(*answer, "source") == "OCSP")
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "status " << int(answer->status) << ", problem: " << fact(*answer, "problem");
}

testing::AssertionResult refused(const Result<RevocationAnswer>& answer, std::string_view problem) {
  if (answer) return testing::AssertionFailure() << "status " << int(answer->status);
  const Error& error = answer.error();
  const Fact::Value* found = error.find("problem");
  if (error.reason() == Reason::bad_ocsp_response && error.alert() == Alert::bad_certificate_status_response &&
      found != nullptr && to_text(*found).find(problem) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << error.message();
}

constexpr RevocationStatus good = RevocationStatus::good;
constexpr RevocationStatus not_said = RevocationStatus::not_said;

TEST_F(Ocsp, SaysWhatItsIssuerSaid) {
  Result<RevocationAnswer> said = ask(by_issuer(answer()));
  EXPECT_TRUE(says(said, good));
  EXPECT_EQ(fact(*said, "this_update"), time_text(now - hour));
  EXPECT_EQ(fact(*said, "next_update"), time_text(now + hour));
  EXPECT_EQ(fact(*said, "revoked_at"), "(none)");

  said = ask(by_issuer(revoked()));
  EXPECT_TRUE(says(said, RevocationStatus::revoked));
  EXPECT_EQ(fact(*said, "revoked_at"), time_text(now - 2 * day));
  EXPECT_EQ(fact(*said, "reason"), "keyCompromise");

  OcspAnswer without_reason = revoked();
  without_reason.reason.reset();
  said = ask(by_issuer(without_reason));
  EXPECT_TRUE(says(said, RevocationStatus::revoked));
  EXPECT_EQ(fact(*said, "reason"), "(none)");

  EXPECT_TRUE(says(ask(by_issuer(answer(RevocationStatus::unknown))), RevocationStatus::unknown));
}

TEST_F(Ocsp, EveryKindOfKeySigns) {
  for (KeyType type : {KeyType::rsa, KeyType::rsa_pss, KeyType::p384, KeyType::p521, KeyType::ed25519}) {
    issuer = root_of(ca("Issuer"), type);
    end = signed_by(issuer, leaf());
    EXPECT_TRUE(says(ask(by_issuer(answer())), good)) << int(type);
  }
}

TEST_F(Ocsp, TheIssuersKeyMayBeImportedBeforehand) {
  const Buffer response = by_issuer(answer());
  const crypto::VerifyingKey key = import_key(issuer.certificate->public_key).value();
  RevocationQuestion imported = question();
  imported.issuer_key = &key;
  EXPECT_TRUE(says(ask_ocsp(response, imported, nullptr, work), good));
  EXPECT_TRUE(says(ask_ocsp(by(delegate), imported, nullptr, work), good));
  const crypto::VerifyingKey other = import_key(end.certificate->public_key).value();
  imported.issuer_key = &other;
  EXPECT_TRUE(refused(ask_ocsp(response, imported, nullptr, work), "signature"));
}

// --- Which certificate

TEST_F(Ocsp, TheCertificateIsNamedByEveryHash) {
  using enum crypto::HashAlgorithm;
  for (crypto::HashAlgorithm hash : {sha1, sha256, sha384, sha512}) {
    OcspAnswer one = answer();
    one.hash = hash;
    EXPECT_TRUE(says(ask(by_issuer(one)), good)) << int(hash);
  }
}

TEST_F(Ocsp, OfAnotherCertificate) {
  OcspAnswer of_another = answer();
  of_another.certificate = signed_by(issuer, leaf()).certificate;
  EXPECT_TRUE(refused(ask(by_issuer(of_another)), "of another certificate"));
  // The same number, of another issuer: by name, and by key.
  CertificateOptions options = leaf();
  const Bytes serial = end.certificate->serial_number;
  options.serial_number.assign(serial.begin(), serial.end());
  const Identity other_name = root_of(ca("Other issuer"));
  of_another.certificate = signed_by(other_name, options).certificate;
  EXPECT_TRUE(refused(ask(by_issuer(of_another)), "of another certificate"));
  OcspAnswer of_another_key = answer();
  of_another_key.issuer = root_of(ca("Issuer")).certificate;
  EXPECT_TRUE(refused(ask(by_issuer(of_another_key)), "of another certificate"));
  EXPECT_TRUE(refused(ask(by_issuer(std::vector<OcspAnswer>())), "of another certificate"));
}

TEST_F(Ocsp, OfSeveralAnswersTheOneThatMatchesAndIsCurrent) {
  OcspAnswer other = revoked();
  other.certificate = signed_by(issuer, leaf()).certificate;
  EXPECT_TRUE(says(ask(by_issuer({other, answer()})), good));

  OcspAnswer outdated = revoked();
  outdated.this_update = now - 3 * hour;
  outdated.next_update = now - 2 * hour;
  EXPECT_TRUE(says(ask(by_issuer({outdated, answer()})), good));
  EXPECT_TRUE(says(ask(by_issuer({answer(), outdated})), good));
  OcspAnswer older = outdated;
  older.next_update = now - hour;
  older.this_update -= hour;
  for (const std::vector<OcspAnswer>& both : {std::vector{older, outdated}, std::vector{outdated, older}}) {
    Result<RevocationAnswer> said = ask(by_issuer(both));
    EXPECT_TRUE(says(said, not_said, "outdated"));
    EXPECT_EQ(fact(*said, "this_update"), time_text(now - 3 * hour));
  }
}

TEST_F(Ocsp, OfSeveralCurrentAnswersTheGravest) {
  const OcspAnswer unknown = answer(RevocationStatus::unknown);
  EXPECT_TRUE(says(ask(by_issuer({answer(), revoked(), unknown})), RevocationStatus::revoked));
  EXPECT_TRUE(says(ask(by_issuer({unknown, revoked(), answer()})), RevocationStatus::revoked));
  EXPECT_TRUE(says(ask(by_issuer({revoked(), unknown, answer()})), RevocationStatus::revoked));
  EXPECT_TRUE(says(ask(by_issuer({answer(), unknown})), RevocationStatus::unknown));
  EXPECT_TRUE(says(ask(by_issuer({unknown, answer()})), RevocationStatus::unknown));
}

// --- When

TEST_F(Ocsp, FromThisUpdateToNextUpdate) {
  const Buffer response = by_issuer(revoked());
  EXPECT_TRUE(says(ask(response, now - hour - 1), not_said, "not yet valid"));
  EXPECT_TRUE(says(ask(response, now - hour), RevocationStatus::revoked));
  EXPECT_TRUE(says(ask(response, now + hour), RevocationStatus::revoked));
  EXPECT_TRUE(says(ask(response, now + hour + 1), not_said, "outdated"));
  OcspAnswer backwards = answer();
  std::swap(backwards.this_update, *backwards.next_update);
  for (std::int64_t at : {now - 2 * hour, now, now + 2 * hour})
    EXPECT_EQ(ask(by_issuer(backwards), at)->status, not_said);
}

TEST_F(Ocsp, ADayWithoutNextUpdate) {
  OcspAnswer one = answer();
  one.next_update.reset();
  const Buffer response = by_issuer(one);
  EXPECT_TRUE(says(ask(response, one.this_update - 1), not_said, "not yet valid"));
  EXPECT_TRUE(says(ask(response, one.this_update), good));
  EXPECT_TRUE(says(ask(response, one.this_update + day), good));
  EXPECT_TRUE(says(ask(response, one.this_update + day + 1), not_said, "outdated"));
  EXPECT_EQ(fact(*ask(response), "next_update"), "(none)");
}

TEST_F(Ocsp, AtTheEndsOfTime) {
  for (std::int64_t at : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(ask(by_issuer(answer()), at)->status, not_said);
}

TEST_F(Ocsp, ARefusalSaysNothing) {
  using enum OCSPResponseStatus;
  for (OCSPResponseStatus status : {malformedRequest, internalError, tryLater, sigRequired, unauthorized})
    EXPECT_TRUE(says(ask(authority::mint_ocsp_refusal(status)), not_said, name(status)));
}

// --- By whom

TEST_F(Ocsp, BySomebodyWhomTheIssuerCertifiedForIt) {
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

TEST_F(Ocsp, OneOfSeveralCertificatesInside) {
  const Identity twin = signed_by(issuer, responder());  // of the same name
  OcspOptions options{.answers = {answer()}, .produced_at = now};
  options.certificates = {end.certificate, issuer.certificate, twin.certificate, delegate.certificate};
  EXPECT_TRUE(says(ask(mint(options, delegate)), good));
  // One with the issuer's name is found too.
  EXPECT_TRUE(says(ask(by(signed_by(issuer, responder("Issuer")))), good));
}

TEST_F(Ocsp, ByNobodyWhomTheIssuerCertifiedForIt) {
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
TEST_F(Ocsp, NotByAWeakerKeyThanAPathMayHave) {
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

TEST_F(Ocsp, NotByARevokedResponder) {
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
TEST_F(Ocsp, ByAResponderThatIsNotToBeAskedFor) {
  CertificateOptions options = responder();
  options.extensions = {{"1.3.6.1.5.5.7.48.1.5", false, {0x05, 0x00}}};
  const Identity unchecked = signed_by(issuer, options);
  lists = lists_of({signed_crl(crl({entry_of(unchecked.certificate)}), issuer)});
  EXPECT_TRUE(says(ask(by(unchecked)), good));
}

/// A list is not got past by making others tired.
TEST_F(Ocsp, ByAResponderForWhomNoWorkIsLeft) {
  lists = lists_of({signed_crl(crl(), issuer)});
  work.name_comparisons = 0;
  const Result<RevocationAnswer> said = ask(by(delegate));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().reason(), Reason::path_too_complex);
}

TEST_F(Ocsp, NotByAnotherIssuersResponder) {
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

TEST_F(Ocsp, ItsSignerIsInsideAndIsTheOneThatIsNamed) {
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

// --- Form

TEST_F(Ocsp, ExtensionsAreLetPassUnlessCritical) {
  for (bool critical : {false, true}) {
    const authority::RawExtension nonce{"1.3.6.1.5.5.7.48.1.2", critical, {0x04, 0x01, 0x00}};
    OcspAnswer one = answer();
    one.extensions = {nonce};
    OcspOptions options{.answers = {answer()}, .produced_at = now, .extensions = {nonce}};
    for (const Buffer& response : {by_issuer(one), mint(options, issuer)}) {
      if (critical)
        EXPECT_TRUE(refused(ask(response), "1.3.6.1.5.5.7.48.1.2"));
      else
        EXPECT_TRUE(says(ask(response), good));
    }
  }
  // Of another certificate's answer as well.
  OcspAnswer other = answer();
  other.certificate = delegate.certificate;
  other.extensions = {{"1.2.3.4", true, {5, 0}}};
  EXPECT_TRUE(refused(ask(by_issuer({answer(), other})), "1.2.3.4"));
}

TEST_F(Ocsp, NoExtensionStandsTwice) {
  const authority::RawExtension one{"1.2.3.4", false, {5, 0}};
  const authority::RawExtension other{"1.2.3.5", false, {5, 0}};
  for (const auto& [extensions, is_well_formed] :
       {std::pair(std::vector{one, other}, true), {std::vector{one, other, one}, false}}) {
    OcspAnswer in_answer = answer();
    in_answer.extensions = extensions;
    const OcspOptions in_response{.answers = {answer()}, .produced_at = now, .extensions = extensions};
    for (const auto& [response, field] : {std::pair(by_issuer(in_answer), "malformed: responses"),
                                          {mint(in_response, issuer), "malformed: responseExtensions"}}) {
      if (is_well_formed)
        EXPECT_TRUE(says(ask(response), good));
      else
        EXPECT_TRUE(refused(ask(response), field));
    }
  }
}

TEST_F(Ocsp, Limits) {
  std::vector<OcspAnswer> answers(max_single_responses, answer());
  EXPECT_TRUE(says(ask(by_issuer(answers)), good));
  answers.push_back(answer());
  EXPECT_TRUE(refused(ask(by_issuer(answers)), "too many"));

  OcspOptions options{.answers = {answer()}, .produced_at = now};
  options.certificates.assign(max_responder_certificates - 1, end.certificate);
  options.certificates.push_back(delegate.certificate);
  EXPECT_TRUE(says(ask(mint(options, delegate)), good));
  options.certificates.push_back(delegate.certificate);
  EXPECT_TRUE(refused(ask(mint(options, delegate)), "too many"));
}

TEST_F(Ocsp, EachSignatureIsWork) {
  work.signatures = 3;
  EXPECT_TRUE(says(ask(by_issuer(answer())), good));
  EXPECT_EQ(work.signatures, 2u);
  EXPECT_TRUE(says(ask(by(delegate)), good));
  EXPECT_EQ(work.signatures, 0u);
  for (const Buffer& response : {by_issuer(answer()), by(delegate)}) {
    const Result<RevocationAnswer> said = ask(response);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().reason(), Reason::path_too_complex);
  }
  work.signatures = 1;
  EXPECT_EQ(ask(by(delegate)).error().reason(), Reason::path_too_complex);
}

TEST_F(Ocsp, WhatIsNoResponse) {
  using handfast::test::from_hex;
  for (const char* hex : {
           "", "3000",
           "30030a0100",              // successful, and nothing more
           "30030a0104",              // a status that is not used
           "30030a0107",              // one that does not exist
           "30040a020003",            // not DER
           "3003020103",              // an INTEGER
           "30030a010300",            // something behind it
           "30050a0103a000",          // responseBytes beside tryLater
           "30050a0100a000",          // empty responseBytes
           "300a0a0100a00530030601",  // cut
       })
    EXPECT_TRUE(refused(ask(from_hex(hex)), "malformed")) << hex;
  EXPECT_TRUE(refused(ask(from_hex("30100a0100a00b3009060329010104023000")), "id-pkix-ocsp-basic"));
}

TEST_F(Ocsp, CutAnywhere) {
  for (const Buffer& response : {by_issuer(revoked()), by(delegate)})
    for (std::size_t size = 0; size < response.size(); ++size)
      EXPECT_TRUE(refused(ask(Bytes(response).first(size)), "malformed")) << size;
}

TEST_F(Ocsp, AnyOctetChanged) {
  const OcspOptions delegated{.answers = {revoked()}, .produced_at = now, .certificates = {delegate.certificate}};
  for (Buffer response : {by_issuer(revoked()), mint(delegated, delegate)}) {
    ASSERT_TRUE(says(ask(response), RevocationStatus::revoked));
    for (std::size_t i = 0; i < response.size(); ++i)
      for (unsigned bit = 0; bit < 8; bit += 3) {
        work.signatures = 10;
        response[i] ^= static_cast<std::uint8_t>(1u << bit);
        const Result<RevocationAnswer> said = ask(response);
        EXPECT_TRUE(!said || said->status == not_said) << i << ", bit " << bit;
        response[i] ^= static_cast<std::uint8_t>(1u << bit);
      }
  }
}

}  // namespace
}  // namespace handfast::x509::test
