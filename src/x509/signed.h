// A signature on a certificate, a CRL or an OCSP response: one rule for which algorithms count, and one way to check
// it.
#pragma once

#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "crypto/signature.h"
#include "x509/certificate.h"

namespace handfast::x509 {

struct Work;

/// What X.509 calls SIGNED.
struct Signed {
  /// Of a CertificateView, a CrlView or a BasicOCSPResponse.
  template <typename View>
  explicit Signed(const View& view) noexcept
      : tbs(view.tbs), algorithm(view.signature_algorithm), signature(view.signature) {}

  Bytes tbs;
  const AlgorithmIdentifier& algorithm;
  Bytes signature;
};

/// How it was signed, where that is known here and no collision can be bought for it: MD5 and SHA-1 are refused in
/// certificates (RFC 8446, section 4.4.2.4), and so in what vouches for certificates. A responder that others feed with
/// requests is the easiest to have collisions signed by.
std::optional<crypto::SignatureAlgorithm> accepted_algorithm(const AlgorithmIdentifier& identifier) noexcept;

/// Whether `key` has signed it; `imported` is the same key where it was imported beforehand, else nullptr. Takes one
/// off `work.signatures`. Fails with bad_certificate and unsupported_signature_algorithm (evidence `algorithm`) or
/// bad_certificate_signature; with unsupported_certificate_key; with path_too_complex where no work is left.
Result<void> verify_signed(const Signed& what, const SubjectPublicKeyInfo& key, const crypto::VerifyingKey* imported,
                           Work& work);

}  // namespace handfast::x509
