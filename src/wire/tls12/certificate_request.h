// CertificateRequest of TLS 1.2 (RFC 5246, section 7.4.4).
#pragma once

#include <cstdint>
#include <span>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"
#include "wire/list.h"

namespace handfast::wire::tls12 {

/// Those that sign; ecdsa_sign stands for Ed25519 as well (RFC 8422, section 5.5).
enum class ClientCertificateType : std::uint8_t { rsa_sign = 1, dss_sign = 2, ecdsa_sign = 64 };

/// A CertificateRequest that was received, as views over the body.
struct CertificateRequest {
  List<ClientCertificateType> certificate_types;  ///< at least one
  /// At least one; before TLS 1.2 they are not said (RFC 4346, section 7.4.4), and it is empty.
  List<SignatureScheme> supported_signature_algorithms;
  List<Opaque16> certificate_authorities;  ///< DistinguishedNames in DER; empty: any
};

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<CertificateRequest> parse_certificate_request(Bytes body, ProtocolVersion version);

/// A CertificateRequest to be written; the first two are not empty, but before TLS 1.2 the second.
struct CertificateRequestFields {
  std::span<const ClientCertificateType> certificate_types;
  std::span<const SignatureScheme> supported_signature_algorithms;
  std::span<const Buffer> certificate_authorities;  ///< DistinguishedNames in DER
};

/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_certificate_request(Buffer& out, const CertificateRequestFields& fields,
                                                 ProtocolVersion version);

}  // namespace handfast::wire::tls12
