// Verdicts on the server's certificate, and on its proof of it: each reason to its story (doctor/certificate_case.h).
#include <fmt/format.h>

#include "doctor/certificate_case.h"

namespace handfast::doctor {
namespace {

Verdict unproven(const CertificateCase& c) {
  Verdict v;
  v.confidence = Confidence::likely;
  v.fault = Fault::server;
  v.summary = fmt::format("{} did not prove that it has the private key of its certificate.", c.owner);
  v.found = std::string(describe(c.error.reason()));
  v.expected = "a signature over this handshake with the certificate's key (CertificateVerify)";
  v.advice = {"A faulty server, or someone in between who has the certificate but not its key. Send nothing to it."};
  return v;
}

Verdict story_of(const CertificateCase& c) {
  switch (c.error.reason()) {
    case Reason::certificate_expired:
    case Reason::certificate_not_yet_valid: return judge_validity(c);
    case Reason::name_mismatch:
    case Reason::no_subject_alt_name: return judge_name(c);
    case Reason::unknown_issuer: return judge_unknown_issuer(c);
    case Reason::self_signed_certificate:
    case Reason::ca_as_leaf: return judge_self_signed(c);
    case Reason::bad_certificate_signature: return judge_signature(c);
    case Reason::pin_mismatch:
    case Reason::anchor_not_for_name: return judge_terms(c);
    case Reason::certificate_revoked:
    case Reason::revocation_unknown:
    case Reason::bad_ocsp_response:
    case Reason::missing_ocsp_response:
    case Reason::bad_crl: return judge_revocation(c);
    case Reason::bad_signature: return unproven(c);
    default: return judge_form(c);
  }
}

}  // namespace

Verdict judge_certificate(const CertificateCase& c) {
  Verdict v = story_of(c);
  v.exit_code = ExitCode::certificate;
  // A story that knows better than the check has its own.
  if (v.code.empty()) v.set(c.error.reason());
  return v;
}

}  // namespace handfast::doctor
