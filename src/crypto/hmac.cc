// HMAC over the running hash (RFC 2104).
#include <array>

#include "base/copy.h"
#include "crypto/hash.h"

namespace handfast::crypto {

Hmac::Hmac(HashAlgorithm algorithm, Bytes key) noexcept : inner_(algorithm), outer_(algorithm) {
  Digest hashed;
  if (key.size() > block_size(algorithm)) {
    hashed = Hash::of(algorithm, key);
    key = hashed.view();
  }
  std::array<std::uint8_t, 128> block{};
  MutableBytes pad(block.data(), block_size(algorithm));
  base::copy(key, pad);
  for (std::uint8_t& byte : pad) byte ^= 0x36;
  inner_.update(pad);
  for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
  outer_.update(pad);
  base::wipe(block.data(), block.size());
  base::wipe(hashed.writable().data(), hashed.size());
}

Hmac::~Hmac() { wipe(); }

Digest Hmac::finish(Hash& inner) const noexcept { return finish(std::move(inner).finish()); }

Digest Hmac::code_of_prefix(Bytes head, Bytes data, std::size_t size) const noexcept {
  return finish(Hash(inner_).finish_with_prefix(head, data, size));
}

Digest Hmac::finish(Digest digest) const noexcept {
  Hash outer = outer_;
  outer.update(digest.view());
  digest = std::move(outer).finish();
  return digest;
}

}  // namespace handfast::crypto
