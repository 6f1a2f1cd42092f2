// A hash for tables that peers fill: under a key that they do not know, so that they can aim at no slot.
#pragma once

#include <array>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/random.h>

namespace handfast::session {

/// SipHash-2-4 (Aumasson and Bernstein, 2012). No more than a hash for tables: 64 bits prove nothing.
class KeyedHash {
 public:
  /// Under 16 random bytes.
  explicit KeyedHash(Random& random) : KeyedHash(draw(random)) {}
  explicit KeyedHash(const std::array<std::uint8_t, 16>& key) noexcept;
  std::uint64_t operator()(Bytes bytes) const noexcept;

 private:
  static std::array<std::uint8_t, 16> draw(Random& random) {
    std::array<std::uint8_t, 16> key;
    random.fill(key);
    return key;
  }

  std::uint64_t first_;
  std::uint64_t second_;
};

}  // namespace handfast::session
