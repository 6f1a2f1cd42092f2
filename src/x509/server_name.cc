#include "x509/server_name.h"

#include <arpa/inet.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "x509/ascii.h"
#include "x509/general_name.h"

namespace handfast::x509 {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::unexpected<Error> refused(std::string_view text, const char* problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "server_name")
                  .with("problem", problem)
                  .with("value", std::string(text.substr(0, 300))));
}

const char* problem_of_label(std::string_view label) noexcept {
  if (label.empty()) return "an empty label";
  if (label.size() > 63) return "a label is longer than 63 bytes";
  if (label.front() == '-' || label.back() == '-') return "a label begins or ends with a hyphen";
  for (char c : label) {
    if (static_cast<unsigned char>(c) >= 0x80) return "an internationalised name; write it as A-labels (xn--...)";
    if (!(lower(c) >= 'a' && lower(c) <= 'z') && !is_digit(c) && c != '-' && c != '_')
      return "a character that no host name has";
  }
  return nullptr;
}

/// nullptr, or what keeps `host` from being a host name.
const char* problem_of(std::string_view host) noexcept {
  if (host.empty()) return "an empty name";
  if (host.size() > 253) return "longer than 253 bytes";
  for (std::size_t at = 0; at <= host.size();) {
    std::size_t end = std::min(host.find('.', at), host.size());
    if (const char* problem = problem_of_label(host.substr(at, end - at))) return problem;
    at = end + 1;
  }
  return nullptr;
}

}  // namespace

Result<ServerName> ServerName::parse(std::string_view text) {
  ServerName name;
  std::string_view literal = text;
  if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']')
    literal = literal.substr(1, literal.size() - 2);
  std::string terminated(literal.substr(0, 64));
  // A literal with a NUL inside would end early for inet_pton.
  bool plain = terminated.find('\0') == std::string::npos;
  if (plain && literal == text && inet_pton(AF_INET, terminated.c_str(), name.ip_.data()) == 1) name.ip_size_ = 4;
  if (plain && name.ip_size_ == 0 && inet_pton(AF_INET6, terminated.c_str(), name.ip_.data()) == 1) name.ip_size_ = 16;
  if (name.is_ip()) {
    name.text_ = ip_text(name.ip());
    return name;
  }

  std::string_view host = text;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find(':') != std::string_view::npos) return refused(text, "neither a host name nor an IP address");
  if (const char* problem = problem_of(host)) return refused(text, problem);
  // No top-level domain is a number, so such a text was meant to be an address.
  if (std::ranges::all_of(host.substr(host.rfind('.') + 1), is_digit))
    return refused(text, "neither a host name nor an IP address");
  name.text_.resize(host.size());
  std::ranges::transform(host, name.text_.begin(), lower);
  return name;
}

bool is_host_name(std::string_view text) noexcept { return problem_of(text) == nullptr; }

bool matches_dns(std::string_view pattern, std::string_view host) noexcept {
  if (!pattern.starts_with("*.")) return equal_without_case(pattern, host);
  std::string_view parent = pattern.substr(2);
  std::size_t dot = host.find('.');
  if (parent.find('.') == std::string_view::npos || parent.find('*') != std::string_view::npos) return false;
  return dot != std::string_view::npos && dot > 0 && equal_without_case(parent, host.substr(dot + 1));
}

bool matches(const CertificateView& certificate, const ServerName& name) noexcept {
  Bytes rest = certificate.subject_alt_name.value_or(Bytes{});
  for (GeneralName entry; read_general_name(rest, entry);) {
    if (name.is_ip()) {
      if (entry.type == GeneralNameType::iPAddress && std::ranges::equal(entry.value, name.ip())) return true;
    } else if (entry.type == GeneralNameType::dNSName && matches_dns(as_text(entry.value), name.text())) {
      return true;
    }
  }
  return false;
}

std::string ip_text(Bytes address) {
  char text[INET6_ADDRSTRLEN];
  if (address.size() == 4) return inet_ntop(AF_INET, address.data(), text, sizeof text);
  if (address.size() == 16) return inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return fmt::format("{:02x}", fmt::join(address, ""));
}

}  // namespace handfast::x509
