// What a source (an OCSP response, a CRL) is asked of one certificate, and what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>

#include "crypto/signature.h"
#include "x509/certificate.h"
#include "x509/verify.h"

namespace handfast::x509 {

/// Why a certificate was revoked (RFC 5280, section 5.3.1).
enum class CRLReason : std::uint8_t {
  unspecified = 0,
  keyCompromise = 1,
  cACompromise = 2,
  affiliationChanged = 3,
  superseded = 4,
  cessationOfOperation = 5,
  certificateHold = 6,
  removeFromCRL = 8,
  privilegeWithdrawn = 9,
  aACompromise = 10,
};
std::string_view name(CRLReason reason) noexcept;  ///< "keyCompromise"
/// From the content of the ENUMERATED; nullopt for a number that the RFC does not have.
std::optional<CRLReason> parse_crl_reason(Bytes content) noexcept;

struct RevocationQuestion {
  const CertificateView& certificate;
  const CertificateView& issuer;           ///< has signed the certificate, and stands above it on the path
  const crypto::VerifyingKey* issuer_key;  ///< the issuer's, where it was imported beforehand, else nullptr
  /// Where certificates of others who sign CRLs may be found: what the peer sent, and the anchors (nullptr: none).
  std::span<const Certificate> chain;
  const TrustAnchors* anchors;
  std::int64_t now;  ///< seconds since 1970
  Policy policy{};   ///< whoever speaks for the issuer is held to it
};

enum class RevocationStatus : std::uint8_t {
  not_said,  ///< the source does not cover the certificate, or not at this time
  good,
  revoked,
  unknown,  ///< the source answers for the issuer, and does not know the certificate
};

struct RevocationAnswer {
  RevocationStatus status = RevocationStatus::not_said;
  /// `source` ("OCSP", "CRL"), `this_update`, `next_update`, `revoked_at` (ISO 8601), `reason` (CRLReason's name),
  /// `responder` where it is not the issuer, and `problem` where nothing was said.
  std::vector<Fact> evidence;
};

}  // namespace handfast::x509
