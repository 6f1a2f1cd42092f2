// Connections that follow one another, between a client and a server that keep their sessions.
#pragma once

#include <memory>
#include <utility>

#include <handfast/session.h>

#include "pair.h"

namespace handfast::test {

/// The options of both sides, which tests change between connections. What keeps sessions stays the same.
struct Resumer {
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>();
  ClientOptions client = client_options();
  ServerOptions server = server_options();

  Resumer() {
    client.clock = server.clock = clock;
    client.sessions.store = std::make_shared<MemoryClientSessions>();
    server.sessions.ticket_keys = std::make_shared<RotatingTicketKeys>();
  }

  void allow_early_data(std::uint32_t limit = 1000) {
    client.sessions.early_data = true;
    server.sessions.max_early_data = limit;
    server.sessions.strike_register = std::make_shared<StrikeRegister>(clock->now_milliseconds() - 1);
  }

  /// A connection whose ClientHello stands in the client's output.
  Pair begin(std::string_view name = "server.example", Trace* client_trace = nullptr, Trace* server_trace = nullptr) {
    return Pair(client, server, name, client_trace, server_trace);
  }
  /// One that has come to its end, tickets included.
  Pair connect(std::string_view name = "server.example", Trace* client_trace = nullptr, Trace* server_trace = nullptr) {
    Pair pair = begin(name, client_trace, server_trace);
    pair.pump();
    return pair;
  }
};

}  // namespace handfast::test
