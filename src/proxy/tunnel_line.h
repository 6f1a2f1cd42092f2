// What the log says of bytes that were moved and not looked at.
#pragma once

#include <chrono>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "proxy/log.h"
#include "proxy/origin.h"
#include "proxy/relay.h"

namespace handfast::proxy {

/// What is not known stays empty.
struct TunnelSeen {
  std::string_view way;  ///< "passthrough"
  boost::asio::ip::tcp::endpoint peer;
  std::string_view user;                   ///< who has authenticated
  std::string_view sni;                    ///< of a ClientHello that went through
  const Origin* origin = nullptr;          ///< whom it was for
  boost::asio::ip::tcp::endpoint address;  ///< and which of its addresses that was
  std::chrono::steady_clock::time_point began;
};

/// Event "tunnel": who with whom, bytes both ways, how long, and what ended it where that was no end in good order.
void log_tunnel(Log& log, const TunnelSeen& seen, const Relayed& moved);
/// The same of one that did not come to be, for a reason that no handshake or connection has given.
void log_refused_tunnel(Log& log, const TunnelSeen& seen, std::string_view reason);
/// The same where the origin could not be reached.
void log_unreached(Log& log, const TunnelSeen& seen, const NetError& error);

}  // namespace handfast::proxy
