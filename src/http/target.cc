#include "http/target.h"

#include <algorithm>
#include <utility>

#include "http/grammar.h"
#include "x509/ascii.h"

namespace handfast::http {
namespace {

/// Browsers send more than RFC 3986 allows ('|', '{', '"'); what no URI can have, and what others cut at, is refused.
bool is_target_char(char c) noexcept { return c > ' ' && c < 127 && c != '#'; }

bool is_alpha(char c) noexcept { return x509::lower(c) >= 'a' && x509::lower(c) <= 'z'; }

/// RFC 3986, section 3.1.
bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && is_alpha(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

std::optional<Target> parse_absolute(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) return std::nullopt;
  Target target{.form = TargetForm::absolute};
  for (const char c : text.substr(0, colon)) target.scheme += x509::lower(c);
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  target.authority = parse_authority(text.substr(0, end));
  if (!target.authority) return std::nullopt;
  text.remove_prefix(end);
  // RFC 9112, section 3.2.1: an empty path is sent as "/".
  if (!text.starts_with('/')) target.path = '/';
  target.path += text;
  return target;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(0, bracket + 1);
    port = text.substr(bracket + 1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  Result<x509::ServerName> name = x509::ServerName::parse(host);
  if (!name) return std::nullopt;
  // Between brackets stands an IPv6 address, and nowhere else.
  if (host.starts_with('[') != (name->is_ip() && name->ip().size() == 16)) return std::nullopt;
  Authority authority{*std::move(name), std::nullopt};
  if (port.size() > 1) {
    const std::optional<std::uint64_t> number = parse_digits(port.substr(1));
    if (!port.starts_with(':') || port.size() > 6 || !number || *number == 0 || *number > 65535) return std::nullopt;
    authority.port = static_cast<std::uint16_t>(*number);
  } else if (port.size() == 1 && port != ":") {
    return std::nullopt;
  }
  return authority;
}

std::string to_text(const Authority& authority) {
  const bool brackets = authority.host.is_ip() && authority.host.ip().size() == 16;
  std::string text = brackets ? '[' + authority.host.text() + ']' : authority.host.text();
  if (authority.port) text.append(":").append(std::to_string(*authority.port));
  return text;
}

std::optional<Target> parse_target(std::string_view method, std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_target_char)) return std::nullopt;
  if (method == "CONNECT") {
    Target target{.form = TargetForm::authority};
    target.authority = parse_authority(text);
    if (!target.authority || !target.authority->port) return std::nullopt;
    return target;
  }
  if (text.front() == '/') return Target{.form = TargetForm::origin, .path = std::string(text)};
  if (text == "*") {
    if (method != "OPTIONS") return std::nullopt;
    return Target{.form = TargetForm::asterisk, .path = "*"};
  }
  return parse_absolute(text);
}

}  // namespace handfast::http
