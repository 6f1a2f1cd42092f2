// Where a client wants to go: looked at as a name, resolved once, looked at again as addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "proxy/access.h"
#include "proxy/leg.h"
#include "x509/server_name.h"

namespace handfast::proxy {

struct TargetFailure {
  std::string reason;               ///< for the log alone: it may tell of a network that is not the client's to know
  boost::system::error_code error;  ///< of the resolver; none: `access` refuses it
};

/// The addresses that may be connected to, and no others, without resolving again; at least one. `access` outlives it.
Awaitable<std::expected<std::vector<boost::asio::ip::tcp::endpoint>, TargetFailure>> resolve_target(
    const AccessList& access, x509::ServerName host, std::uint16_t port, std::chrono::milliseconds patience);

}  // namespace handfast::proxy
