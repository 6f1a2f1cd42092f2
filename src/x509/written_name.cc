#include "x509/written_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <handfast/bytes.h>

#include "x509/ascii.h"
#include "x509/name.h"

namespace handfast::x509 {
namespace {

using Text = std::expected<std::string, std::string>;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// Two hexadecimal digits at the front.
std::optional<char> octet_at(std::string_view text) {
  if (text.size() < 2) return {};
  const std::optional<unsigned> high = hex_digit(text[0]);
  const std::optional<unsigned> low = hex_digit(text[1]);
  return high && low ? std::optional(static_cast<char>(*high << 4 | *low)) : std::nullopt;
}

/// "#04024869" (RFC 4514, section 2.4), the "#" taken off.
Text parse_encoded(std::string_view digits) {
  std::string der;
  for (std::string_view rest = digits; !rest.empty(); rest.remove_prefix(2)) {
    const std::optional<char> octet = octet_at(rest);
    if (!octet) return std::unexpected("behind a # stands DER in hexadecimal; a # that begins a text is written \\#");
    der += *octet;
  }
  std::optional<std::string> value = attribute_value_text(as_bytes(der));
  if (!value) return std::unexpected("what stands behind the # is no value in DER");
  return *std::move(value);
}

class Parser {
 public:
  explicit Parser(std::string_view text) noexcept : rest_(text) {}

  Text parse() {
    std::string out;
    for (;;) {
      Text attribute = parse_attribute();
      if (!attribute) return attribute;
      out += *attribute;
      if (rest_.empty()) return out;
      out += rest_.front() == ',' ? ", " : "+";
      rest_.remove_prefix(1);
    }
  }

 private:
  /// Up to the comma or plus that ends it.
  Text parse_attribute() {
    const std::size_t end = std::min(rest_.find_first_of(",+="), rest_.size());
    if (end == rest_.size() || rest_[end] != '=')
      return std::unexpected("a subject is TYPE=value, ...; a comma or plus of a value is written \\, or \\+");
    const std::string_view written = trimmed(rest_.substr(0, end));
    const std::optional<std::string> type = attribute_type_text(written);
    if (!type)
      return std::unexpected(fmt::format("\"{}\" is no type that a name has (C, ST, L, O, OU, CN, ...)", written));
    rest_.remove_prefix(end + 1);
    Text value = parse_value();
    if (value) value = *type + '=' + *value;
    return value;
  }

  Text parse_value() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    if (rest_.starts_with('#')) {
      const std::size_t end = std::min(rest_.find_first_of(",+"), rest_.size());
      const std::string_view digits = trimmed(rest_.substr(1, end - 1));
      rest_.remove_prefix(end);
      return parse_encoded(digits);
    }
    std::string characters;
    std::size_t size = 0;  // of them without the blanks at the end
    while (!rest_.empty() && rest_.front() != ',' && rest_.front() != '+') {
      const bool escaped = rest_.front() == '\\';
      if (escaped) {
        const std::optional<char> c = take_escaped();
        if (!c) return std::unexpected("behind a \\ stands one of ,+\"\\<>;#= or a blank, or two hexadecimal digits");
        characters += *c;
      } else {
        characters += rest_.front();
        rest_.remove_prefix(1);
      }
      if (escaped || characters.back() != ' ') size = characters.size();
    }
    characters.resize(size);
    std::optional<std::string> value = attribute_value_text(std::string_view(characters));
    if (!value) return std::unexpected("a value is no text in UTF-8");
    return *std::move(value);
  }

  /// The character, or octet of one, that an escape at the front stands for.
  std::optional<char> take_escaped() {
    rest_.remove_prefix(1);
    std::optional<char> c = octet_at(rest_);
    std::size_t size = 2;
    if (!c && !rest_.empty() && std::string_view(" ,+\"\\<>;#=").find(rest_.front()) != std::string_view::npos) {
      c = rest_.front();
      size = 1;
    }
    if (c) rest_.remove_prefix(size);
    return c;
  }

  std::string_view rest_;
};

}  // namespace

std::expected<std::string, std::string> parse_written_name(std::string_view text) { return Parser(text).parse(); }

}  // namespace handfast::x509
