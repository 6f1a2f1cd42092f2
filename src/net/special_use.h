// Addresses of special use: of this machine, of its network, of nobody. Whoever connects on others' behalf has to know
// them, or lends them what the machine may reach and they may not.
#pragma once

#include <optional>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "net/address_block.h"

namespace handfast::net {

struct SpecialUse {
  std::string_view what;  ///< "loopback", "private", ...
  AddressBlock block;     ///< all that is of this use
};

/// Of what use an address is that is not everybody's (the registries of RFC 6890, and those of clouds' own services).
/// One that carries an IPv4 address is of that one's use: NAT64's, 6to4's, translated ones, and IPv4 inside of IPv6.
/// Nothing: an address of the public internet.
std::optional<SpecialUse> special_use(const boost::asio::ip::address& address) noexcept;

/// The IPv4 address that an address of IPv6 carries to (64:ff9b::192.0.2.1, 2002:c000:201::, ::ffff:0:192.0.2.1).
std::optional<boost::asio::ip::address_v4> embedded_v4(const boost::asio::ip::address& address) noexcept;

}  // namespace handfast::net
