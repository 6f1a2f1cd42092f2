// The small words of HTTP's grammar (RFC 9110, section 5.6): tokens, lists, optional white space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace handfast::http {

/// tchar, RFC 9110, section 5.6.2.
bool is_token_char(char c) noexcept;
/// At least one tchar and nothing else: methods, names of fields.
bool is_token(std::string_view text) noexcept;
/// What may stand in a field's value (RFC 9110, section 5.5): no control character but HTAB.
bool is_field_value(std::string_view text) noexcept;
/// Names of fields, tokens that know no case.
bool same_name(std::string_view a, std::string_view b) noexcept;
/// Without the spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;
/// 1*DIGIT and nothing else: no sign, no space; nothing where it does not fit into 64 bits.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept;

/// Takes the next element of a list (RFC 9110, section 5.6.1) from its beginning, trimmed; an empty element is one. A
/// comma in a quoted string parts nothing. Nothing where the list is over; call it with a list that is not empty.
class ListReader {
 public:
  explicit ListReader(std::string_view list) noexcept : rest_(list) {}
  std::optional<std::string_view> next() noexcept;

 private:
  std::string_view rest_;
  bool over_ = false;
};

}  // namespace handfast::http
