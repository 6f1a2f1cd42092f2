// A thread with an event loop of its own, and what its connections share without a lock.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "proxy/log.h"
#include "proxy/pool.h"
#include "proxy/service.h"

namespace handfast::proxy {

/// Used from its own thread, but for `post`.
class Worker {
 public:
  Worker(std::shared_ptr<Log> log, std::shared_ptr<Admission> admission);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  boost::asio::io_context& loop() noexcept { return loop_; }
  Log& log() noexcept { return *log_; }
  /// Connections to origins, of all services together.
  Pool& pool() noexcept { return pool_; }

  /// Whether what is begun is to be finished and nothing more to be begun: a kept-alive connection ends with the
  /// request that it is at.
  bool draining() const noexcept { return draining_; }
  std::size_t connections() const noexcept { return connections_; }

  /// While it lives its connection waits for nothing that was begun: a drain calls `end` at once. Between two requests,
  /// say.
  class Idle {
   public:
    Idle(Worker& worker, std::function<void()> end);
    ~Idle();
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;

   private:
    Worker& worker_;
    std::list<std::function<void()>>::iterator place_;
  };

  /// Has the loop do it, from any thread.
  void post(std::function<void()> task);
  /// Until it is drained or stopped. Memory that runs out ends what was being done, and nothing else.
  void run();

  /// Begins to accept for `service` at a listening socket, under `name`.
  void listen(const std::string& name, boost::asio::ip::tcp::acceptor acceptor, std::shared_ptr<const Service> service);
  /// From now on that service has the connections which come to `name`.
  void replace(const std::string& name, std::shared_ptr<const Service> service);
  /// Takes what the kernel has accepted for it already, then listens no more.
  void unlisten(const std::string& name);
  /// Stops listening, ends what is idle; the loop ends with the last connection.
  void drain();
  /// The loop ends with whatever is under way.
  void stop();

 private:
  struct Gate;
  class Counted;
  static void await_client(const std::shared_ptr<Gate>& gate);
  static void pause(const std::shared_ptr<Gate>& gate, const boost::system::error_code& error);
  boost::system::error_code accept(Gate& gate);
  static Awaitable<> serve_one(std::shared_ptr<const Service> service, Arrival arrival, Worker& worker,
                               Counted counted);
  void admit(const Gate& gate, boost::asio::ip::tcp::socket socket);
  void tell_of_failure(Gate& gate, const boost::system::error_code& error);
  void end_if_drained();

  std::shared_ptr<Log> log_;
  std::shared_ptr<Admission> admission_;
  bool draining_ = false;
  std::size_t connections_ = 0;
  std::list<std::function<void()>> idle_;
  std::list<std::shared_ptr<Gate>> gates_;
  Pool pool_{loop_};                 ///< emptied before the loop goes: what waits in it belongs to that
  boost::asio::io_context loop_{1};  ///< frames in it refer to all of the above
};

}  // namespace handfast::proxy
