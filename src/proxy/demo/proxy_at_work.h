// A proxy of ours on loopback, for as long as one looks at it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <handfast/net_error.h>

#include "doctor/process.h"
#include "proxy/log.h"
#include "proxy/server.h"
#include "proxy/service.h"

namespace handfast::proxy::demo {

class ProxyAtWork {
 public:
  /// One worker on 127.0.0.1, at a port that was free.
  static NetResult<std::unique_ptr<ProxyAtWork>> start(std::shared_ptr<const Service> service);

  std::uint16_t port() const noexcept { return server_.addresses().front().port; }
  /// Lets its connections end, and gives the lines of its log.
  std::vector<std::string> stop();

 private:
  ProxyAtWork(std::unique_ptr<doctor::TemporaryFolder> folder, std::shared_ptr<Log> log);
  std::unique_ptr<doctor::TemporaryFolder> folder_;
  std::shared_ptr<Log> log_;
  Server server_;
};

}  // namespace handfast::proxy::demo
