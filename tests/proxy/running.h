// A service of the proxy, running on loopback, and peers that do exactly what a test says.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>

#include "net/address.h"
#include "proxy/log.h"
#include "proxy/server.h"
#include "support/temporary_folder.h"

namespace handfast::test {

using boost::asio::ip::tcp;
using namespace std::chrono_literals;

inline tcp::endpoint loopback(std::uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

/// A blocking socket; nothing takes longer than ten seconds.
class TcpPeer {
 public:
  explicit TcpPeer(tcp::socket socket) : socket_(std::move(socket)) { socket_.set_option(tcp::no_delay(true)); }
  static TcpPeer connect(boost::asio::io_context& context, const tcp::endpoint& to) {
    tcp::socket socket(context);
    socket.connect(to);
    return TcpPeer(std::move(socket));
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the other side has had enough, as the test will see
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// So many bytes; fewer where the end comes first.
  std::string receive(std::size_t size) {
    std::string out(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t count = receive_some(out.data() + have, size - have);
      if (count <= 0) break;
      have += static_cast<std::size_t>(count);
    }
    out.resize(have);
    return out;
  }
  /// All that comes until the end; `was_reset` says which end.
  std::string receive_all() {
    std::string out;
    char block[65536];
    ssize_t count = 0;
    while ((count = receive_some(block, sizeof block)) > 0) out.append(block, static_cast<std::size_t>(count));
    return out;
  }
  /// Until that text has come.
  std::string receive_until(std::string_view text) {
    std::string out;
    while (!out.ends_with(text)) {
      char byte = 0;
      if (receive_some(&byte, 1) <= 0) break;
      out += byte;
    }
    return out;
  }
  bool was_reset() const { return reset_; }
  /// Whether nothing comes, not even the end, for so long.
  bool is_silent(std::chrono::milliseconds time) { return !wait(time); }
  void close_write() { socket_.shutdown(tcp::socket::shutdown_send); }
  void close() { socket_.close(); }
  tcp::socket& socket() { return socket_; }

 private:
  bool wait(std::chrono::milliseconds time) {
    pollfd waiting{socket_.native_handle(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
  }
  ssize_t receive_some(char* to, std::size_t size) {
    if (!wait(10s)) throw std::runtime_error("nothing came for ten seconds");
    const ssize_t count = ::recv(socket_.native_handle(), to, size, 0);
    if (count < 0 && errno == ECONNRESET) reset_ = true;
    return count;
  }

  tcp::socket socket_;
  bool reset_ = false;
};

/// A listening socket whose connections the test accepts by itself.
class AcceptingOrigin {
 public:
  explicit AcceptingOrigin(boost::asio::io_context& context) : acceptor_(context, loopback(0)) {}
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  TcpPeer accept() {
    if (!has_connection(10s)) throw std::runtime_error("nobody came for ten seconds");
    return TcpPeer(acceptor_.accept());
  }
  bool has_connection(std::chrono::milliseconds time) {
    pollfd waiting{acceptor_.native_handle(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
  }

 private:
  tcp::acceptor acceptor_;
};

/// A port that nobody listens on, for as long as this lives.
class DeadPort {
 public:
  explicit DeadPort(boost::asio::io_context& context) : socket_(context, loopback(0)) {}
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

 private:
  tcp::socket socket_;  ///< bound, not listening
};

class Running {
 public:
  explicit Running(std::shared_ptr<const proxy::Service> service)
      : log_path_(folder_.folder() / "log"),
        log_(proxy::Log::open(log_path_, proxy::LogFormat::text).value()),
        server_(1, log_) {
    const std::vector<proxy::Listener> listeners{{{"127.0.0.1", 0}, std::move(service)}};
    if (!server_.listen(listeners)) throw std::runtime_error("it does not listen");
  }
  ~Running() { server_.drain(0ms); }

  tcp::endpoint endpoint() const { return loopback(server_.addresses().front().port); }
  TcpPeer connect() { return TcpPeer::connect(context_, endpoint()); }
  boost::asio::io_context& context() { return context_; }
  std::size_t connections() const { return server_.connections(); }
  proxy::Server& server() { return server_; }

  /// What was logged; waits until that stands in it, or two seconds.
  std::string log(std::string_view text) {
    for (int i = 0; i < 200; ++i) {
      log_->flush();
      std::ifstream file(log_path_);
      std::string all{std::istreambuf_iterator<char>(file), {}};
      if (all.find(text) != std::string::npos || i == 199) return all;
      std::this_thread::sleep_for(10ms);
    }
    return {};
  }

 private:
  TemporaryFolder folder_;
  std::string log_path_;
  std::shared_ptr<proxy::Log> log_;
  boost::asio::io_context context_;
  proxy::Server server_;
};

}  // namespace handfast::test
