#include "proxy/patterns.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "x509/ascii.h"

namespace handfast::proxy {
namespace {

/// RFC 3986, section 2.3.
bool is_unreserved(char c) noexcept {
  const char low = x509::lower(c);
  return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string without_needless_escapes(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && path.size() - i > 2) {
      const std::optional<unsigned> high = x509::hex_digit(path[i + 1]);
      const std::optional<unsigned> low = x509::hex_digit(path[i + 2]);
      const char c = static_cast<char>(high.value_or(0) * 16 + low.value_or(0));
      if (high && low && is_unreserved(c)) {
        out += c;
        i += 2;
        continue;
      }
    }
    out += path[i];
  }
  return out;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one that was passed
  std::size_t taken = 0;                      // up to where it has taken characters
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<x509::NameSet> parse_hosts(std::string option, std::span<const std::string> texts) {
  Result<x509::NameSet> hosts = x509::NameSet::parse(texts);
  if (hosts) return hosts;
  const Fact::Value* problem = hosts.error().find("problem");
  const Fact::Value* value = hosts.error().find("value");
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::move(option))
                  .with("problem", problem != nullptr ? handfast::to_text(*problem) : "it is no host")
                  .with("value", value != nullptr ? handfast::to_text(*value) : "")
                  .with("remedy", "Write a host, \"*.example.com\", an address or a block of them."));
}

std::string normalized_path(std::string_view path) {
  const std::string plain = without_needless_escapes(path);
  std::string out;
  std::string_view rest = plain;
  while (!rest.empty()) {
    const std::size_t end = rest.find('/', 1);
    const std::string_view step = rest.substr(0, end);  // with the slash before it
    rest.remove_prefix(step.size());
    const bool is_last = rest.empty();
    if (step == "/.." || step == "/.") {
      if (step == "/..") out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
      if (is_last) out += '/';
    } else if (step != "/" || is_last) {
      out += step;
    }
  }
  return out;
}

}  // namespace handfast::proxy
