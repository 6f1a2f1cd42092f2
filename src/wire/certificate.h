// Certificate of TLS 1.3 (RFC 8446, section 4.4.2).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"
#include "wire/list.h"

namespace handfast::wire {

struct CertificateEntry {
  Bytes cert_data;  ///< <1..2^24-1>, DER; or ASN1_subjectPublicKeyInfo, where the two sides agreed on that (RFC 7250)
  Extensions extensions;
  std::optional<Bytes> ocsp_response;                          ///< status_request: an OCSPResponse in DER
  std::optional<List<Opaque16>> signed_certificate_timestamp;  ///< at least one SerializedSCT
  bool trust_anchors = false;  ///< the chain was chosen by an identifier that was asked for; only beside the leaf
  static CertificateEntry read(base::Reader& r) noexcept;
};

/// A Certificate that was received, as views over the body.
struct Certificate {
  Bytes certificate_request_context;
  List<CertificateEntry> certificate_list;  ///< leaf first; empty where a client has none
};

/// Fails with decode_error (evidence `message`, `field`), as parse_extensions does, with decode_error, bad_extension,
/// and with illegal_parameter, too_many_certificates (evidence `limit`) where there are more than `max_entries`.
/// Whether each entry's extensions were asked for is check_solicited's to say.
[[nodiscard]] Result<Certificate> parse_certificate(Bytes body, std::size_t max_entries = 10);

/// The error for more than `max_entries`, of whatever version.
std::unexpected<Error> too_many_certificates(std::size_t max_entries);

/// A Certificate to be written. What is empty is not sent.
struct CertificateFields {
  Bytes certificate_request_context;
  std::span<const Buffer> chain;       ///< DER, leaf first; or one raw public key
  Bytes ocsp_response;                 ///< of the leaf
  Bytes signed_certificate_timestamp;  ///< of the leaf: the SignedCertificateTimestampList with the length before it
  bool trust_anchors = false;          ///< the chain was chosen by an identifier that the client has sent
};

/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_certificate(Buffer& out, const CertificateFields& fields);

}  // namespace handfast::wire
