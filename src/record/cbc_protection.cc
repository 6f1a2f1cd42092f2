#include "record/cbc_protection.h"

#include <algorithm>
#include <utility>

#include "base/constant_time.h"
#include "base/copy.h"
#include "base/secret.h"

namespace handfast::record {
namespace {

constexpr std::size_t block_size = crypto::cipher_block_size;
constexpr std::size_t most_padding = 255;  // beside the byte that says how much

void set_length(PseudoHeader& header, std::size_t length) noexcept {
  header[11] = static_cast<std::uint8_t>(length >> 8);
  header[12] = static_cast<std::uint8_t>(length);
}

/// Up to the next whole block, the byte that says how much included (RFC 5246, section 6.2.3.2).
std::size_t padded(std::size_t size) noexcept { return size / block_size * block_size + block_size; }

void write_padding(MutableBytes padding) noexcept {
  std::ranges::fill(padding, static_cast<std::uint8_t>(padding.size() - 1));
}

/// Padding that was found at the end of some bytes.
struct Padding {
  base::Mask good;
  std::uint32_t size;  ///< with the byte that says how much; 1 where it is not good
};

/// Every byte that may belong to it is looked at, whatever the last one says. `most` bytes at most may be padding.
Padding find_padding(Bytes text, std::size_t most) noexcept {
  const std::uint32_t said = base::opaque(text.back());
  std::uint32_t wrong = ~base::less(said, static_cast<std::uint32_t>(most)) & 1;
  const std::size_t window = std::min(most, most_padding + 1);
  const Bytes bytes = text.last(window);
  for (std::size_t i = 0; i < window; ++i) {
    const auto from_end = static_cast<std::uint32_t>(window - 1 - i);
    wrong |= ~base::less(said, from_end) & (bytes[i] ^ said);
  }
  const base::Mask good = base::equal(wrong, 0);
  return {good, base::select(good, said + 1, 1)};
}

/// Brings what stands `shift` bytes further on, a secret below 256, to the front: one step for each bit of it, over all
/// that is there.
void shift_to_front(MutableBytes bytes, std::uint32_t shift) noexcept {
  for (std::uint32_t step = 128; step > 0; step /= 2) {
    const base::Mask moves = ~base::equal(shift & step, 0);
    for (std::size_t i = 0; i + step < bytes.size(); ++i) bytes[i] = base::select(moves, bytes[i + step], bytes[i]);
  }
}

}  // namespace

std::size_t CbcProtection::fragment_size(std::size_t content_size) const noexcept {
  const std::size_t mac_size = keys_.mac_size();
  return explicit_iv_size() + (order_ == crypto::MacOrder::mac_then_encrypt ? padded(content_size + mac_size)
                                                                            : padded(content_size) + mac_size);
}

bool CbcProtection::seal(PseudoHeader header, Bytes content, MutableBytes fragment) noexcept {
  const crypto::Hmac* mac = keys_.mac();
  if (mac == nullptr) return false;
  const crypto::InitializationVector iv = make_iv();
  const MutableBytes blocks = base::copy(Bytes(iv).first(explicit_iv_size()), fragment);
  if (order_ == crypto::MacOrder::mac_then_encrypt) {
    const crypto::Digest code = mac->code(header, content);
    write_padding(base::copy(code.view(), base::copy(content, blocks)));
    return encrypt(iv, blocks);
  }
  const MutableBytes text = blocks.first(blocks.size() - keys_.mac_size());
  write_padding(base::copy(content, text));
  if (!encrypt(iv, text)) return false;
  const Bytes authenticated = fragment.first(fragment.size() - keys_.mac_size());
  set_length(header, authenticated.size());
  const crypto::Digest code = mac->code(header, authenticated);
  base::copy(code.view(), blocks.last(keys_.mac_size()));
  return true;
}

std::optional<Bytes> CbcProtection::open(PseudoHeader header, MutableBytes fragment) noexcept {
  return order_ == crypto::MacOrder::mac_then_encrypt ? open_with_mac_inside(header, fragment)
                                                      : open_with_mac_behind(header, fragment);
}

crypto::InitializationVector CbcProtection::make_iv() noexcept {
  if (next_iv_) return *next_iv_;
  crypto::InitializationVector iv;
  ivs_.fill(iv);
  return iv;
}

bool CbcProtection::encrypt(const crypto::InitializationVector& iv, MutableBytes blocks) noexcept {
  if (!keys_.encrypt(iv, blocks)) return false;
  if (next_iv_) base::copy(blocks.last(block_size), *next_iv_);
  return true;
}

bool CbcProtection::decrypt(MutableBytes fragment) noexcept {
  crypto::InitializationVector iv;
  base::copy(next_iv_ ? Bytes(*next_iv_) : fragment.first(block_size), iv);
  if (next_iv_) base::copy(fragment.last(block_size), *next_iv_);
  return keys_.decrypt(iv, fragment.subspan(explicit_iv_size()));
}

/// Where the content ends is a secret until the MAC has been checked: who can tell bad padding from a bad MAC, or sees
/// how much was hashed, decrypts byte by byte (RFC 5246, section 6.2.3.2; Lucky 13).
std::optional<Bytes> CbcProtection::open_with_mac_inside(PseudoHeader header, MutableBytes fragment) noexcept {
  const std::size_t mac_size = keys_.mac_size();
  if (fragment.size() % block_size != 0 || fragment.size() < explicit_iv_size() + padded(mac_size)) return std::nullopt;
  const crypto::Hmac* mac = keys_.mac();
  if (mac == nullptr || !decrypt(fragment)) return std::nullopt;
  const Bytes text = fragment.subspan(explicit_iv_size());
  const std::size_t longest = text.size() - mac_size - 1;  // with the least padding
  const Padding padding = find_padding(text, text.size() - mac_size);
  const auto size = static_cast<std::uint32_t>(text.size() - mac_size) - padding.size;
  set_length(header, size);
  const crypto::Digest expected = mac->code_of_prefix(header, text.first(longest), size);

  const std::size_t shortest = longest - std::min(longest, most_padding);
  std::array<std::uint8_t, most_padding + 64> room;
  const MutableBytes window = MutableBytes(room).first(longest - shortest + mac_size);
  base::copy(text.subspan(shortest, window.size()), window);
  shift_to_front(window, size - static_cast<std::uint32_t>(shortest));
  std::uint32_t wrong = ~padding.good;
  for (std::size_t i = 0; i < mac_size; ++i) wrong |= static_cast<std::uint32_t>(expected.view()[i] ^ window[i]);
  if (base::declassify(wrong) != 0) return std::nullopt;
  return text.first(size);
}

/// RFC 7366, section 3: nothing is decrypted that is not authentic, and so padding tells nothing.
std::optional<Bytes> CbcProtection::open_with_mac_behind(PseudoHeader header, MutableBytes fragment) noexcept {
  const std::size_t mac_size = keys_.mac_size();
  if (fragment.size() < explicit_iv_size() + block_size + mac_size || (fragment.size() - mac_size) % block_size != 0)
    return std::nullopt;
  const MutableBytes authenticated = fragment.first(fragment.size() - mac_size);
  const crypto::Hmac* mac = keys_.mac();
  if (mac == nullptr) return std::nullopt;
  set_length(header, authenticated.size());
  const crypto::Digest expected = mac->code(header, authenticated);
  if (!base::equal_in_constant_time(expected.view(), fragment.last(mac_size)) || !decrypt(authenticated))
    return std::nullopt;
  const Bytes text = authenticated.subspan(explicit_iv_size());
  const Padding padding = find_padding(text, text.size());
  if (padding.good == 0) return std::nullopt;
  return text.first(text.size() - padding.size);
}

}  // namespace handfast::record
