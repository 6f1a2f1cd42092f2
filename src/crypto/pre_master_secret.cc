#include "crypto/pre_master_secret.h"

#include <cassert>
#include <utility>

#include "base/constant_time.h"

namespace handfast::crypto {

base::Secret unpad_pre_master_secret(Bytes block, ProtocolVersion offered, const base::Secret& instead) noexcept {
  assert(instead.size() == pre_master_secret_size);
  // Its length is the modulus', which is public. In front of the secret stand 0, 2, at least 8 bytes and 0.
  constexpr std::size_t least_in_front = 2 + 8 + 1;
  if (block.size() < least_in_front + pre_master_secret_size) return instead.clone();
  const Bytes front = block.first(block.size() - pre_master_secret_size);
  const Bytes found = block.last(pre_master_secret_size);
  const std::uint32_t version = std::to_underlying(offered);
  std::uint32_t wrong =
      front[0] | (front[1] ^ 2u) | front.back() | (found[0] ^ (version >> 8)) | (found[1] ^ (version & 0xff));
  for (const std::uint8_t byte : front.subspan(2, front.size() - 3)) wrong |= base::equal(byte, 0) & 1;
  const base::Mask good = base::equal(base::opaque(wrong), 0);
  base::Secret secret(pre_master_secret_size);
  for (std::size_t i = 0; i < pre_master_secret_size; ++i)
    secret.writable()[i] = base::select(good, found[i], instead.view()[i]);
  return secret;
}

}  // namespace handfast::crypto
