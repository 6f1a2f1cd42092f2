// Keys and algorithms as certificates name them (RFC 3279, RFC 4055, RFC 5480, RFC 8410, RFC 9881).
#pragma once

#include <optional>

#include "crypto/algorithm.h"
#include "x509/certificate.h"
#include "x509/der_writer.h"

namespace handfast::x509 {

/// `der` is the whole SEQUENCE. False where it does not parse.
bool parse_algorithm(Bytes der, AlgorithmIdentifier& out) noexcept;
/// SHA-1 or SHA-2, with parameters as they may be; nullopt for any other.
std::optional<crypto::HashAlgorithm> hash_algorithm(const AlgorithmIdentifier& identifier) noexcept;
/// `der` as above. An unknown algorithm or curve leaves `type` empty; a known one with wrong parameters or a malformed
/// key is false.
bool parse_public_key(Bytes der, SubjectPublicKeyInfo& out) noexcept;
/// The other way round; an RSASSA-PSS key is written without parameters.
void write_public_key(der::Writer& w, const crypto::SigningKey& key);

}  // namespace handfast::x509
