// What a source (an OCSP response, a CRL) says of one certificate.
#pragma once

#include <cstdint>
#include <vector>

#include <handfast/error.h>

namespace handfast::x509 {

enum class RevocationStatus : std::uint8_t {
  not_said,  ///< the source does not cover the certificate, or not at this time
  good,
  revoked,
  unknown,  ///< the source answers for the issuer, and does not know the certificate
};

struct RevocationAnswer {
  RevocationStatus status = RevocationStatus::not_said;
  /// `source` ("OCSP", "CRL"), `this_update`, `next_update`, `revoked_at` (ISO 8601), `reason` (CRLReason's name), and
  /// `problem` where nothing was said.
  std::vector<Fact> evidence;
};

}  // namespace handfast::x509
