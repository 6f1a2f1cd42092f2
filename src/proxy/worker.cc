// Worker: accepts, counts, sheds.
#include "proxy/worker.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "proxy/handshake_line.h"

namespace handfast::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Where the process has run out of descriptors, say: some connection must end first.
constexpr std::chrono::milliseconds pause_after_failure{50};

/// The service is held for as long as it serves.
Awaitable<> serve_one(std::shared_ptr<const Service> service, Arrival arrival, Worker& worker) {
  co_await service->serve(std::move(arrival), worker);
}

}  // namespace

/// A listening socket and who is behind it.
struct Worker::Gate {
  Gate(Worker& owner, std::string called, tcp::acceptor listening, std::shared_ptr<const Service> first)
      : worker(owner),
        name(std::move(called)),
        acceptor(std::move(listening)),
        pause(acceptor.get_executor()),
        service(std::move(first)) {}

  Worker& worker;
  std::string name;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<const Service> service;
  bool failing = false;  ///< told already
};

Worker::Worker(std::shared_ptr<Log> log, std::shared_ptr<Admission> admission)
    : log_(std::move(log)), admission_(std::move(admission)) {}
// What belongs to the loop goes before it.
Worker::~Worker() {
  gates_.clear();
  pool_.clear();
}

Worker::Idle::Idle(Worker& worker, std::function<void()> end)
    : worker_(worker), place_(worker.idle_.insert(worker.idle_.end(), std::move(end))) {}
Worker::Idle::~Idle() { worker_.idle_.erase(place_); }

void Worker::post(std::function<void()> task) { asio::post(loop_, std::move(task)); }

void Worker::run() {
  const auto work = asio::make_work_guard(loop_);
  loop_.run();
}

Awaitable<> Worker::accept_loop(std::shared_ptr<Gate> gate) {
  while (gate->acceptor.is_open()) {
    tcp::socket socket(gate->worker.loop_);
    error_code error;
    co_await gate->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    // Whoever was accepted is served, even where the socket that he came to was closed since.
    if (!error) {
      gate->failing = false;
      gate->worker.admit(*gate, std::move(socket));
      continue;
    }
    if (!gate->acceptor.is_open()) break;
    // One that has gone before we came to it is nobody's failure.
    if (error == asio::error::connection_aborted) continue;
    if (!std::exchange(gate->failing, true))
      gate->worker.log_->write(
          gate->worker.log_->line("accept").add("listener", gate->name).add("error", error.message()));
    gate->pause.expires_after(pause_after_failure);
    co_await gate->pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void Worker::admit(const Gate& gate, tcp::socket socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // it has gone
  const tcp::endpoint local = socket.local_endpoint(error);
  Limits limits = gate.service->limits();
  if (gate.service->is_passed_on_from(peer.address())) limits.per_address = 0;
  Admission::Admitted admitted = Admission::admit(admission_, peer.address(), limits);
  if (admitted.verdict != Admission::Verdict::admitted) {
    log_->write(
        log_->line("shed").add("listener", gate.name).add("peer", to_text(peer)).add("reason", name(admitted.verdict)));
    return;
  }
  ++connections_;
  Arrival arrival{net::PlainStream(std::move(socket)), peer, local, std::move(admitted.place)};
  asio::co_spawn(loop_, serve_one(gate.service, std::move(arrival), *this), [this, peer](std::exception_ptr thrown) {
    --connections_;
    // What one connection throws ends that connection alone.
    if (thrown) log_->write(log_->line("internal").add("peer", to_text(peer)).add("error", "out of memory"));
    end_if_drained();
  });
}

void Worker::listen(const std::string& name, tcp::acceptor acceptor, std::shared_ptr<const Service> service) {
  auto gate = std::make_shared<Gate>(*this, name, std::move(acceptor), std::move(service));
  gates_.push_back(gate);
  asio::co_spawn(loop_, accept_loop(gate), asio::detached);
}

void Worker::replace(const std::string& name, std::shared_ptr<const Service> service) {
  for (const auto& gate : gates_)
    if (gate->name == name) gate->service = service;
}

void Worker::unlisten(const std::string& name) {
  std::erase_if(gates_, [&](const std::shared_ptr<Gate>& gate) {
    if (gate->name != name) return false;
    // Clients whose connection stands in the kernel's queue have been told that they are connected.
    error_code error;
    gate->acceptor.non_blocking(true, error);
    while (!error) {
      tcp::socket socket(loop_);
      gate->acceptor.accept(socket, error);
      if (!error) admit(*gate, std::move(socket));
    }
    gate->acceptor.close(error);
    gate->pause.cancel();
    return true;
  });
}

void Worker::drain() {
  if (std::exchange(draining_, true)) return;
  while (!gates_.empty()) unlisten(std::string(gates_.front()->name));
  // Ending one may take others out of the list, never put one in.
  std::list<std::function<void()>> ends(idle_.begin(), idle_.end());
  for (const auto& end : ends) end();
  // Behind what was accepted and not come to yet.
  post([this] { end_if_drained(); });
}

void Worker::end_if_drained() {
  if (draining_ && connections_ == 0) loop_.stop();
}

void Worker::stop() { loop_.stop(); }

}  // namespace handfast::proxy
