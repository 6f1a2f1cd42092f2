// TCP to a host by name: to whichever of its addresses answers first.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <handfast/net_error.h>

namespace handfast::net {

struct ConnectOptions {
  std::chrono::milliseconds resolve_timeout{10'000};
  /// For all its addresses together.
  std::chrono::milliseconds connect_timeout{5'000};
};

/// One address that was tried; no error: it answered. `timed_out`: it did not in the time there was for it,
/// `operation_aborted`: not before another one did.
struct Attempt {
  boost::asio::ip::tcp::endpoint endpoint;
  boost::system::error_code error;
};

/// What came of it, and how.
struct Connected {
  /// Fails at Stage::resolve (then nothing was attempted), or at Stage::connect with the last attempt's error.
  NetResult<boost::asio::ip::tcp::socket> socket;
  /// In the order of trying; but where the socket is there, the last one is its.
  std::vector<Attempt> attempts;
};

/// Where a host may be found.
struct Resolved {
  /// Of the resolver; `timed_out`; `asio::error::try_again`: nobody was asked, since too many look-ups wait already.
  boost::system::error_code error;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;  ///< in the resolver's order, none twice; some where no error
};

/// An address is itself; a name below localhost is loopback (RFC 6761, section 6.3), 127.0.0.1 and then ::1: no
/// resolver is asked, and no thread is needed. Other names are asked for in one of a few threads, a few at a time of
/// each host: one that is slow holds up none but itself. `patience` 0: for ever.
boost::asio::awaitable<Resolved> resolve(std::string host, std::uint16_t port, std::chrono::milliseconds patience);

/// The same for somebody else, who has chosen the name: a few at a time of each client, some more wait, and past that
/// it is `try_again`. So a client that asks for slow names holds up none but itself. Answers are kept for five seconds,
/// failures are not.
boost::asio::awaitable<Resolved> resolve_for(std::string client, std::string host, std::uint16_t port,
                                             std::chrono::milliseconds patience);

/// To the first of some addresses that answers: they are tried in their order, each 250 ms after the one before, or as
/// soon as that has failed (RFC 8305, section 5). Of more than eight at a time the oldest is given up. `patience` is
/// for all of them together, 0: for ever. Fails at Stage::connect; without an address at Stage::resolve.
boost::asio::awaitable<Connected> connect_to_one_of(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                                    std::chrono::milliseconds patience);

/// Resolves and connects to one of the addresses, in the resolver's order.
boost::asio::awaitable<Connected> connect_tcp(std::string_view host, std::uint16_t port,
                                              const ConnectOptions& options = {});

}  // namespace handfast::net
