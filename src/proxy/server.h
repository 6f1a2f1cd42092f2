// All workers and listeners of a process: started, reloaded without loss, drained.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <handfast/net_error.h>

#include "net/address.h"
#include "proxy/limits.h"
#include "proxy/log.h"
#include "proxy/service.h"
#include "proxy/worker.h"

namespace handfast::proxy {

struct Listener {
  net::HostPort address;  ///< port 0: any that is free
  std::shared_ptr<const Service> service;
};

/// Its functions are called from one thread, which does not serve.
class Server {
 public:
  /// `workers`: 0 is one a core.
  Server(std::size_t workers, std::shared_ptr<Log> log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// From now on these and no others. Who listens already goes on without a connection lost, with the new service;
  /// connections that were accepted go on with the old one. Where an address can't be had nothing changes. Fails at
  /// Stage::listen; `failed_address` says which it was. Not after `drain`.
  NetResult<> listen(const std::vector<Listener>& listeners);
  const std::string& failed_address() const noexcept { return failed_address_; }
  /// Where each of them really listens, in their order.
  const std::vector<net::HostPort>& addresses() const noexcept { return addresses_; }

  /// No more connections; those that are there finish what they have begun, for at most so long. Gives how many were
  /// cut off.
  std::size_t drain(std::chrono::milliseconds patience);

  std::size_t connections() const noexcept { return admission_->connections(); }
  Log& log() noexcept { return *log_; }

 private:
  struct Gate {
    std::string name;  ///< the address as it was asked for
    net::HostPort address;
  };
  /// A socket that shares with none of ours finds out whether anybody else has it, another process of this program with
  /// whom the kernel would share our connections out included.
  NetResult<> make_sure_nobody_has(const net::HostPort& address);
  void unlisten(const std::string& name);
  void tell_all(const std::function<void(Worker&)>& what);

  std::shared_ptr<Log> log_;
  std::shared_ptr<Admission> admission_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> running_ = 0;  ///< workers
  std::vector<std::jthread> threads_;
  std::vector<Gate> gates_;
  std::vector<net::HostPort> addresses_;
  std::string failed_address_;
  std::jthread flusher_;
};

}  // namespace handfast::proxy
