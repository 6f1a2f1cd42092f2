#include "http/grammar.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "x509/ascii.h"

namespace handfast::http {
namespace {

constexpr std::array<bool, 256> token_chars = [] {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

bool is_token_char(char c) noexcept { return token_chars[static_cast<unsigned char>(c)]; }

bool is_token(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, is_token_char); }

bool is_field_value(std::string_view text) noexcept {
  return std::ranges::all_of(text,
                             [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 127); });
}

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && x509::equal_without_case(a, b);
}

std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  // from_chars of an unsigned number takes neither a sign nor a space.
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

std::optional<std::string_view> ListReader::next() noexcept {
  if (over_) return std::nullopt;
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest_.size(); ++end) {
    if (quoted && rest_[end] == '\\') {
      ++end;
    } else if (rest_[end] == '"') {
      quoted = !quoted;
    } else if (rest_[end] == ',' && !quoted) {
      break;
    }
  }
  end = std::min(end, rest_.size());
  const std::string_view element = trim(rest_.substr(0, end));
  over_ = end == rest_.size();
  if (!over_) rest_.remove_prefix(end + 1);
  return element;
}

}  // namespace handfast::http
