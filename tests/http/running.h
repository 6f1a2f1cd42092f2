// An HTTPS server on a port that is free, which runs until the end of the test.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>

#include <handfast/http_server.h>

#include "net/identity.h"

namespace handfast::http {

class Running {
 public:
  explicit Running(Settings settings, ServerOptions tls = test::server_options())
      : server_(listen(std::move(settings), std::move(tls))), thread_([this] { server_.run(); }) {}
  ~Running() { server_.stop(); }
  std::uint16_t port() const { return server_.port(); }

 private:
  static Server listen(Settings settings, ServerOptions tls) {
    settings.listen = "127.0.0.1:0";
    settings.tls = test::make(std::move(tls));
    NetResult<Server> server = Server::listen(std::move(settings));
    if (!server) throw std::runtime_error(server.error().message());
    return *std::move(server);
  }
  Server server_;
  std::jthread thread_;
};

}  // namespace handfast::http
