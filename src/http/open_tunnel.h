// CONNECT as a client: through a proxy to somebody else.
#pragma once

#include <chrono>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/net_error.h>

#include "http/head.h"
#include "net/address.h"

namespace handfast::http {

/// What a proxy answered.
struct TunnelAnswer {
  ResponseHead head;  ///< final; 2xx: the tunnel is there, and whatever follows is its target's
  boost::asio::ip::tcp::socket socket;
  Buffer received;  ///< what came behind the head already

  bool is_open() const noexcept { return head.status / 100 == 2; }
};

/// Asks the proxy that `socket` is connected to for a tunnel to `target` (RFC 9110, section 9.3.6). Fails at
/// Stage::write and Stage::read as PlainStream does, with `eof` where the proxy has closed before its answer was there,
/// and with `bad_message` where that is no HTTP. `patience` is for the whole answer.
boost::asio::awaitable<NetResult<TunnelAnswer>> open_tunnel(boost::asio::ip::tcp::socket socket, net::HostPort target,
                                                            std::chrono::milliseconds patience);

}  // namespace handfast::http
