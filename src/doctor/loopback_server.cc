#include "doctor/loopback_server.h"

#include <utility>

#include "doctor/page.h"

namespace handfast::doctor {
namespace {

/// Belongs to the connection; the recording it writes to lives on.
class Scribe final : public Trace {
 public:
  explicit Scribe(std::shared_ptr<Recording> recording) noexcept : recording_(std::move(recording)) {}
  void on(const TraceEvent& event) override { recording_->on(event); }
  const Recording& recording() const noexcept { return *recording_; }

 private:
  std::shared_ptr<Recording> recording_;
};

}  // namespace

NetResult<std::unique_ptr<LoopbackServer>> LoopbackServer::start(std::shared_ptr<const ServerConfig> config) {
  std::unique_ptr<LoopbackServer> self(new LoopbackServer);
  http::Settings settings;
  settings.listen = "127.0.0.1:0";
  settings.tls = std::move(config);
  settings.trace = [self = self.get()]() -> std::unique_ptr<Trace> {
    auto recording = std::make_shared<Recording>();
    const std::lock_guard lock(self->mutex_);
    self->recordings_.push_back(recording);
    return std::make_unique<Scribe>(std::move(recording));
  };
  settings.handler = [](const http::Request& request) {
    return handshake_page(request, static_cast<const Scribe*>(request.peer.trace)->recording());
  };
  auto server = http::Server::listen(std::move(settings));
  if (!server) return std::unexpected(std::move(server.error()));
  self->server_ = std::make_unique<http::Server>(std::move(*server));
  self->thread_ = std::jthread([server = self->server_.get()] { server->run(); });
  return self;
}

const std::vector<std::shared_ptr<const Recording>>& LoopbackServer::stop() {
  if (thread_.joinable()) {
    server_->stop();
    thread_.join();
  }
  return recordings_;
}

LoopbackServer::~LoopbackServer() { stop(); }

}  // namespace handfast::doctor
