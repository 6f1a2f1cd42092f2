// Running hashes, HMAC and HKDF, without an allocation or a look-up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <handfast/bytes.h>

#include "base/secret.h"
#include "crypto/algorithm.h"

namespace handfast::crypto {

/// A digest, at most 64 bytes, inline.
class Digest {
 public:
  explicit Digest(std::size_t size = 0) noexcept : size_(static_cast<std::uint8_t>(size)) {}
  Bytes view() const& noexcept { return {bytes_.data(), size_}; }
  Bytes view() && = delete;
  MutableBytes writable() & noexcept { return {bytes_.data(), size_}; }
  std::size_t size() const noexcept { return size_; }

 private:
  std::array<std::uint8_t, 64> bytes_{};
  std::uint8_t size_;
};

/// A running hash: a value that can be copied in the middle (the transcript, RFC 8446, section 4.4.1).
class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm) noexcept;
  void update(Bytes bytes) noexcept;
  /// A digest of the same algorithm, as a part of what is hashed; where there are two hashes, each takes its own.
  void update(const Digest& digest) noexcept;
  /// The digest of what was given until now; the hash itself goes on.
  Digest digest() const noexcept { return Hash(*this).finish(); }
  /// The digest, and the end of this hash: its state is overwritten.
  Digest finish() && noexcept;
  HashAlgorithm algorithm() const noexcept { return algorithm_; }
  /// Overwrites the state: for hashes that were fed with secrets.
  void wipe() noexcept { base::wipe(state_.data(), state_.size()); }

  static Digest of(HashAlgorithm algorithm, Bytes bytes) noexcept;

 private:
  friend class Hmac;
  /// Hmac::code_of_prefix, of the inner hash: this one, whose state is that behind a whole block.
  Digest finish_with_prefix(Bytes head, Bytes data, std::size_t size) && noexcept;
  /// Of the two hashes of HashAlgorithm::md5_sha1 each something else.
  void update_each(Bytes md5, Bytes sha1) noexcept;

  alignas(8) std::array<std::byte, 216> state_;
  HashAlgorithm algorithm_;
};

/// HMAC (RFC 2104) under one key: the states behind the two pads are kept, so a further message costs no key set-up.
/// With HashAlgorithm::md5_sha1 it is two of them: MD5's under the first half of the key, SHA-1's under the second,
/// which have the byte in the middle in common (RFC 4346, section 5); the key has 128 bytes at most then.
class Hmac {
 public:
  Hmac(HashAlgorithm algorithm, Bytes key) noexcept;
  ~Hmac();
  Hmac(const Hmac&) noexcept = default;
  Hmac& operator=(const Hmac&) noexcept = default;

  /// The code over the concatenation of the pieces: bytes, and digests as Hash::update takes them.
  template <typename... Piece>
  Digest code(const Piece&... pieces) const noexcept {
    Hash hash = inner_;
    (hash.update(pieces), ...);
    return finish(hash);
  }
  /// The code over `head`, which is shorter than a block, and the first `size` bytes of `data`, where `size` is a
  /// secret: at most 255 less than all of them. What is computed, and which memory is read, depends on the length of
  /// `data` alone.
  Digest code_of_prefix(Bytes head, Bytes data, std::size_t size) const noexcept;
  HashAlgorithm algorithm() const noexcept { return inner_.algorithm(); }
  /// Forgets the key; nothing is to be computed afterwards.
  void wipe() noexcept {
    inner_.wipe();
    outer_.wipe();
  }

 private:
  Digest finish(Hash& inner) const noexcept;  ///< ends `inner`
  Digest finish(Digest inner) const noexcept;
  Hash inner_;
  Hash outer_;
};

/// HKDF-Extract (RFC 5869, section 2.2).
base::Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material) noexcept;
/// The same with HMAC keyed with the salt.
base::Secret hkdf_extract(const Hmac& salt, Bytes input_key_material) noexcept;

/// HKDF-Expand (RFC 5869, section 2.3); `prk` is HMAC keyed with the pseudorandom key. `out` is at most 255 digests.
void hkdf_expand(const Hmac& prk, Bytes info, MutableBytes out) noexcept;

}  // namespace handfast::crypto
