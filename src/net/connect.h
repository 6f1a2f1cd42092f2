// TCP to a host by name: every address it has is tried.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <handfast/net_error.h>

namespace handfast::net {

struct ConnectOptions {
  std::chrono::milliseconds resolve_timeout{10'000};
  /// For each address.
  std::chrono::milliseconds connect_timeout{5'000};
  /// Whether a resolved address may be tried; null: each. It is asked once for each, before the first is tried, and
  /// what is tried is what it was asked about.
  std::function<bool(const boost::asio::ip::tcp::endpoint&)> allowed{};
};

/// One address that was tried; no error: it answered. `access_denied`: it was not allowed, and not tried.
struct Attempt {
  boost::asio::ip::tcp::endpoint endpoint;
  boost::system::error_code error;
};

/// What came of it, and how.
struct Connected {
  /// Fails at Stage::resolve (then nothing was attempted), or at Stage::connect with the last attempt's error; with
  /// `access_denied` only where no address was allowed.
  NetResult<boost::asio::ip::tcp::socket> socket;
  /// In the order of trying, those that were not allowed first; where the socket is there, the last one is its.
  std::vector<Attempt> attempts;
};

/// Resolves and tries address after address, in the resolver's order. A name below localhost is loopback (RFC 6761,
/// section 6.3), 127.0.0.1 and then ::1: no resolver is asked.
boost::asio::awaitable<Connected> connect_tcp(std::string_view host, std::uint16_t port,
                                              const ConnectOptions& options = {});

}  // namespace handfast::net
