// AES in CBC mode and HMAC: what protects records without an AEAD.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/algorithm.h"
#include "crypto/hash.h"

namespace handfast::crypto {

using InitializationVector = std::array<std::uint8_t, cipher_block_size>;

/// A key of each. They rest as keys, as those of `Aead` do: contexts belong to the thread.
class CbcKeys {
 public:
  /// `mac_key` is as long as a digest, `key` exactly key_size(algorithm.cipher).
  CbcKeys(CbcAlgorithm algorithm, Bytes mac_key, Bytes key) noexcept;
  CbcKeys(CbcKeys&&) noexcept;
  CbcKeys& operator=(CbcKeys&&) = delete;
  /// Wipes the keys, and this thread's contexts where they are keyed with them.
  ~CbcKeys();

  // Both in place, on whole blocks. False if the primitive failed.
  [[nodiscard]] bool encrypt(const InitializationVector& iv, MutableBytes blocks) noexcept;
  [[nodiscard]] bool decrypt(const InitializationVector& iv, MutableBytes blocks) noexcept;

  /// HMAC under the key, valid until this thread uses other keys; nullptr if the primitive failed.
  const Hmac* mac() noexcept;

  std::size_t mac_size() const noexcept { return digest_size(algorithm_.mac); }

 private:
  base::Secret mac_key_;
  base::Secret key_;
  std::uint64_t id_;  ///< as Aead's
  CbcAlgorithm algorithm_;
};

}  // namespace handfast::crypto
