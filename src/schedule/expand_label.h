// HKDF-Expand-Label and Derive-Secret (RFC 8446, section 7.1).
#pragma once

#include <string_view>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/hash.h"

namespace handfast::schedule {

/// HKDF-Expand-Label(Secret, label, context, out.size()): `secret` is HMAC keyed with the Secret, so that several
/// expansions of one Secret share its key set-up. `label` without "tls13 ", at most 249 bytes; `context` at most 255.
void expand_label(const crypto::Hmac& secret, std::string_view label, Bytes context, MutableBytes out) noexcept;

/// Derive-Secret(Secret, label, Messages), with the transcript hash in place of the messages.
base::Secret derive_secret(const crypto::Hmac& secret, std::string_view label, Bytes transcript_hash) noexcept;

/// Transcript-Hash("").
const crypto::Digest& empty_hash(crypto::HashAlgorithm hash) noexcept;

}  // namespace handfast::schedule
