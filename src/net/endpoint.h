// Addresses of sockets as people write them.
#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace handfast::net {

/// "192.0.2.1", "2001:db8::1%eth0". Each line of a log has some: it does not go through printf, as inet_ntop does for
/// IPv4.
std::string to_text(const boost::asio::ip::address& address);
/// "192.0.2.1:443", "[2001:db8::1]:443".
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace handfast::net
