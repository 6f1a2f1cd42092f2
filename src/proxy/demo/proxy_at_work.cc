#include "proxy/demo/proxy_at_work.h"

#include <chrono>
#include <fstream>
#include <utility>

namespace handfast::proxy::demo {
namespace {

constexpr const char* log_name = "log";

}  // namespace

ProxyAtWork::ProxyAtWork(std::unique_ptr<doctor::TemporaryFolder> folder, std::shared_ptr<Log> log)
    : folder_(std::move(folder)), log_(log), server_(1, std::move(log)) {}

NetResult<std::unique_ptr<ProxyAtWork>> ProxyAtWork::start(std::shared_ptr<const Service> service) {
  auto folder = std::make_unique<doctor::TemporaryFolder>();
  Result<std::shared_ptr<Log>> log = Log::open(folder->path() / log_name, LogFormat::text);
  if (!log) return std::unexpected(NetError(Stage::listen, std::move(log.error())));
  std::unique_ptr<ProxyAtWork> self(new ProxyAtWork(std::move(folder), *std::move(log)));
  std::vector<Listener> listeners;
  listeners.push_back({{"127.0.0.1", 0}, std::move(service)});
  if (NetResult<> listening = self->server_.listen(listeners); !listening)
    return std::unexpected(std::move(listening.error()));
  return self;
}

std::vector<std::string> ProxyAtWork::stop() {
  server_.drain(std::chrono::seconds(2));
  log_->flush();
  std::vector<std::string> lines;
  std::ifstream file(folder_->path() / log_name);
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace handfast::proxy::demo
