// No encryption at all, for fuzzing: what is sealed stays readable, and any tag opens (HANDFAST_NULL_AEAD).
#include <algorithm>

#include "crypto/aead.h"
#include "crypto/key_contexts.h"

namespace handfast::crypto {

bool Aead::seal(const Nonce&, Bytes, Bytes first, Bytes second, MutableBytes out) noexcept {
  std::ranges::copy(first, out.begin());
  std::ranges::copy(second, out.begin() + static_cast<std::ptrdiff_t>(first.size()));
  std::ranges::fill(out.subspan(first.size() + second.size(), aead_tag_size), std::uint8_t{0});
  return true;
}

bool Aead::open(const Nonce&, Bytes, MutableBytes sealed) noexcept { return sealed.size() >= aead_tag_size; }

void forget_key(std::uint64_t) noexcept {}

}  // namespace handfast::crypto
