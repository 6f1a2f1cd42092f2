// The server's handshake: everything up to the version, then that version's own flow.
#pragma once

#include <handfast/config.h>

#include "handshake/engine.h"
#include "handshake/flow.h"

namespace handfast::handshake {

class ServerEngine : public Engine {
 public:
  ServerEngine(const ServerOptions& options, Transport& transport, ConnectionInfo& info, Trace* trace) noexcept
      : Engine(Side::server, transport, options, info, trace), options_(options) {}
  const ServerOptions& options() const noexcept { return options_; }

 private:
  const ServerOptions& options_;
};

Flow<void> server(ServerEngine& engine);

}  // namespace handfast::handshake
