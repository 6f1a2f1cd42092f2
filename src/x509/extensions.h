// The extensions of a certificate (RFC 5280, section 4.2), one by one.
#pragma once

#include <cstdint>

#include "x509/certificate.h"

namespace handfast::x509 {

enum class ExtensionResult : std::uint8_t {
  processed,    ///< its content stands in the view
  unprocessed,  ///< nothing here acts on it: where it is critical, the certificate must be refused
  malformed,
};

/// Parses one extension into its place in `out`.
ExtensionResult parse_extension(const Extension& extension, CertificateView& out) noexcept;

}  // namespace handfast::x509
