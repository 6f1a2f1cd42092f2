// SHA-256, HMAC, HKDF-Expand-Label and the PRF of TLS 1.2 by hand over libcrypto's low-level SHA-256: no context, no
// look-up.
#pragma once

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <handfast/bytes.h>

namespace handfast::bench {

using Block32 = std::array<std::uint8_t, 32>;

/// A running hash; a copy goes on from where it stands.
class Sha256 {
 public:
  Sha256() noexcept { SHA256_Init(&state_); }
  void update(Bytes bytes) noexcept { SHA256_Update(&state_, bytes.data(), bytes.size()); }
  Block32 digest() const noexcept {
    SHA256_CTX copy = state_;
    Block32 out;
    SHA256_Final(out.data(), &copy);
    return out;
  }
  static Block32 of(Bytes bytes) noexcept {
    Sha256 hash;
    hash.update(bytes);
    return hash.digest();
  }

 private:
  SHA256_CTX state_;
};

/// HMAC with the states behind its pads kept.
class HmacSha256 {
 public:
  explicit HmacSha256(Bytes key) noexcept {  // of at most 64 bytes
    std::array<std::uint8_t, 64> pad;
    pad.fill(0x36);
    for (std::size_t i = 0; i < key.size(); ++i) pad[i] ^= key[i];
    inner_.update(pad);
    for (std::uint8_t& byte : pad) byte ^= 0x36 ^ 0x5c;
    outer_.update(pad);
  }
  Block32 code(Bytes message) const noexcept {
    Sha256 inner = inner_;
    inner.update(message);
    Sha256 outer = outer_;
    outer.update(inner.digest());
    return outer.digest();
  }

 private:
  Sha256 inner_;
  Sha256 outer_;
};

/// HKDF-Expand-Label (RFC 8446, section 7.1) to at most 32 bytes: one HMAC. The first `length` bytes count.
inline Block32 expand_label(const HmacSha256& secret, std::string_view label, Bytes context,
                            std::uint8_t length = 32) noexcept {
  std::array<std::uint8_t, 2 + 1 + 18 + 1 + 32 + 1> info;
  std::size_t at = 0;
  const auto put = [&](std::uint8_t byte) { info[at++] = byte; };
  put(0);
  put(length);
  put(static_cast<std::uint8_t>(6 + label.size()));
  for (char c : std::string_view("tls13 ")) put(static_cast<std::uint8_t>(c));
  for (char c : label) put(static_cast<std::uint8_t>(c));
  put(static_cast<std::uint8_t>(context.size()));
  for (std::uint8_t byte : context) put(byte);
  put(1);
  return secret.code(Bytes(info).first(at));
}

/// PRF (RFC 5246, section 5) to `out`; label and seed have at most 96 bytes together.
inline void prf(const HmacSha256& secret, std::string_view label, Bytes seed, MutableBytes out) noexcept {
  std::array<std::uint8_t, 32 + 96> message;  // A(i), label, seed
  const auto a = message.begin();
  const auto begin = a + 32;
  const auto end = std::copy(seed.begin(), seed.end(), std::copy(label.begin(), label.end(), begin));
  std::ranges::copy(secret.code({begin, end}), a);
  while (true) {
    const Block32 block = secret.code({a, end});
    const std::size_t size = std::min(out.size(), block.size());
    std::copy_n(block.begin(), size, out.begin());
    out = out.subspan(size);
    if (out.empty()) return;
    std::ranges::copy(secret.code({a, begin}), a);
  }
}

}  // namespace handfast::bench
