// CertificateStatus (RFC 6066, section 8): the staple of TLS 1.2.
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "wire/extension.h"

namespace handfast::wire::tls12 {

/// Received (a view over the body) or to be written.
using wire::CertificateStatus;

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<CertificateStatus> parse_certificate_status(Bytes body);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_certificate_status(Buffer& out, const CertificateStatus& message);

}  // namespace handfast::wire::tls12
