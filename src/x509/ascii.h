// ASCII without regard to case or locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace handfast::x509 {

inline char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace handfast::x509
