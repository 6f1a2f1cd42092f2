// What ladders are drawn with: rails, and between two of them arrows and words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "doctor/step_words.h"
#include "doctor/style.h"

namespace handfast::doctor {

struct Glyphs {
  std::string_view rail, branch_left, branch_right, to_right, to_left, clear, encrypted, event;
  std::string_view crossing_clear, crossing_encrypted;  ///< where an arrow goes through a rail

  std::string_view shaft(bool is_encrypted) const noexcept { return is_encrypted ? encrypted : clear; }
  std::string_view crossing(bool is_encrypted) const noexcept {
    return is_encrypted ? crossing_encrypted : crossing_clear;
  }
};
const Glyphs& glyphs_of(const Style& style) noexcept;

std::string repeat(std::string_view glyph, std::size_t count);

/// The column in front of the first rail.
class Times {
 public:
  static constexpr std::size_t width = 9;

  explicit Times(const Style& style) noexcept : style_(style) {}
  /// The time, in nanoseconds, on its first line; on those that follow with the same, room.
  std::string next(std::uint64_t at);
  static std::string none() { return std::string(width, ' '); }

 private:
  const Style& style_;
  std::uint64_t shown_ = ~std::uint64_t{0};
};

/// From which of two rails an arrow goes to the other.
enum class From : std::uint8_t { left, right };

/// Columns that an arrow takes beside its text, at least.
inline constexpr std::size_t arrow_room = 5;

/// An arrow from rail to rail, its text beside the one it comes from: `width` columns, where the text leaves room for
/// it.
std::string arrow_line(const Style& style, const Arrow& arrow, From from, std::size_t width);
/// The same without its head, for one that goes on behind the other rail.
std::string shaft_line(const Style& style, const Arrow& arrow, From from, std::size_t width);

inline constexpr std::size_t words_indent = 3;
/// Words between two rails that are `width` columns apart, in at most `width` less `words_indent` and 1.
std::string words_line(const Style& style, Paint paint, std::string_view words, std::size_t width);

/// "── in the clear   ══ encrypted".
std::string legend(const Style& style);

}  // namespace handfast::doctor
