// The server's handshake: everything up to the version, then that version's own flow.
#pragma once

#include <algorithm>
#include <cstdint>

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

  /// A ticket of the client's has opened, whether it is resumed or not, and allows so much early data.
  void note_allowed_early_data(std::uint32_t bytes) noexcept {
    allowed_early_data_ = std::max(allowed_early_data_, bytes);
  }
  /// What the client may have sent: as much as its tickets say, which may be those of a config before; of tickets that
  /// do not open, as much as ours say today.
  std::uint32_t allowed_early_data() const noexcept {
    return std::max(allowed_early_data_, options().sessions.max_early_data);
  }

 private:
  std::uint32_t allowed_early_data_ = 0;
  const ServerConfig& config_;
};

Flow<void> server(ServerEngine& engine);

}  // namespace handfast::handshake
