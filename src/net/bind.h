// A listening TCP socket at an address as people write it.
#pragma once

#include <cstdint>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/net_error.h>

#include "net/address.h"

namespace handfast::net {

/// Who may listen at the same address beside us.
enum class Sharing : std::uint8_t {
  alone,
  with_workers,  ///< sockets of ours: the kernel shares connections out among them (SO_REUSEPORT)
};

/// Every address (an empty host) means IPv6 and IPv4 where the machine has both. A host that has several addresses is
/// listened to at the first that can be had. Fails at Stage::listen.
NetResult<boost::asio::ip::tcp::acceptor> bind_and_listen(const boost::asio::any_io_executor& executor,
                                                          const HostPort& address, Sharing sharing);

}  // namespace handfast::net
