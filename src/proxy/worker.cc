// Worker: accepts, counts, sheds.
#include "proxy/worker.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/endpoint.h"

namespace handfast::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Where the process has run out of descriptors or memory: some connection must end first.
constexpr std::chrono::milliseconds pause_after_failure{50};

/// Memory for one operation at a time: who waits with it goes on waiting where there is no other.
class Room {
 public:
  void* take(std::size_t size) {
    if (taken_ || size > sizeof room_) return ::operator new(size);
    taken_ = true;
    return room_;
  }
  void give_back(void* block) noexcept {
    if (block == room_)
      taken_ = false;
    else
      ::operator delete(block);
  }

 private:
  alignas(std::max_align_t) std::byte room_[512];
  bool taken_ = false;
};

template <typename T>
class RoomAllocator {
 public:
  using value_type = T;
  explicit RoomAllocator(Room& room) noexcept : room_(&room) {}
  template <typename U>
  RoomAllocator(const RoomAllocator<U>& other) noexcept : room_(other.room_) {}
  T* allocate(std::size_t count) { return static_cast<T*>(room_->take(count * sizeof(T))); }
  void deallocate(T* block, std::size_t) noexcept { room_->give_back(block); }
  template <typename U>
  bool operator==(const RoomAllocator<U>& other) const noexcept {
    return room_ == other.room_;
  }

 private:
  template <typename U>
  friend class RoomAllocator;
  Room* room_;
};

}  // namespace

/// One of the connections, for as long as it lives.
class Worker::Counted {
 public:
  explicit Counted(Worker& worker) noexcept : worker_(&worker) { ++worker.connections_; }
  Counted(Counted&& other) noexcept : worker_(std::exchange(other.worker_, nullptr)) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (worker_ == nullptr) return;
    --worker_->connections_;
    worker_->end_if_drained();
  }

 private:
  Worker* worker_;
};

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
  Room room;  ///< for the wait that is under way, of the acceptor or the timer
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
  while (!loop_.stopped()) {
    try {
      loop_.run();
    } catch (const std::bad_alloc&) {
      // Of something that could not even be told that it has ended.
    }
  }
}

/// The service is held for as long as it serves.
Awaitable<> Worker::serve_one(std::shared_ptr<const Service> service, Arrival arrival, Worker& worker,
                              [[maybe_unused]] Counted counted) {
  co_await service->serve(std::move(arrival), worker);
}

// No coroutine: Asio destroys one that finds no memory to begin a wait with, and nobody would accept any more.
void Worker::await_client(const std::shared_ptr<Gate>& gate) {
  const auto come = [gate](error_code error) {
    if (!gate->acceptor.is_open()) return;
    if (!error) error = gate->worker.accept(*gate);
    if (!error || error == asio::error::would_block)
      await_client(gate);
    else
      pause(gate, error);
  };
  gate->acceptor.async_wait(tcp::acceptor::wait_read, asio::bind_allocator(RoomAllocator<char>(gate->room), come));
}

void Worker::pause(const std::shared_ptr<Gate>& gate, const error_code& error) {
  gate->worker.tell_of_failure(*gate, error);
  try {
    gate->pause.expires_after(pause_after_failure);
    const auto go_on = [gate](const error_code&) {
      if (gate->acceptor.is_open()) await_client(gate);
    };
    gate->pause.async_wait(asio::bind_allocator(RoomAllocator<char>(gate->room), go_on));
  } catch (const std::bad_alloc&) {
    std::this_thread::sleep_for(pause_after_failure);
    await_client(gate);
  }
}

/// Once for all failures in a row; a line takes memory, too.
void Worker::tell_of_failure(Gate& gate, const error_code& error) {
  if (gate.failing) return;
  try {
    log_->write(log_->line("accept").add("listener", gate.name).add("error", error.message()));
    gate.failing = true;
  } catch (const std::bad_alloc&) {
    // The next failure is told.
  }
}

/// One, or would_block. Without memory it is closed.
error_code Worker::accept(Gate& gate) {
  try {
    tcp::socket socket(loop_);
    error_code error;
    gate.acceptor.accept(socket, error);
    // One that has gone before we came to it is nobody's failure.
    if (error == asio::error::connection_aborted) return {};
    if (error) return error;
    admit(gate, std::move(socket));
    gate.failing = false;
    return {};
  } catch (const std::bad_alloc&) {
    return asio::error::no_memory;
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
    log_->write(log_->line("shed")
                    .add("listener", gate.name)
                    .add("peer", net::to_text(peer))
                    .add("reason", name(admitted.verdict)));
    return;
  }
  Arrival arrival{net::PlainStream(std::move(socket)), peer, local, std::move(admitted.place)};
  Awaitable<> serving = serve_one(gate.service, std::move(arrival), *this, Counted(*this));
  asio::co_spawn(loop_, std::move(serving), [log = log_, peer](std::exception_ptr thrown) {
    // What one connection throws ends that connection alone.
    if (thrown) log->write(log->line("internal").add("peer", net::to_text(peer)).add("error", "out of memory"));
  });
}

void Worker::listen(const std::string& name, tcp::acceptor acceptor, std::shared_ptr<const Service> service) {
  auto gate = std::make_shared<Gate>(*this, name, std::move(acceptor), std::move(service));
  gate->acceptor.non_blocking(true);
  gates_.push_back(gate);
  await_client(gate);
}

void Worker::replace(const std::string& name, std::shared_ptr<const Service> service) {
  for (const auto& gate : gates_)
    if (gate->name == name) gate->service = service;
}

void Worker::unlisten(const std::string& name) {
  std::erase_if(gates_, [&](const std::shared_ptr<Gate>& gate) {
    if (gate->name != name) return false;
    // Clients whose connection stands in the kernel's queue have been told that they are connected; whoever comes
    // while they are taken may be turned away.
    error_code error;
    for (int i = 0; !error && i <= tcp::acceptor::max_listen_connections; ++i) error = accept(*gate);
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
