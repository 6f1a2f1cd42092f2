// The client's handshake: everything up to the version, then that version's own flow.
#pragma once

#include <handfast/config.h>

#include "handshake/engine.h"
#include "handshake/flow.h"
#include "x509/server_name.h"

namespace handfast::handshake {

class ClientEngine : public Engine {
 public:
  ClientEngine(const ClientConfig& config, const x509::ServerName& server_name, std::uint16_t port,
               Transport& transport, ConnectionInfo& info, Trace* trace) noexcept
      : Engine(Side::client, transport, config.options(), info, trace),
        config_(config),
        server_name_(server_name),
        port_(port) {}
  const ClientOptions& options() const noexcept { return config_.options(); }
  /// Whom the client wants to talk to.
  const x509::ServerName& server_name() const noexcept { return server_name_; }
  /// Under which its sessions are kept.
  ClientSessionKey session_key() const { return {server_name_.text(), port_, config_.session_policy()}; }

 private:
  const ClientConfig& config_;
  x509::ServerName server_name_;
  std::uint16_t port_;
};

Flow<void> client(ClientEngine& engine);

}  // namespace handfast::handshake
