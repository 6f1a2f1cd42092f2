// What a listener does with its connections.
#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/plain_stream.h"
#include "proxy/leg.h"
#include "proxy/limits.h"

namespace handfast::proxy {

class Worker;

/// A connection that was accepted.
struct Arrival {
  net::PlainStream stream;
  boost::asio::ip::tcp::endpoint peer;   ///< the client, as the PROXY protocol says where that is trusted
  boost::asio::ip::tcp::endpoint local;  ///< what it connected to
  Admission::Place place;                ///< counted as long as this lives
};

/// One way of the proxy, with all that its options name loaded. Immutable: workers share it, and a reload replaces it
/// while connections of the old one go on.
class Service {
 public:
  virtual ~Service() = default;
  /// Serves one connection; it lasts as long as the coroutine does, and the service and the worker live longer.
  virtual Awaitable<> serve(Arrival arrival, Worker& worker) const = 0;
  virtual const Limits& limits() const noexcept = 0;
  /// Whether who connects from there passes on what others send, and says whose it is: then the limit of an address is
  /// theirs, and not that of who passes it on.
  virtual bool is_passed_on_from(const boost::asio::ip::address&) const noexcept { return false; }
};

}  // namespace handfast::proxy
