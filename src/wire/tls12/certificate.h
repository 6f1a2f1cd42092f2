// Certificate of TLS 1.2 (RFC 5246, section 7.4.2), of either side.
#pragma once

#include <cstddef>
#include <span>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "wire/list.h"

namespace handfast::wire::tls12 {

struct ASN1Cert {
  Bytes data;  ///< <1..2^24-1>, DER
  static ASN1Cert read(base::Reader& r) noexcept;
};

/// A Certificate that was received, as views over the body.
struct Certificate {
  List<ASN1Cert> certificate_list;  ///< leaf first; empty where a client has none
};

/// Fails with decode_error (evidence `message`, `field`), and with illegal_parameter, too_many_certificates (evidence
/// `limit`) where there are more than `max_entries`.
[[nodiscard]] Result<Certificate> parse_certificate(Bytes body, std::size_t max_entries = 10);

/// The Certificate of whoever shows a raw public key (RFC 7250, section 3): a SubjectPublicKeyInfo in DER, without a
/// list; empty where a client has none. Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<Bytes> parse_raw_public_key(Bytes body);
/// Appends that message. Fails as write_message does.
[[nodiscard]] Result<> write_raw_public_key(Buffer& out, Bytes subject_public_key_info);

/// Appends the whole message; `chain` is DER, leaf first, and may be empty. Fails as write_message does.
[[nodiscard]] Result<> write_certificate(Buffer& out, std::span<const Buffer> chain);

}  // namespace handfast::wire::tls12
