// What the log says of a request.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "proxy/exchange.h"
#include "proxy/log.h"

namespace handfast::proxy {

/// What is not known stays empty.
struct RequestSeen {
  std::string_view way;  ///< "intercept"
  boost::asio::ip::tcp::endpoint peer;
  std::string_view user{};    ///< who has authenticated
  std::string_view scheme{};  ///< "https"
  std::size_t rule = 0;       ///< the first that did something, from 1
};

/// Event "request": who asked whom for what, the answer, bytes and times; where it was no good end, `code` and `error`.
void log_request(Log& log, const RequestSeen& seen, const ExchangeRecord& record);

}  // namespace handfast::proxy
