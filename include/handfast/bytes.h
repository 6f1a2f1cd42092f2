// Views of bytes, and bytes that are owned.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace handfast {

/// A read-only view; whoever hands one out says how long it is valid.
using Bytes = std::span<const std::uint8_t>;

/// A view that the callee may write to (records are decrypted in place).
using MutableBytes = std::span<std::uint8_t>;

/// Bytes that are owned, growing at the end.
using Buffer = std::vector<std::uint8_t>;

/// The bytes of a text, as they stand; valid as long as the text is.
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Bytes looked at as text, unchecked; valid as long as the bytes are.
inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace handfast
