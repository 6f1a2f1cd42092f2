// What becomes of a CONNECT (RFC 9110, section 9.3.6): a tunnel to its target, or a refusal.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/http_server.h>

#include "http/target.h"
#include "proxy/access.h"
#include "proxy/leg.h"
#include "proxy/limits.h"
#include "proxy/log.h"

namespace handfast::proxy {

struct ConnectRequest {
  std::string_view way;  ///< for the log
  boost::asio::ip::tcp::endpoint peer;
  std::string user{};  ///< who has authenticated
  http::Authority target;
  Buffer received{};  ///< what came behind the head already: it goes nowhere before the tunnel is there
};

/// Checks the target, connects to it, says "200 Connection established" and moves bytes until both sides have ended.
/// Where it can't: 403, 429, 502 or 504, with nothing of the reason, which the log is told. The connection is over
/// afterwards: behind a CONNECT that was refused nothing is taken for a request. `access` outlives it.
Awaitable<> serve_connect(Leg& client, ConnectRequest request, const AccessList& access, Limits limits, Log& log);

/// Gives that answer and ends the connection in good order.
Awaitable<> answer_and_close(Leg& client, http::Response response);

}  // namespace handfast::proxy
