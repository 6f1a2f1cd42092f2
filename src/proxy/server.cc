// Server: a thread a worker.
#include "proxy/server.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <stop_token>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "net/bind.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds flush_interval{100};
constexpr std::chrono::milliseconds drain_interval{20};

void flush_now_and_then(const std::stop_token& stop, Log& log) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    stopped.wait_for(lock, stop, flush_interval, [] { return false; });
    log.flush();
  }
}

/// What each is known by, from one reload to the next: its address, and where several want any port, which of them it
/// is.
std::vector<std::string> names_of(const std::vector<Listener>& listeners) {
  std::vector<std::string> names;
  for (const Listener& listener : listeners) {
    const std::string address = net::to_text(listener.address);
    std::string name = address;
    for (int i = 2; std::ranges::find(names, name) != names.end(); ++i) name = address + " (" + std::to_string(i) + ")";
    names.push_back(std::move(name));
  }
  return names;
}

/// Threads leave signals to the one that made them.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Server::Server(std::size_t workers, std::shared_ptr<Log> log)
    : log_(std::move(log)), admission_(std::make_shared<Admission>()) {
  if (workers == 0) workers = std::max(std::thread::hardware_concurrency(), 1U);
  const WithoutSignals masked;
  for (std::size_t i = 0; i < workers; ++i) {
    Worker& worker = *workers_.emplace_back(std::make_unique<Worker>(log_, admission_));
    ++running_;
    threads_.emplace_back([this, &worker] {
      worker.run();
      --running_;
    });
  }
  flusher_ = std::jthread([log = log_](std::stop_token stop) { flush_now_and_then(stop, *log); });
}

Server::~Server() {
  for (const auto& worker : workers_) worker->stop();
  threads_.clear();
}

NetResult<> Server::listen(const std::vector<Listener>& listeners) {
  // First all that can fail.
  struct Opened {
    std::string name;
    std::vector<tcp::acceptor> acceptors;
    std::shared_ptr<const Service> service;
  };
  std::vector<Opened> opened;
  std::vector<Gate> gates;
  const std::vector<std::string> names = names_of(listeners);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const Listener& listener = listeners[i];
    const std::string& name = names[i];
    const auto known = std::ranges::find(gates_, name, &Gate::name);
    if (known != gates_.end()) {
      gates.push_back(*known);
      continue;
    }
    NetResult<> free = make_sure_nobody_has(listener.address);
    if (!free) {
      failed_address_ = name;
      return free;
    }
    Gate gate{name, listener.address};
    Opened& fresh = opened.emplace_back(Opened{name, {}, listener.service});
    for (const auto& worker : workers_) {
      NetResult<tcp::acceptor> acceptor =
          net::bind_and_listen(worker->loop().get_executor(), gate.address, net::Sharing::with_workers);
      if (!acceptor) {
        failed_address_ = name;
        return std::unexpected(std::move(acceptor).error());
      }
      // Where any port will do the first socket finds one, and the others share it.
      boost::system::error_code ignored;
      gate.address.port = acceptor->local_endpoint(ignored).port();
      fresh.acceptors.push_back(*std::move(acceptor));
    }
    gates.push_back(std::move(gate));
  }

  for (Opened& fresh : opened)
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      auto acceptor = std::make_shared<tcp::acceptor>(std::move(fresh.acceptors[i]));
      workers_[i]->post([worker = workers_[i].get(), name = fresh.name, acceptor, service = fresh.service] {
        worker->listen(name, std::move(*acceptor), service);
      });
    }
  for (std::size_t i = 0; i < listeners.size(); ++i)
    tell_all([name = names[i], service = listeners[i].service](Worker& worker) { worker.replace(name, service); });
  for (const Gate& gate : gates_)
    if (std::ranges::find(gates, gate.name, &Gate::name) == gates.end()) unlisten(gate.name);
  gates_ = std::move(gates);
  addresses_.clear();
  for (const Gate& gate : gates_) addresses_.push_back(gate.address);
  return {};
}

NetResult<> Server::make_sure_nobody_has(const net::HostPort& address) {
  if (address.port == 0) return {};
  // Not in a worker's loop: while a thread looks at the socket in epoll_wait, newer kernels keep it open beyond our
  // close, in the way of those that come next.
  boost::asio::io_context nobodys;
  const NetResult<tcp::acceptor> alone = net::bind_and_listen(nobodys.get_executor(), address, net::Sharing::alone);
  if (!alone) return std::unexpected(alone.error());
  return {};
}

/// Not until every worker has done so is the address free for a later `listen`.
void Server::unlisten(const std::string& name) {
  struct Told {
    std::shared_ptr<std::latch> left;
    ~Told() { left->count_down(); }
  };
  const auto left = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(workers_.size()));
  tell_all([name, left](Worker& worker) {
    const Told told{left};
    worker.unlisten(name);
  });
  left->wait();
}

void Server::tell_all(const std::function<void(Worker&)>& what) {
  for (const auto& worker : workers_) worker->post([what, &worker = *worker] { what(worker); });
}

std::size_t Server::drain(std::chrono::milliseconds patience) {
  tell_all([](Worker& worker) { worker.drain(); });
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // Not until there are no connections: some may have been accepted that nobody has counted yet.
  while (running_ > 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(drain_interval);
  const std::size_t left = connections();
  for (const auto& worker : workers_) worker->stop();
  threads_.clear();
  return left;
}

}  // namespace handfast::proxy
