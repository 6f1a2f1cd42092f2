// A proxy in a thread of its own, and a client and an origin that do what a test says, line by line.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/exchange.h"
#include "proxy/origin.h"
#include "proxy/server.h"

namespace handfast::test {

/// A socket that blocks, for five seconds at most: then the test fails and goes on.
class Peer {
 public:
  explicit Peer(int descriptor) noexcept : descriptor_(descriptor) {}
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&& other) noexcept;
  ~Peer();
  /// To 127.0.0.1.
  static Peer connect(std::uint16_t port);

  void send(std::string_view text);
  /// As much as the other side takes, until it takes nothing for a while: how many bytes.
  std::size_t send_until_blocked(std::string_view text,
                                 std::chrono::milliseconds time = std::chrono::milliseconds(200));
  /// So many bytes, or fewer where the end comes first.
  std::string receive(std::size_t size);
  /// To the end of a head, and no further.
  std::string head();
  /// To the end of the connection.
  std::string rest();
  /// Whether the connection has ended, one way or the other, with nothing in front of it.
  bool ended();
  /// Whether it has been reset.
  bool was_reset();
  /// Whether nothing comes for a while.
  bool silent(std::chrono::milliseconds time = std::chrono::milliseconds(60));
  void end();    ///< FIN
  void close();  ///< both ways
  void reset();  ///< RST

 private:
  int descriptor_;
};

/// Listens at 127.0.0.1.
class ScriptedOrigin {
 public:
  ScriptedOrigin();
  ~ScriptedOrigin();
  std::uint16_t port() const noexcept { return port_; }
  Peer accept();
  /// Whether nobody connects for a while.
  bool nobody_comes(std::chrono::milliseconds time = std::chrono::milliseconds(60));
  /// From now on nothing is listened at.
  void close();

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

/// What a test may have the proxy do.
struct Behaviour {
  proxy::Limits limits{};
  bool pooled = true;
  std::string scope{};  ///< of the pool's key
  std::function<proxy::Hop::Decision(http::RequestHead&, proxy::Hop::Decision)> request{};
  std::function<void(http::ResponseHead&)> response{};
  std::function<std::unique_ptr<proxy::BodyFilter>()> request_filter{};
  std::function<std::unique_ptr<proxy::BodyFilter>()> response_filter{};
  std::function<void(Bytes)> request_content{};
  std::function<void(Bytes)> response_content{};
  std::shared_ptr<const ServerConfig> tls{};         ///< towards clients
  std::shared_ptr<const ClientConfig> origin_tls{};  ///< towards the origin
};

/// The proxy: everything that comes goes to one origin.
class Rig {
 public:
  explicit Rig(Behaviour behaviour = {});
  ~Rig();

  ScriptedOrigin origin;
  std::uint16_t port() const noexcept { return port_; }
  Peer connect() const { return Peer::connect(port_); }
  /// The record of the request of that number, counted from 0, once it is over.
  proxy::ExchangeRecord record(std::size_t number);
  std::size_t records();
  proxy::Server& server() noexcept { return *server_; }

  struct Records;

 private:
  std::shared_ptr<Records> records_;
  std::unique_ptr<proxy::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace handfast::test
