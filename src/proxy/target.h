// Where a client wants to go: looked at as a name, resolved once, looked at again as addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <handfast/http_server.h>

#include "proxy/access.h"
#include "proxy/leg.h"
#include "x509/server_name.h"

namespace handfast::proxy {

struct TargetFailure {
  unsigned status;                  ///< what a client is told: 403, 429, or else 502 or 504
  std::string reason;               ///< for the log alone: it may tell of a network that is not the client's to know
  boost::system::error_code error;  ///< of the resolver; none, with 403 and 429: it is we who refuse

  bool refused() const noexcept { return !error; }
  /// What a client is told of a refusal.
  http::Response answer() const;
};

/// 403: `access` refuses it.
http::Response forbidden();

/// The addresses that may be connected to, and no others, without resolving again; at least one. 403: `access` refuses
/// it; 429: as many look-ups of that client wait as may (net::resolve_for). `access` outlives it.
Awaitable<std::expected<std::vector<boost::asio::ip::tcp::endpoint>, TargetFailure>> resolve_target(
    const AccessList& access, boost::asio::ip::tcp::endpoint client, x509::ServerName host, std::uint16_t port,
    std::chrono::milliseconds patience);

}  // namespace handfast::proxy
