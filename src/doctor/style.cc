#include "doctor/style.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace handfast::doctor {
namespace {

/// The code point at the front of `text` and how many bytes it takes; a size of 0 for what is no UTF-8.
struct CodePoint {
  std::uint32_t value;
  std::size_t size;
};

CodePoint next_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {0, 0};
  std::uint32_t value = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {0, 0};
  return {value, size};
}

/// C0 and C1 controls, and what turns or hides the text around it.
bool is_control(std::uint32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

}  // namespace

std::string Style::paint(Paint paint, std::string_view text) const {
  constexpr const char* codes[] = {"", "1", "2", "31", "32", "33", "36"};
  if (!colour || paint == Paint::plain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(paint)], text);
}

Style style_of(int descriptor) {
  Style style;
  std::setlocale(LC_CTYPE, "");
  style.unicode = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  if (isatty(descriptor) == 0) return style;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  style.colour =
      (no_color == nullptr || *no_color == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
    style.width = std::clamp<std::size_t>(size.ws_col, 60, 100);
  return style;
}

std::size_t columns(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= limit) return out + "...";
    if (c >= 0x20 && c < 0x7f)
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
  }
  return out;
}

std::string printable_utf8(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const CodePoint c = next_code_point(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(c.size, 1));
    if (c.size != 0 && !is_control(c.value))
      out += bytes;
    else
      for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
    text.remove_prefix(bytes.size());
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    std::string_view piece = text.substr(0, end);
    if (text.substr(end).starts_with('\n') && piece.ends_with('\r')) piece.remove_suffix(1);
    out += printable_utf8(piece, std::string_view::npos);
    out += text.substr(end, 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";  // no ~: a shell expands it
  if (text.starts_with('-')) return shell_word(fmt::format("./{}", text));         // a file, not a flag
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
  const bool can_be_shown = printable_utf8(text, text.npos) == text;
  std::string out = can_be_shown ? "'" : "$'";
  for (const char c : text) {
    if (can_be_shown && c == '\'')
      out += "'\\''";
    else if (can_be_shown || (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\'))
      out += c;
    else
      out += fmt::format("\\{:03o}", static_cast<std::uint8_t>(c));  // \x would take digits that follow
  }
  return out + '\'';
}

std::string grouped(std::uint64_t number) {
  return number < 1000 ? std::to_string(number) : fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
}

std::string duration_text(std::uint64_t nanoseconds) {
  const double ms = static_cast<double>(nanoseconds) / 1e6;
  if (ms < 9.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string spaced(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) lines.push_back(std::move(line));
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!line.empty() && columns(line) + 1 + columns(word) > width) flush();
    while (columns(word) > width) {
      flush();
      std::size_t cut = 0;
      for (std::size_t taken = 0; taken < width; ++taken) {
        ++cut;
        while (cut < word.size() && (word[cut] & 0xc0) == 0x80) ++cut;
      }
      lines.emplace_back(word.substr(0, cut));
      word.remove_prefix(cut);
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  flush();
  return lines;
}

std::vector<std::string> wrap_items(const std::vector<std::string>& items, std::string_view separator,
                                    std::size_t width) {
  std::vector<std::string> lines;
  for (const std::string& item : items) {
    if (!lines.empty() && columns(lines.back()) + columns(separator) + columns(item) <= width) {
      lines.back() += separator;
      lines.back() += item;
      continue;
    }
    for (std::string& line : wrap(item, width)) lines.push_back(std::move(line));
  }
  return lines;
}

std::string paragraph(const Style& style, std::string_view label, std::string_view text, std::size_t indent) {
  std::string out;
  const std::size_t room = style.width > indent + 20 ? style.width - indent : 20;
  bool first = true;
  for (const std::string& line : wrap(text, room)) {
    const std::string_view head = first ? label : std::string_view();
    out += style.paint(Paint::dim, head);
    out.append(indent > columns(head) ? indent - columns(head) : 1, ' ');
    out += line;
    out += '\n';
    first = false;
  }
  return out;
}

}  // namespace handfast::doctor
