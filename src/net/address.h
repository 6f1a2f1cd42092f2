// Where to connect to or listen on, as people write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/error.h>

namespace handfast::net {

/// "example.com:443", "192.0.2.1:443", "[2001:db8::1]:443", ":443".
struct HostPort {
  std::string host;  ///< without brackets; empty: every address (to listen on)
  std::uint16_t port;
};

/// Reads HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT, :PORT or an IPv6 address without brackets (then without a port).
/// Without `default_port` the port must be there. A host in U-labels comes out in A-labels. Fails with bad_config.
Result<HostPort> parse_host_port(std::string_view text, std::optional<std::uint16_t> default_port);

/// "192.0.2.1:443", "[2001:db8::1]:443".
std::string to_text(const HostPort& address);

}  // namespace handfast::net
