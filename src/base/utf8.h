// Characters in UTF-8 (RFC 3629), told from octets that are none.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::base {

/// How many octets a well-formed UTF-8 character at the start of `text` has; 0 where there is none. Not empty.
inline std::size_t utf8_character(Bytes text) noexcept {
  std::uint8_t first = text[0];
  if (first < 0x80) return 1;
  std::size_t size = first >= 0xc2 && first < 0xe0   ? 2
                     : first >= 0xe0 && first < 0xf0 ? 3
                     : first >= 0xf0 && first < 0xf5 ? 4
                                                     : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((text[i] & 0xc0) != 0x80) return 0;
  bool overlong = (first == 0xe0 && text[1] < 0xa0) || (first == 0xf0 && text[1] < 0x90);
  bool out_of_range = (first == 0xed && text[1] >= 0xa0) || (first == 0xf4 && text[1] >= 0x90);
  return overlong || out_of_range ? 0 : size;
}

/// Whether all of it is well-formed.
inline bool is_utf8(Bytes text) noexcept {
  while (!text.empty()) {
    std::size_t size = utf8_character(text);
    if (size == 0) return false;
    text = text.subspan(size);
  }
  return true;
}

}  // namespace handfast::base
