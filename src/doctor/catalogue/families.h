// The parts that the catalogue is put together from.
#pragma once

#include <span>
#include <string_view>

#include "doctor/catalogue/catalogue.h"

namespace handfast::doctor {

/// What one program prints, and the entry that says what it means. Where several entries share a text, the likeliest
/// comes first.
struct Saying {
  std::string_view code;
  std::string_view text;  ///< as in Alias
};

// The entries, each family in a file of its own.
std::span<const Entry> skeleton_entries() noexcept;

}  // namespace handfast::doctor
