// OCSP responses: what each rule of RFC 6960 lets through and what it refuses.
#include "x509/ocsp.h"

#include <algorithm>
#include <limits>

#include "support/hex.h"
#include "x509/ocsp_case.h"

namespace handfast::x509::test {
namespace {

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
