// The pseudorandom function of TLS 1.2 (RFC 5246, section 5).
#pragma once

#include <string_view>

#include <handfast/bytes.h>

#include "crypto/hash.h"

namespace handfast::schedule::tls12 {

/// PRF(secret, label, seed) where the seed is `seed` and then `more_seed`, as long as `out` is. `secret` is HMAC keyed
/// with it, so that several outputs of one secret share its key set-up.
void prf(const crypto::Hmac& secret, std::string_view label, Bytes seed, Bytes more_seed, MutableBytes out) noexcept;

}  // namespace handfast::schedule::tls12
