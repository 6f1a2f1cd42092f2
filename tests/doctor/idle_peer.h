// A peer of an HTTP request that never came over a network.
#pragma once

#include <vector>

#include <handfast/http_server.h>

#include "doctor/throwaway.h"

namespace handfast::test {

/// A server's connection before its first byte, and the peer that handlers are told of.
struct IdlePeer {
  IdlePeer() : connection(Connection::server(config())), peer{"192.0.2.1:50000", connection, nullptr} {}
  IdlePeer(const IdlePeer&) = delete;
  IdlePeer& operator=(const IdlePeer&) = delete;

  static std::shared_ptr<const ServerConfig> config() {
    const auto authority = doctor::ThrowAwayAuthority::make(system_clock().now(), system_random());
    const doctor::PemPair pair = authority->issue("localhost", {"localhost"}, std::chrono::hours(1)).value();
    ServerOptions options;
    options.credentials.push_back(Credential::from_pem(pair.chain, pair.key).value());
    return ServerConfig::make(std::move(options)).value();
  }

  Connection connection;
  http::Peer peer;
};

}  // namespace handfast::test
