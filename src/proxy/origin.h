// The way to an origin: TCP, and TLS where it speaks that.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/net_error.h>

#include "proxy/leg.h"
#include "proxy/limits.h"

namespace handfast::proxy {

struct Origin {
  std::string host;  ///< a name or an address literal
  std::uint16_t port = 0;
  /// With TLS, under this config; null: TCP alone.
  std::shared_ptr<const ClientConfig> tls = {};
  /// Whom its certificate has to be for, and the SNI; empty: `host`.
  std::string server_name = {};
};

/// "example.com:443".
std::string to_text(const Origin& origin);

struct Dial {
  Origin origin;
  /// Where it was resolved and checked already: these, and no others, are connected to.
  std::vector<boost::asio::ip::tcp::endpoint> endpoints = {};
  /// What goes ahead of everything else, in the clear: a header of the PROXY protocol.
  Buffer preface = {};
};

/// Connects, to the first address that answers (net::connect_to_one_of), and sends the preface. Fails at
/// Stage::resolve, connect or write.
Awaitable<NetResult<net::PlainStream>> dial_tcp(Dial dial, Limits limits);

/// Handshakes over it, `origin.tls` given. What the origin has said before TLS has begun is never taken for anything
/// said within. Fails at Stage::handshake.
Awaitable<NetResult<Leg>> start_tls(net::PlainStream stream, Origin origin, Limits limits);

/// Both: connects and handshakes. What the origin says before TLS has begun is never
/// taken for anything said within. Fails at Stage::resolve, connect, write or handshake.
Awaitable<NetResult<Leg>> dial(Dial dial, Limits limits);

}  // namespace handfast::proxy
