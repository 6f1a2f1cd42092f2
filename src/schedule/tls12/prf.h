// The pseudorandom function of TLS 1.2 (RFC 5246, section 5), and of TLS 1.1 and 1.0 (RFC 4346, section 5).
#pragma once

#include <string_view>

#include <handfast/bytes.h>

#include "crypto/hash.h"

namespace handfast::schedule::tls12 {

/// PRF(secret, label, seed) where the seed is `seed` and then `more_seed`, as long as `out` is. `secret` is HMAC keyed
/// with it, so that several outputs of one secret share its key set-up: that of the suite's hash, or before TLS 1.2 of
/// HashAlgorithm::md5_sha1.
void prf(const crypto::Hmac& secret, std::string_view label, Bytes seed, Bytes more_seed, MutableBytes out) noexcept;

}  // namespace handfast::schedule::tls12
