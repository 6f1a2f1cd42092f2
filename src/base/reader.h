// A cursor over bytes that came from outside.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::base {

/// Reads big-endian numbers and length-prefixed vectors (RFC 8446, section 3). A read past the end gives zero or an
/// empty view and marks the reader as failed for good, so a parser reads all its fields and asks once, at the end,
/// with `ok` or `done`. After a failure nothing is left: a loop `while (!r.empty())` ends.
class Reader {
 public:
  explicit Reader(Bytes bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() noexcept { return number(8); }

  /// The next `count` bytes.
  Bytes take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  /// opaque vectors <..2^8-1>, <..2^16-1>, <..2^24-1>: the length and then that many bytes.
  Bytes vector8() noexcept { return take(u8()); }
  Bytes vector16() noexcept { return take(u16()); }
  Bytes vector24() noexcept { return take(u24()); }

  /// All that is left.
  Bytes rest() noexcept { return take(rest_.size()); }
  Bytes peek() const noexcept { return rest_; }

  std::size_t size() const noexcept { return rest_.size(); }
  bool empty() const noexcept { return rest_.empty(); }
  bool ok() const noexcept { return ok_; }
  /// Every read succeeded and nothing is left over.
  bool done() const noexcept { return ok_ && rest_.empty(); }
  /// Marks the input as bad: for a value that parses but is not allowed.
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

 private:
  std::uint64_t number(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (std::uint8_t byte : take(width)) value = value << 8 | byte;
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

}  // namespace handfast::base
