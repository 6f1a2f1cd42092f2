// std::ranges::contains, which g++ 12 lacks.
#pragma once

#include <algorithm>
#include <ranges>

namespace handfast::base {

template <std::ranges::input_range Range, typename Value>
constexpr bool contains(Range&& range, const Value& value) {
  for (const auto& each : range)
    if (each == value) return true;
  return false;
}

}  // namespace handfast::base
