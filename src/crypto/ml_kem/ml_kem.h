// ML-KEM (FIPS 203), the key encapsulation of module lattices, in the parameter sets that TLS has groups for.
// Ours with every libcrypto: it allocates nothing, and takes less than OpenSSL's does (bench/README.md).
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::crypto::ml_kem {

enum class ParameterSet : std::uint8_t { ml_kem_768, ml_kem_1024 };

/// d and z, what a pair of keys comes of. The expanded decapsulation key (section 7.1) is never stored, so nobody can
/// give one that is not what the seed makes of it (the check of section 7.3).
inline constexpr std::size_t seed_size = 64;
/// m, what an encapsulation draws.
inline constexpr std::size_t message_size = 32;
inline constexpr std::size_t shared_secret_size = 32;
/// H(ek).
inline constexpr std::size_t key_hash_size = 32;

constexpr std::size_t encapsulation_key_size(ParameterSet set) noexcept {
  return set == ParameterSet::ml_kem_768 ? 1184 : 1568;
}
constexpr std::size_t ciphertext_size(ParameterSet set) noexcept {
  return set == ParameterSet::ml_kem_768 ? 1088 : 1568;
}

/// The encapsulation key that a seed makes (algorithm 16), and its hash, which decapsulation needs.
void generate(ParameterSet set, Bytes seed, MutableBytes encapsulation_key, MutableBytes key_hash) noexcept;

/// A shared secret and the ciphertext that brings it (algorithm 17); `message` is 32 random bytes. False for a key of a
/// wrong length, or one with a coefficient that is not reduced (section 7.2).
[[nodiscard]] bool encapsulate(ParameterSet set, Bytes encapsulation_key, Bytes message, MutableBytes ciphertext,
                               MutableBytes shared_secret) noexcept;

/// The shared secret of a ciphertext (algorithm 18): a pseudorandom one for a ciphertext that nobody has made for this
/// key, in the same time. False for a wrong length alone.
[[nodiscard]] bool decapsulate(ParameterSet set, Bytes seed, Bytes key_hash, Bytes ciphertext,
                               MutableBytes shared_secret) noexcept;

}  // namespace handfast::crypto::ml_kem
