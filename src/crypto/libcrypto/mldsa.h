// ML-DSA (FIPS 204) as the two libcryptos have it, where they have it: by names in OpenSSL, which knows it since 3.5,
// by numbers of its own in AWS-LC. From the EVP_PKEY on they are alike.
#pragma once

#include <optional>

#include <handfast/bytes.h>

#include "crypto/algorithm.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

/// Whether this libcrypto has it; asked once.
bool has_mldsa() noexcept;

/// Which of the three a key is; nullopt for a key of another kind.
std::optional<KeyType> mldsa_type(const EVP_PKEY* key) noexcept;

/// The key from FIPS 204's encoding of it; null for what is not as long as one of that type.
Pkey mldsa_public_key(KeyType type, Bytes encoded) noexcept;

/// Where a new key of that type is made; null without ML-DSA.
PkeyContext mldsa_generator(KeyType type) noexcept;

}  // namespace handfast::crypto
