// Revocation lists of our own making: a local authority's, and deliberately bad ones for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "authority/mint.h"
#include "x509/revocation.h"

namespace handfast::authority {

struct RevokedCertificate {
  Buffer serial_number;  ///< two's complement
  std::int64_t revocation_date = 0;
  std::optional<x509::CRLReason> reason{};
  std::vector<RawExtension> extensions{};  ///< appended after the reason
};

/// What a CRL says. Absent optionals and empty lists leave the field out.
struct CrlOptions {
  std::int64_t this_update = 0;  ///< seconds since 1970
  std::optional<std::int64_t> next_update;
  std::vector<RevokedCertificate> revoked;
  std::optional<std::uint32_t> crl_number;
  bool authority_key_identifier = true;
  std::vector<RawExtension> extensions;  ///< appended after the others, e.g. issuingDistributionPoint
};

/// A CRL in DER, version 2, signed by `issuer`. Fails with bad_config (a date past 9999), signing_failed,
/// internal_error.
Result<Buffer> issue_crl(const CrlOptions& options, const Issuer& issuer);

}  // namespace handfast::authority
