// Where a proxy goes on behalf of others, and where not: --allow and --deny.
//
// An entry is a host, an address or a block of addresses, with or without ports:
//
//   example.com          that host, at every port
//   *.example.com        every host below it, at any depth; it is not itself. The same: .example.com
//   example.com:443      at that port; example.com:8000-8999, at those
//   *:443                every host at that port. The same: :443
//   192.0.2.0/24         every target at an address of that block, by whatever name; 192.0.2.0/24:443
//   [2001:db8::]/32      likewise; [2001:db8::]/32:443, [2001:db8::1]:443, or without brackets if without a port
//
// What counts, in this order:
//
//  1. A target that an entry of `deny` matches is refused, whatever `allow` says: who bans something does not have to
//     look whether something else lets it in again.
//  2. A target at an address of special use (net/special_use.h: loopback, private, link-local and so on) is refused
//     unless an entry of `allow` is an address or a block of that very use: 10.0.0.0/8 or 10.1.2.3 opens what it says
//     of the private 10.0.0.0/8. Names don't open it: what a name resolves to, its owner says; and 0.0.0.0/0 doesn't,
//     which says nothing about this machine's own network.
//  3. Where `allow` has entries, what none of them matches is refused. Without entries, all else is allowed.
//
// Names are checked before they are resolved, addresses afterwards; the connection then goes to an address that was
// checked, without another resolution that may say something else.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include <handfast/error.h>

#include "net/address_block.h"
#include "x509/server_name.h"

namespace handfast::proxy {

struct AccessOptions {
  std::vector<std::string> allow{};
  std::vector<std::string> deny{};
};

class AccessList {
 public:
  /// Fails with bad_config, evidence `option` ("allow" or "deny"), `problem`, `value`, `remedy`.
  static Result<AccessList> make(const AccessOptions& options);

  /// What is told to the log where a host is refused before it was resolved; nothing where it depends on its addresses,
  /// or is allowed. What a host that is an address is refused for, the second function says.
  std::optional<std::string> refuses(const x509::ServerName& host, std::uint16_t port) const;
  /// The same of that host at one of its addresses; where it is an address, `address` is it.
  std::optional<std::string> refuses(const x509::ServerName& host, std::uint16_t port,
                                     const boost::asio::ip::address& address) const;

 private:
  struct Entry {
    std::string text;  ///< as it was written
    std::string host;  ///< empty: any; ".example.com": those below
    std::optional<net::AddressBlock> block;
    std::uint16_t first_port = 0;
    std::uint16_t last_port = 65535;

    bool has(std::uint16_t port) const noexcept { return port >= first_port && port <= last_port; }
    bool names(const x509::ServerName& target) const noexcept;
    bool holds(const boost::asio::ip::address& address) const noexcept;
    bool opens(const boost::asio::ip::address& address, const net::AddressBlock& use) const noexcept;
  };
  static Result<Entry> parse(std::string_view option, std::string_view text);
  static Result<std::vector<Entry>> parse_all(std::string_view option, std::span<const std::string> texts);

  std::vector<Entry> allow_;
  std::vector<Entry> deny_;
};

}  // namespace handfast::proxy
