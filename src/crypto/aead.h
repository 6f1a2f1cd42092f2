// AEAD keys that rest as keys: contexts belong to the thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/algorithm.h"

namespace handfast::crypto {

using Nonce = std::array<std::uint8_t, aead_nonce_size>;

/// One AEAD key. It holds the key, not a context (two AES-GCM contexts are 2.3 KB): the worker thread's context is
/// keyed for it when it is used, and stays keyed as long as the same key is used again.
class Aead {
 public:
  /// `key` is exactly key_size(algorithm) long.
  Aead(AeadAlgorithm algorithm, Bytes key) noexcept;
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;
  /// Wipes the key, and this thread's context where it is keyed with it.
  ~Aead();

  /// Encrypts `first`, then `second`, and appends the tag. `out` has room for both and aead_tag_size more; it may
  /// begin where `first` begins, and overlaps nothing else. False if the primitive failed.
  [[nodiscard]] bool seal(const Nonce& nonce, Bytes associated_data, Bytes first, Bytes second,
                          MutableBytes out) noexcept;

  /// Decrypts in place: `sealed` is ciphertext and tag, and holds size - aead_tag_size bytes of plaintext afterwards.
  /// False if it is shorter than a tag or does not verify; its content is then of no meaning.
  [[nodiscard]] bool open(const Nonce& nonce, Bytes associated_data, MutableBytes sealed) noexcept;

  AeadAlgorithm algorithm() const noexcept { return algorithm_; }

 private:
  base::Secret key_;
  std::uint64_t id_;  ///< which key a thread's context is keyed with; never used twice in a process
  AeadAlgorithm algorithm_;
};

}  // namespace handfast::crypto
