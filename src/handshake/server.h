// The server's handshake: everything up to the version, then that version's own flow.
#pragma once

#include <handfast/config.h>

#include "handshake/engine.h"
#include "handshake/flow.h"

namespace handfast::handshake {

class ServerEngine : public Engine {
 public:
  ServerEngine(const ServerConfig& config, Transport& transport, ConnectionInfo& info, Trace* trace) noexcept
      : Engine(Side::server, transport, config.options(), info, trace), config_(config) {}
  const ServerConfig& config() const noexcept { return config_; }
  const ServerOptions& options() const noexcept { return config_.options(); }

 private:
  const ServerConfig& config_;
};

Flow<void> server(ServerEngine& engine);

}  // namespace handfast::handshake
