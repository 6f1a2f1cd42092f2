// OCSP responses of our own making, good and deliberately bad ones (RFC 6960, section 4.2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "authority/mint.h"
#include "crypto/algorithm.h"
#include "x509/certificate.h"
#include "x509/ocsp_response.h"
#include "x509/revocation.h"

namespace handfast::authority {

/// What is said of one certificate. Times are seconds since 1970.
struct OcspAnswer {
  x509::Certificate certificate;
  x509::Certificate issuer;
  crypto::HashAlgorithm hash = crypto::HashAlgorithm::sha1;  ///< of the CertID
  x509::RevocationStatus status = x509::RevocationStatus::good;
  std::int64_t revoked_at = 0;  ///< of a revoked one
  std::optional<x509::CRLReason> reason{};
  std::int64_t this_update = 0;
  std::optional<std::int64_t> next_update{};
  std::vector<RawExtension> extensions{};
};

/// How the response tells who signed it.
enum class ResponderID : std::uint8_t { by_name, by_key };

struct OcspOptions {
  std::vector<OcspAnswer> answers;
  std::int64_t produced_at = 0;
  ResponderID responder_id = ResponderID::by_name;
  std::vector<x509::Certificate> certificates{};  ///< put in as they stand: that of a delegated responder
  std::vector<RawExtension> extensions{};
};

/// An OCSPResponse in DER, signed by `responder`, be it the issuer or one that it certified. Fails with bad_config (a
/// date before 1950 or past 9999, an extension's OID that is none, an answer of RevocationStatus::not_said),
/// signing_failed, internal_error.
Result<Buffer> mint_ocsp_response(const OcspOptions& options, const Issuer& responder);

/// A response that is only a status, which is not to be `successful`.
Buffer mint_ocsp_refusal(x509::OCSPResponseStatus status);

}  // namespace handfast::authority
