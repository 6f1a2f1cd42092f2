// One chain that was refused and everything known about it, and the stories that are told of it: a file each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>
#include <handfast/verification.h>

#include "doctor/certificate.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

struct CertificateCase {
  const Error& error;
  std::string owner;               ///< "example.com:443", "server.pem"
  std::string server_name;         ///< that was asked for; empty: none
  std::string command;             ///< what was typed, as far as it says what: "handfast connect example.com"
  std::string name_flag;           ///< of that command: "--sni", "--host"
  std::int64_t now = 0;            ///< seconds since 1970, as the verification took it
  bool now_was_asked_for = false;  ///< `now` is no clock's, but a time that somebody asked about
  std::vector<Buffer> sent;        ///< DER, leaf first; empty where nothing came
  const VerificationReport* report = nullptr;  ///< where there was a verification
  const TrustAnchors* trust = nullptr;         ///< whom the verification trusted, where that is known

  /// A piece of the error's evidence as text, safe to be shown; empty where there is none.
  std::string evidence(std::string_view name) const;
  /// The certificate that the error is about: that of the evidence `subject`, else the leaf.
  std::optional<CertificateSummary> culprit() const;
  /// "The certificate of example.com:443", or "The certificate CN=... in the chain of example.com:443".
  std::string whose() const;
  /// The certificate at which the way up ended for want of an issuer: where a check of that kind failed, else the last
  /// one sent. DER; empty where nothing came.
  Bytes top() const;
};

/// The verdict on it: exit code 6, and the reason as its code.
Verdict judge_certificate(const CertificateCase& c);

// Each judges the reasons that it names; exit code and code are the caller's to set.

/// certificate_expired, certificate_not_yet_valid: a certificate or the clock.
Verdict judge_validity(const CertificateCase& c);
/// name_mismatch, no_subject_alt_name.
Verdict judge_name(const CertificateCase& c);
/// unknown_issuer: an intermediate that is missing, an authority that is not trusted, a pin that is another.
Verdict judge_unknown_issuer(const CertificateCase& c);
/// self_signed_certificate and ca_as_leaf.
Verdict judge_self_signed(const CertificateCase& c);
/// bad_certificate_signature.
Verdict judge_signature(const CertificateCase& c);
/// pin_mismatch, anchor_not_for_name.
Verdict judge_terms(const CertificateCase& c);
/// certificate_revoked, revocation_unknown, bad_ocsp_response, missing_ocsp_response, bad_crl.
Verdict judge_revocation(const CertificateCase& c);
/// What a certificate may be used for, and how it is made: weak_key, wrong_key_usage, policies, ...
Verdict judge_form(const CertificateCase& c);

/// Whether an address that a certificate names may stand in a command: one of HTTP without a character that a shell
/// would act upon. A peer's words must not be typed for it.
bool can_be_typed(std::string_view address) noexcept;

/// A shell command that makes a self-signed certificate which verifies once it is pinned: with that name and the usages
/// of a server, and no CA.
std::string self_signed_command(const std::string& name);

}  // namespace handfast::doctor
