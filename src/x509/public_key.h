// Keys and algorithms as certificates name them (RFC 3279, RFC 4055, RFC 5480, RFC 8410).
#pragma once

#include "x509/certificate.h"

namespace handfast::x509 {

/// `der` is the whole SEQUENCE. False where it does not parse.
bool parse_algorithm(Bytes der, AlgorithmIdentifier& out) noexcept;
/// Likewise. An unknown algorithm or curve leaves `type` empty; a known one with wrong parameters or a malformed key
/// is false.
bool parse_public_key(Bytes der, SubjectPublicKeyInfo& out) noexcept;

}  // namespace handfast::x509
