// A server of ours on loopback, for as long as one looks at it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <handfast/config.h>
#include <handfast/http_server.h>

#include "doctor/recording.h"

namespace handfast::doctor {

/// An HTTPS server on 127.0.0.1, on a port that was free, in a thread of its own: its page shows the visitor's
/// handshake, and it keeps the recording of each connection.
class LoopbackServer {
 public:
  static NetResult<std::unique_ptr<LoopbackServer>> start(std::shared_ptr<const ServerConfig> config);
  ~LoopbackServer();  ///< stops it
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const noexcept { return server_->port(); }
  /// Stops it, and gives what it recorded, a connection each.
  const std::vector<std::shared_ptr<const Recording>>& stop();

 private:
  LoopbackServer() = default;
  std::unique_ptr<http::Server> server_;
  std::jthread thread_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Recording>> recordings_;
};

}  // namespace handfast::doctor
