// Pages, as tests read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace handfast::test {

/// What stands between each `begin` and the next `end`.
inline std::vector<std::string> between(std::string_view text, std::string_view begin, std::string_view end) {
  std::vector<std::string> out;
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
    at += begin.size();
    out.emplace_back(text.substr(at, text.find(end, at) - at));
  }
  return out;
}

inline std::string without_tags(std::string_view html) {
  std::string out;
  bool inside = false;
  for (const char c : html) {
    if (c == '<') inside = true;
    if (!inside) out += c;
    if (c == '>') inside = false;
  }
  return out;
}

inline bool is_in(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace handfast::test
