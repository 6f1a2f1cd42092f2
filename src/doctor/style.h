// How texts for people are set: width, colour, the characters of a ladder, and what a peer's own words may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace handfast::doctor {

enum class Paint : unsigned char { plain, bold, dim, red, green, yellow, cyan };

struct Style {
  std::size_t width = 80;  ///< columns, at least 60
  bool colour = false;     ///< ANSI colours
  bool unicode = true;     ///< false: ASCII only

  std::string paint(Paint paint, std::string_view text) const;
  /// What stands between the words of a list.
  std::string_view dot() const noexcept { return unicode ? " · " : "; "; }
  std::string_view passed() const noexcept { return unicode ? "✓" : "ok:"; }
  std::string_view failed() const noexcept { return unicode ? "✗" : "failed:"; }
};

/// The style for a file descriptor: colour only on a terminal and where NO_COLOR is not set (no-color.org), the
/// characters that the locale has, the terminal's width up to 100 columns; 80 where it is none.
Style style_of(int descriptor);

/// Columns that a UTF-8 text takes on a terminal, for the characters that we use: one for each code point.
std::size_t columns(std::string_view text) noexcept;

/// A peer's words, safe to be shown: whatever is not printable ASCII as \xNN, at most `limit` characters. Nothing that
/// a peer sends may speak to the terminal.
std::string printable(std::string_view text, std::size_t limit = 256);
/// The same for texts in UTF-8 (names in certificates): control characters only, C1 and bidirectional ones among them.
std::string printable_utf8(std::string_view text, std::size_t limit = 512);
/// The same for whole texts, which keep their lines and tabs.
std::string printable_lines(std::string_view text);

/// A word of a shell command, quoted where a shell would take it for anything else; what cannot be shown in POSIX's
/// $'...'.
std::string shell_word(std::string_view text);

/// "1,234".
std::string grouped(std::uint64_t number);
/// "1 byte", "1,234 bytes".
std::string counted(std::uint64_t count, std::string_view what);

/// Nanoseconds for people: "0.4 ms", "12 ms", "1.24 s".
std::string duration_text(std::uint64_t nanoseconds);

/// A name of the code's in words: "server_name" as "server name".
std::string spaced(std::string_view name);

/// Lines of at most `width` columns, broken at spaces; a word longer than a line is cut.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// The same for items with `separator` between them: an item is broken only where it is longer than a line.
std::vector<std::string> wrap_items(const std::vector<std::string>& items, std::string_view separator,
                                    std::size_t width);

/// `label`, padded to `indent` columns, and the text behind it, wrapped and hanging; ends with a newline.
std::string paragraph(const Style& style, std::string_view label, std::string_view text, std::size_t indent);

}  // namespace handfast::doctor
