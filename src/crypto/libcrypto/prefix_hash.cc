// The hash of a message whose length is a secret, over the hashes' block functions: what is left to do against Lucky 13
// (Al Fardan and Paterson, 2013) where a MAC stands behind padding.
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <new>

#include "base/constant_time.h"
#include "base/copy.h"
#include "crypto/hash.h"

namespace handfast::crypto {

namespace {

/// A hash of Merkle and Damgard's kind: what stands first in `Context` is the chaining value.
template <typename ContextOf, typename WordOf, std::size_t words_of_state, std::size_t block, std::size_t length,
          auto compress_block>
struct Family {
  using Context = ContextOf;
  using Word = WordOf;
  static constexpr std::size_t words = words_of_state;
  static constexpr std::size_t block_size = block;
  static constexpr std::size_t length_size = length;  ///< of the field at the end, in bytes
  static void compress(Context& context, const std::uint8_t* bytes) noexcept { compress_block(&context, bytes); }
};
using Sha1 = Family<SHA_CTX, std::uint32_t, 5, 64, 8, SHA1_Transform>;
using Sha256 = Family<SHA256_CTX, std::uint32_t, 8, 64, 8, SHA256_Transform>;
using Sha512 = Family<SHA512_CTX, std::uint64_t, 8, 128, 16, SHA512_Transform>;

/// The stretch of `head` and then `data` that begins at `at`; zeros behind their end.
void copy_stretch(Bytes head, Bytes data, std::size_t at, MutableBytes out) noexcept {
  if (at < head.size()) {
    const Bytes part = head.subspan(at);
    out = base::copy(part.first(std::min(part.size(), out.size())), out);
    at = head.size();
  }
  const Bytes rest = data.subspan(std::min(at - head.size(), data.size()));
  out = base::copy(rest.first(std::min(rest.size(), out.size())), out);
  std::ranges::fill(out, std::uint8_t{0});
}

/// Ends the hash of one block, of `whole` blocks of the message, and of what is left of its secret first `end` bytes:
/// each block that may be the last is hashed as if it were, and the value behind the one that is, is kept.
template <typename F>
Digest finish_message(typename F::Context& context, std::size_t digest, std::size_t whole, Bytes head, Bytes data,
                      std::uint32_t end) noexcept {
  const auto last = static_cast<std::uint32_t>((end + F::length_size) / F::block_size);
  const std::size_t blocks = (head.size() + data.size() + F::length_size) / F::block_size + 1;
  const std::uint32_t bits = 8 * (static_cast<std::uint32_t>(F::block_size) + end);
  std::array<std::uint8_t, F::block_size> block;
  std::array<typename F::Word, F::words> kept{};
  for (std::size_t number = whole; number < blocks; ++number) {
    const auto begin = static_cast<std::uint32_t>(number * F::block_size);
    copy_stretch(head, data, begin, block);
    for (std::uint32_t i = 0; i < F::block_size; ++i) {
      const base::Mask text = base::less(begin + i, end), mark = base::equal(begin + i, end);
      block[i] = static_cast<std::uint8_t>((block[i] & text) | (0x80 & mark));
    }
    const base::Mask is_last = base::equal(static_cast<std::uint32_t>(number), last);
    for (std::uint32_t i = 0; i < 4; ++i) {
      std::uint8_t& byte = block[F::block_size - 4 + i];
      byte = static_cast<std::uint8_t>(byte | (is_last & (bits >> (24 - 8 * i))));
    }
    F::compress(context, block.data());
    std::array<typename F::Word, F::words> state;
    std::memcpy(state.data(), &context, sizeof state);
    const auto wide = static_cast<typename F::Word>(static_cast<std::int32_t>(is_last));
    for (std::size_t i = 0; i < F::words; ++i) kept[i] |= state[i] & wide;
  }
  Digest out(digest);
  MutableBytes bytes = out.writable();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    constexpr std::size_t word = sizeof(typename F::Word);
    bytes[i] = static_cast<std::uint8_t>(kept[i / word] >> 8 * (word - 1 - i % word));
  }
  base::wipe(block.data(), block.size());
  return out;
}

}  // namespace

Digest Hash::finish_with_prefix(Bytes head, Bytes data, std::size_t size) && noexcept {
  constexpr std::size_t most_behind = 255;
  const std::size_t block = block_size(algorithm_);
  assert(head.size() < block && data.size() < (std::size_t{1} << 24));
  const std::uint32_t end = base::opaque(static_cast<std::uint32_t>(head.size() + size));
  // What stands in front for sure is hashed as ever.
  const std::size_t least = head.size() + data.size() - std::min(data.size(), most_behind);
  const std::size_t whole = least / block;
  if (whole > 0) {
    update(head);
    update(data.first(whole * block - head.size()));
  }
  const auto finish_as = [&]<typename F>(F) {
    return finish_message<F>(*std::launder(reinterpret_cast<typename F::Context*>(state_.data())),
                             digest_size(algorithm_), whole, head, data, end);
  };
  Digest digest;
  switch (algorithm_) {
    case HashAlgorithm::sha1: digest = finish_as(Sha1{}); break;
    case HashAlgorithm::sha256: digest = finish_as(Sha256{}); break;
    case HashAlgorithm::sha384:
    case HashAlgorithm::sha512: digest = finish_as(Sha512{}); break;
    case HashAlgorithm::md5_sha1: break;  // no suite has it as its MAC
  }
  wipe();
  return digest;
}

}  // namespace handfast::crypto
