// CertificateRequest of TLS 1.3 (RFC 8446, section 4.3.2).
#pragma once

#include <optional>
#include <span>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"
#include "wire/list.h"

namespace handfast::wire {

/// RFC 8446, section 4.2.5: an extension that the client's certificate is to have, and what is to be in it.
struct OidFilter {
  Bytes certificate_extension_oid;     ///< <1..2^8-1>, an OBJECT IDENTIFIER in DER
  Bytes certificate_extension_values;  ///< <0..2^16-1>, the extension's content in DER
  static OidFilter read(base::Reader& r) noexcept;
};

/// A CertificateRequest that was received, as views over the body. Extensions that are not known are ignored.
struct CertificateRequest {
  Bytes certificate_request_context;
  Extensions extensions;
  List<SignatureScheme> signature_algorithms;
  std::optional<List<SignatureScheme>> signature_algorithms_cert;
  std::optional<List<Opaque16>> certificate_authorities;
  std::optional<List<OidFilter>> oid_filters;
  bool status_request = false;
  bool signed_certificate_timestamp = false;
};

/// Fails with decode_error (evidence `message`, `field`), as parse_extensions does, with decode_error, bad_extension,
/// and with missing_extension where there are no signature_algorithms.
[[nodiscard]] Result<CertificateRequest> parse_certificate_request(Bytes body);

/// A CertificateRequest to be written. What is empty is not sent, but for signature_algorithms, which must be there.
struct CertificateRequestFields {
  Bytes certificate_request_context;
  std::span<const SignatureScheme> signature_algorithms;
  std::span<const SignatureScheme> signature_algorithms_cert;
  std::span<const Buffer> certificate_authorities;  ///< DistinguishedNames in DER
  std::span<const Extension> others;
};

/// Appends the whole message and gives the extensions that it asks for (for check_solicited on the Certificate that
/// answers). Fails as write_message does.
[[nodiscard]] Result<ExtensionSet> write_certificate_request(Buffer& out, const CertificateRequestFields& fields);

}  // namespace handfast::wire
