// Whom a request is for: the four forms of its target (RFC 9112, section 3.2), and Host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "x509/server_name.h"

namespace handfast::http {

/// uri-host [":" port], RFC 9110, section 7.2.
struct Authority {
  x509::ServerName host;  ///< canonical
  std::optional<std::uint16_t> port;
  friend bool operator==(const Authority&, const Authority&) = default;
};

/// "example.com", "example.com:8443", "[2001:db8::1]:443". Nothing for what is none: an empty host, a user in front of
/// it (RFC 9110, section 4.2.4), a port that is no number of 16 bits or 0, a name that is no host's. "example.com:" has
/// no port.
std::optional<Authority> parse_authority(std::string_view text);
/// As it stands in Host and in a URI: "[2001:db8::1]:443"; without the port where there is none.
std::string to_text(const Authority& authority);

enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

struct Target {
  TargetForm form = TargetForm::origin;
  std::string scheme{};                  ///< of the absolute form, in lower case
  std::optional<Authority> authority{};  ///< of the absolute and the authority form
  std::string path{};                    ///< with its query, "/path?query"; "*" of the asterisk form, else empty
};

/// A request's target, in a form that its method may have: authority (with a port) for CONNECT and nothing else,
/// asterisk for OPTIONS alone. Nothing for what is none, and for a byte that is not in US-ASCII, a control character, a
/// space and "#".
std::optional<Target> parse_target(std::string_view method, std::string_view text);

}  // namespace handfast::http
