// HKDF over HMAC (RFC 5869).
#include <algorithm>
#include <cassert>

#include "base/copy.h"
#include "crypto/hash.h"

namespace handfast::crypto {

base::Secret hkdf_extract(HashAlgorithm algorithm, Bytes salt, Bytes input_key_material) noexcept {
  // HMAC pads a key with zeros: an absent salt and one of zeros are the same (RFC 5869, section 2.2).
  return hkdf_extract(Hmac(algorithm, salt), input_key_material);
}

base::Secret hkdf_extract(const Hmac& salt, Bytes input_key_material) noexcept {
  Digest prk = salt.code(input_key_material);
  base::Secret secret(prk.view());
  base::wipe(prk.writable().data(), prk.size());
  return secret;
}

void hkdf_expand(const Hmac& prk, Bytes info, MutableBytes out) noexcept {
  assert(out.size() <= 255 * digest_size(prk.algorithm()));
  Digest block;  // T(i); T(0) is empty
  for (std::uint8_t i = 1; !out.empty(); ++i) {
    block = prk.code(block.view(), info, Bytes(&i, 1));
    MutableBytes part = out.first(std::min(out.size(), block.size()));
    base::copy(block.view().first(part.size()), part);
    out = out.subspan(part.size());
  }
  base::wipe(block.writable().data(), block.size());
}

}  // namespace handfast::crypto
