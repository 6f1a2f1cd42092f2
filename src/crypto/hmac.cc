// HMAC over the running hash (RFC 2104).
#include <array>
#include <cassert>

#include "base/copy.h"
#include "crypto/hash.h"

namespace handfast::crypto {

Hmac::Hmac(HashAlgorithm algorithm, Bytes key) noexcept : inner_(algorithm), outer_(algorithm) {
  const bool two = algorithm == HashAlgorithm::md5_sha1;
  const std::size_t size = block_size(algorithm);
  assert(!two || key.size() <= 2 * size);
  Digest hashed;
  if (!two && key.size() > size) {
    hashed = Hash::of(algorithm, key);
    key = hashed.view();
  }
  std::array<std::uint8_t, 128> blocks{};  // the key's block, or those of both halves
  const MutableBytes pads(blocks.data(), two ? 2 * size : size);
  const std::size_t half = (key.size() + 1) / 2;
  base::copy(two ? key.first(half) : key, pads);
  if (two) base::copy(key.last(half), pads.subspan(size));
  const auto take = [&](Hash& hash) {
    two ? hash.update_each(pads.first(size), pads.subspan(size)) : hash.update(pads);
  };
  for (std::uint8_t& byte : pads) byte ^= 0x36;
  take(inner_);
  for (std::uint8_t& byte : pads) byte ^= 0x36 ^ 0x5c;
  take(outer_);
  base::wipe(blocks.data(), blocks.size());
  base::wipe(hashed.writable().data(), hashed.size());
}

Hmac::~Hmac() { wipe(); }

Digest Hmac::finish(Hash& inner) const noexcept { return finish(std::move(inner).finish()); }

Digest Hmac::code_of_prefix(Bytes head, Bytes data, std::size_t size) const noexcept {
  return finish(Hash(inner_).finish_with_prefix(head, data, size));
}

Digest Hmac::finish(Digest digest) const noexcept {
  Hash outer = outer_;
  outer.update(digest);
  digest = std::move(outer).finish();
  return digest;
}

}  // namespace handfast::crypto
