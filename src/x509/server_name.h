// The one canonical form of a server's name, and how certificates match it (RFC 9525, RFC 6125).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "x509/certificate.h"

namespace handfast::x509 {

/// A host name in lower case without a trailing dot, or an IP address.
class ServerName {
 public:
  /// From what a user or a URL says: "Example.COM.", "192.0.2.1", "2001:db8::1", "[2001:db8::1]". Fails with
  /// internal_error, bad_config, evidence `option` = "server_name", `problem`: labels are letters, digits, hyphens and
  /// underscores, 1 to 63 bytes, 253 in all; internationalised names must come as A-labels ("xn--...").
  static Result<ServerName> parse(std::string_view text);

  /// The canonical text; an IPv6 address without brackets, in RFC 5952's form.
  const std::string& text() const noexcept { return text_; }
  bool is_ip() const noexcept { return ip_size_ != 0; }
  /// 4 or 16 octets in network order, empty for a host name.
  Bytes ip() const noexcept { return {ip_.data(), ip_size_}; }

  friend bool operator==(const ServerName& a, const ServerName& b) noexcept { return a.text_ == b.text_; }

 private:
  ServerName() = default;
  std::string text_;
  std::array<std::uint8_t, 16> ip_{};
  std::uint8_t ip_size_ = 0;
};

/// Letters, digits, hyphens and underscores in labels of 1 to 63 bytes, 253 in all, no trailing dot.
bool is_host_name(std::string_view text) noexcept;

/// Whether a dNSName of a certificate is that host: without regard to case; "*" only as the whole leftmost label, for
/// exactly one label, and with at least two labels behind it.
bool matches_dns(std::string_view pattern, std::string_view host) noexcept;

/// Whether one entry of subjectAltName is that server. The common name is never consulted.
bool matches(const CertificateView& certificate, const ServerName& name) noexcept;

/// "192.0.2.1", "2001:db8::1" (RFC 5952) from 4 or 16 octets; octets of another number in hexadecimal.
std::string ip_text(Bytes address);

}  // namespace handfast::x509
