// Accepts TCP connections, so many at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/net_error.h>

#include "net/address.h"

namespace handfast::net {

/// Serves one connection; it lasts as long as the coroutine does.
using Serve = std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket)>;

class Listener {
 public:
  /// Binds and listens; every address means IPv6 and IPv4 where the machine has both. Fails at Stage::listen.
  static NetResult<Listener> open(boost::asio::any_io_executor executor, const HostPort& address);

  boost::asio::ip::tcp::endpoint local_endpoint() const noexcept;

  /// Accepts until `stop`, each connection on a strand of its own, at most `max_connections` at a time: the others wait
  /// in the kernel's queue. What one connection throws ends that connection alone.
  boost::asio::awaitable<void> run(Serve serve, std::size_t max_connections);

  /// From any thread. Accepts nothing more; connections that are there go on.
  void stop();

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state) noexcept;
  std::shared_ptr<State> state_;
};

}  // namespace handfast::net
