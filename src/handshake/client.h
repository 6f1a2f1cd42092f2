// The client's handshake: everything up to the version, then that version's own flow.
#pragma once

#include <handfast/config.h>

#include "handshake/engine.h"
#include "handshake/flow.h"
#include "x509/server_name.h"

namespace handfast::handshake {

class ClientEngine : public Engine {
 public:
  ClientEngine(const ClientOptions& options, const x509::ServerName& server_name, Transport& transport,
               ConnectionInfo& info, Trace* trace) noexcept
      : Engine(Side::client, transport, options, info, trace), options_(options), server_name_(server_name) {}
  const ClientOptions& options() const noexcept { return options_; }
  /// Whom the client wants to talk to.
  const x509::ServerName& server_name() const noexcept { return server_name_; }

 private:
  const ClientOptions& options_;
  x509::ServerName server_name_;
};

Flow<void> client(ClientEngine& engine);

}  // namespace handfast::handshake
