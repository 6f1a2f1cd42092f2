#include "x509/ocsp.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "crypto/hash.h"
#include "x509/ask_crls.h"
#include "x509/der.h"
#include "x509/name.h"
#include "x509/ocsp_response.h"
#include "x509/oid.h"
#include "x509/signed.h"

namespace handfast::x509 {
namespace {

std::unexpected<Error> bad(std::string problem) { return fail(bad_ocsp_response(std::move(problem))); }

/// Which of two answers on the same certificate counts: a current one, of those the gravest, else the newest.
bool counts_more(const SingleResponse& one, const SingleResponse& other, std::int64_t now) noexcept {
  const bool current = is_current(one, now);
  if (current != is_current(other, now)) return current;
  if (!current || one.status == other.status) return one.this_update > other.this_update;
  return one.status == RevocationStatus::revoked || other.status == RevocationStatus::good;
}

std::optional<SingleResponse> find_answer(Bytes responses, const CertificateView& certificate,
                                          const CertificateView& issuer, std::int64_t now) noexcept {
  std::optional<SingleResponse> found;
  while (std::optional<SingleResponse> single = read_single_response(responses)) {
    if (!single->cert_id.names(certificate, issuer)) continue;
    if (!found || counts_more(*single, *found, now)) found = single;
  }
  return found;
}

/// Whether the ResponderID is that certificate's (RFC 6960, section 4.2.2.3).
bool is_responder(const BasicOCSPResponse& response, const CertificateView& certificate) noexcept {
  if (!response.responder_name.empty()) return equal_names(response.responder_name, certificate.subject);
  const crypto::Digest hash = crypto::Hash::of(crypto::HashAlgorithm::sha1, certificate.public_key.subject_public_key);
  return std::ranges::equal(hash.view(), response.responder_key_hash);
}

Result<void> check_signed_by(const BasicOCSPResponse& response, const CertificateView& signer,
                             const crypto::VerifyingKey* key, Work& work) {
  Result<void> checked = verify_signed(Signed(response), signer.public_key, key, work);
  if (checked || checked.error().reason() == Reason::path_too_complex) return checked;
  switch (checked.error().reason()) {
    case Reason::unsupported_signature_algorithm:
      return bad("it is signed with an algorithm that is not accepted: " + oid_text(response.signature_algorithm.oid));
    case Reason::unsupported_certificate_key:
      return bad("the key of its signer is not supported: " + name_text(signer.subject));
    default: return bad("its signature does not verify");
  }
}

bool is_for_ocsp_signing(const CertificateView& certificate) noexcept {
  if (!certificate.extended_key_usage) return false;
  der::Reader purposes(*certificate.extended_key_usage);
  while (!purposes.empty())
    if (oid::equal(purposes.object_identifier(), oid::id_kp_OCSPSigning)) return true;
  return false;
}

/// Whether a list at hand has revoked the responder. No OCSP response is asked for it, so that this ends.
Result<bool> is_revoked(const CertificateView& responder, const RevocationQuestion& question,
                        const RevocationLists* lists, Work& work) {
  if (lists == nullptr || find_extension(responder, oid::id_pkix_ocsp_nocheck)) return false;
  const RevocationQuestion of_responder{responder,        question.issuer, question.issuer_key, question.chain,
                                        question.anchors, question.now,    question.policy};
  const Result<RevocationAnswer> answer = ask_crls(*lists, of_responder, work);
  if (!answer) return fail(answer.error());
  return answer->status == RevocationStatus::revoked;
}

/// Whether the issuer lets `responder` sign for it (RFC 6960, section 4.2.2.2): id-kp-OCSPSigning in so many words, in
/// a certificate that the issuer signed itself, and has not revoked.
Result<void> check_delegated(const CertificateView& responder, const RevocationQuestion& question,
                             const RevocationLists* lists, Work& work) {
  const auto bad_signer = [&](std::string_view problem) {
    return bad("its signer " + name_text(responder.subject) + " " + std::string(problem));
  };
  const CertificateView& issuer = question.issuer;
  if (!equal_names(responder.issuer, issuer.subject)) return bad_signer("was certified by another issuer");
  if (!is_for_ocsp_signing(responder)) return bad_signer("may not sign OCSP responses (id-kp-OCSPSigning)");
  if (responder.key_usage && !contains(*responder.key_usage, KeyUsage::digitalSignature))
    return bad_signer("may not sign (keyUsage)");
  // As of a leaf: the key of a CA signs certificates, and what those CAs sign must not speak for their siblings.
  if (responder.is_ca()) return bad_signer("is a CA");
  if (Result<void> checked = check_speaker(responder, question.policy, question.now); !checked)
    return bad_signer("is not accepted: " + checked.error().message());
  if (Result<void> checked = check_certified(responder, issuer, question.issuer_key, question.policy, work); !checked)
    return checked.error().reason() == Reason::path_too_complex
               ? checked
               : bad_signer("was not certified by the issuer: " + checked.error().message());
  const Result<bool> revoked = is_revoked(responder, question, lists, work);
  if (!revoked) return fail(revoked.error());
  if (*revoked) return bad_signer("is revoked itself, as a list says");
  return {};
}

/// Who signed: nullopt for the issuer itself, else the certificate of the responder.
Result<std::optional<CertificateView>> find_signer(const BasicOCSPResponse& response,
                                                   const RevocationQuestion& question, const RevocationLists* lists,
                                                   Work& work) {
  const CertificateView& issuer = question.issuer;
  Result<void> checked = bad("its signer is not the issuer, and its certificate is not inside");
  // A name does not tell who it is: a responder may have the issuer's, and two responders the same.
  if (is_responder(response, issuer)) {
    checked = check_signed_by(response, issuer, question.issuer_key, work);
    if (checked) return std::nullopt;
  }
  der::Reader certificates(response.certificates);
  while (!certificates.empty()) {
    Result<CertificateView> responder = parse_certificate(certificates.any().whole);
    if (!responder || !is_responder(response, *responder)) continue;
    // The issuer's own key has been tried; its certificate is often inside.
    if (std::ranges::equal(responder->public_key.der, issuer.public_key.der)) continue;
    checked = check_delegated(*responder, question, lists, work);
    if (checked) checked = check_signed_by(response, *responder, nullptr, work);
    if (checked) return *responder;
    if (checked.error().reason() == Reason::path_too_complex) break;
  }
  return fail(std::move(checked.error()));
}

RevocationAnswer& with_problem(RevocationAnswer& answer, std::string problem) {
  answer.evidence.push_back({"problem", std::move(problem)});
  return answer;
}

}  // namespace

std::int64_t end_of(const SingleResponse& single) noexcept {
  return single.next_update.value_or(single.this_update + age_without_next_update);
}

bool is_current(const SingleResponse& single, std::int64_t now) noexcept {
  return single.this_update <= now && now <= end_of(single);
}

Result<RevocationAnswer> ask_ocsp(Bytes response, const RevocationQuestion& question, const RevocationLists* lists,
                                  Work& work) {
  const std::int64_t now = question.now;
  const Result<OCSPResponse> parsed = parse_ocsp_response(response);
  if (!parsed) return fail(parsed.error());
  RevocationAnswer answer;
  answer.evidence.push_back({"source", "OCSP"});
  if (!parsed->basic) return with_problem(answer, "the responder said " + std::string(name(parsed->status)));

  const std::optional<SingleResponse> single =
      find_answer(parsed->basic->responses, question.certificate, question.issuer, now);
  if (!single) return bad("it is of another certificate, or of another issuer's");
  answer.evidence.push_back({"this_update", time_text(single->this_update)});
  if (single->next_update) answer.evidence.push_back({"next_update", time_text(*single->next_update)});
  // Before the signature: it can't be relied on either way, and an outdated one has often an expired signer.
  if (now < single->this_update) return with_problem(answer, "it is not yet valid");
  if (now > end_of(*single)) return with_problem(answer, "it is outdated since " + time_text(end_of(*single)));

  const auto signer = find_signer(*parsed->basic, question, lists, work);
  if (!signer) return fail(signer.error());
  if (*signer) answer.evidence.push_back({"responder", name_text((*signer)->subject)});
  answer.status = single->status;
  if (single->status == RevocationStatus::revoked) {
    answer.evidence.push_back({"revoked_at", time_text(single->revocation_time)});
    if (single->revocation_reason) answer.evidence.push_back({"reason", std::string(name(*single->revocation_reason))});
  }
  return answer;
}

}  // namespace handfast::x509
