// A client's connection on its way to one place, looked into as far as it can be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "net/plain_stream.h"
#include "proxy/inspecting_hop.h"
#include "proxy/interception.h"
#include "proxy/worker.h"
#include "x509/server_name.h"

namespace handfast::proxy {

struct Passage {
  const Interception& shared;
  Worker& worker;
  Guest guest;
  std::optional<x509::ServerName> host;  ///< as a CONNECT has it
  std::uint16_t port = 0;
  std::vector<boost::asio::ip::tcp::endpoint> endpoints;  ///< where it may go, at least one
  net::PlainStream client;
  std::optional<net::PlainStream> origin;  ///< nothing: not connected yet
  OwnConnections::Entry own;
  ConnectTimes times;
  std::chrono::steady_clock::time_point began;

  /// The host's name, or else its address.
  std::string place() const { return host ? host->text() : endpoints.front().address().to_string(); }
};

/// Whether the origin that a CONNECT names was there a short while ago, and spoke TLS: then whoever wants to look
/// inside need not connect first.
bool is_known(const Passage& passage);

/// Connects to the origin, if that was not done. A failure is logged.
Awaitable<NetResult<>> reach(Passage& passage);

/// To the end of the connection: as what the client sends first says.
Awaitable<> look_inside(Passage passage);

}  // namespace handfast::proxy
