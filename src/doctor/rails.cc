#include "doctor/rails.h"

#include <fmt/format.h>

namespace handfast::doctor {
namespace {

constexpr Glyphs unicode_glyphs = {"│", "├", "┤", "▶", "◀", "─", "═", "┄", "┼", "╪"};
constexpr Glyphs ascii_glyphs = {"|", "|", "|", ">", "<", "-", "=", ".", "+", "+"};

}  // namespace

const Glyphs& glyphs_of(const Style& style) noexcept { return style.unicode ? unicode_glyphs : ascii_glyphs; }

std::string repeat(std::string_view glyph, std::size_t count) {
  std::string out;
  for (; count != 0; --count) out += glyph;
  return out;
}

std::string Times::next(std::uint64_t at) {
  if (at == shown_) return none();
  shown_ = at;
  return style_.paint(Paint::dim, fmt::format("{:>{}}", duration_text(at), width - 1)) + ' ';
}

std::string shaft_line(const Style& style, const Arrow& arrow, From from, std::size_t width) {
  const std::string_view line = glyphs_of(style).shaft(arrow.encrypted);
  const std::size_t taken = columns(arrow.text) + 2;
  const std::string end = repeat(line, width > taken + 2 ? 2 : 1);
  const std::string fill = repeat(line, width > taken + 2 ? width - taken - 2 : 1);
  const std::string text = style.paint(arrow.paint == Paint::plain ? Paint::bold : arrow.paint, arrow.text);
  return from == From::left ? fmt::format("{} {} {}", end, text, fill) : fmt::format("{} {} {}", fill, text, end);
}

std::string arrow_line(const Style& style, const Arrow& arrow, From from, std::size_t width) {
  const Glyphs& glyphs = glyphs_of(style);
  const std::string shaft = shaft_line(style, arrow, from, width - 1);
  return from == From::left ? shaft + std::string(glyphs.to_right) : std::string(glyphs.to_left) + shaft;
}

std::string words_line(const Style& style, Paint paint, std::string_view words, std::size_t width) {
  return std::string(words_indent, ' ') + style.paint(paint, words) +
         std::string(width - words_indent - columns(words), ' ');
}

std::string legend(const Style& style) {
  const Glyphs& glyphs = glyphs_of(style);
  return fmt::format("{0}{0} in the clear   {1}{1} encrypted", glyphs.clear, glyphs.encrypted);
}

}  // namespace handfast::doctor
