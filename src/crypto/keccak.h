// The functions of FIPS 202 that ML-KEM is built on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include <handfast/bytes.h>

namespace handfast::crypto {

enum class Keccak : std::uint8_t { sha3_256, sha3_512, shake128, shake256 };

/// Every so many bytes of SHAKE128's output cost another permutation.
inline constexpr std::size_t shake128_rate = 168;

/// The function over the pieces, one behind the other. `out` is as long as the digest, 32 or 64 bytes; of SHAKE it may
/// have any length. The last input stays in this thread's contexts until a KeccakWipe goes.
void keccak(Keccak function, std::initializer_list<Bytes> pieces, MutableBytes out) noexcept;

/// Overwrites what `keccak` has left behind in this thread, when it goes: for whoever gives it secrets.
class KeccakWipe {
 public:
  KeccakWipe() noexcept = default;
  KeccakWipe(const KeccakWipe&) = delete;
  KeccakWipe& operator=(const KeccakWipe&) = delete;
  ~KeccakWipe();
};

}  // namespace handfast::crypto
