// Two sockets that are connected over the loopback interface, and coroutines that must end in time.
#pragma once

#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include <handfast/stream.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace handfast::test {

using boost::asio::awaitable;
using boost::asio::io_context;
using boost::asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

struct SocketPair {
  tcp::socket client;
  tcp::socket server;
};
SocketPair connected_sockets(io_context& context);

/// A client and a server that have not spoken yet. Each pair is of the same server, on port 443, whatever the socket
/// says.
struct StreamPair {
  Stream client;
  Stream server;
};
StreamPair connected_streams(io_context& context, std::shared_ptr<const ClientConfig> client,
                             std::shared_ptr<const ServerConfig> server, const StreamOptions& options = {});
/// With the options of identity.h.
StreamPair connected_streams(io_context& context, const StreamOptions& options = {});

awaitable<void> sleep_for(std::chrono::milliseconds time);

/// Coroutines side by side; `run` fails the test where they do not end in time.
class Together {
 public:
  explicit Together(io_context& context) : context_(context) {}
  void add(awaitable<void> work);
  /// Runs until all of them have ended. Rethrows what one of them threw.
  void run(std::chrono::seconds limit = 20s);

 private:
  io_context& context_;
  int running_ = 0;
  std::exception_ptr thrown_;
};

/// A port that neither takes a connection nor refuses one, at every address of 127.0.0.0/8, for as long as this lives.
class SilentPort {
 public:
  explicit SilentPort(io_context& context);
  /// At so many addresses.
  std::vector<tcp::endpoint> endpoints(std::size_t count) const;

 private:
  tcp::acceptor acceptor_;
  tcp::socket first_;  ///< there is room for one that nobody has accepted
};

/// Closes with a reset instead of an end.
void reset(tcp::socket& socket);

}  // namespace handfast::test
