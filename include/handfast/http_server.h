// A small HTTPS server: HTTP/1.1 over TLS, one function that answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/config.h>
#include <handfast/connection.h>
#include <handfast/net_error.h>
#include <handfast/trace.h>

namespace handfast::http {

struct Field {
  std::string name;
  std::string value;
};

/// Who is at the other end, and over what.
struct Peer {
  std::string address;           ///< "192.0.2.1:50000", "[2001:db8::1]:50000"
  const Connection& connection;  ///< what was agreed on; not to be called with anything that changes it
  Trace* trace;                  ///< what Settings::trace made for this connection, or nullptr
};

struct Request {
  std::string method;
  std::string target;  ///< as sent, "/path?query"
  std::vector<Field> fields;
  std::string body;
  const Peer& peer;
  /// Some of it came as early data (RFC 8446, section 2.3): whoever saw it on its way may have sent it again. Anything
  /// but GET and HEAD never comes to a handler so: it is answered with 425 (RFC 8470).
  bool early_data = false;

  /// The value of the first field of that name (in any case), or empty.
  std::string_view field(std::string_view name) const noexcept;
};

/// Content-Length, Date, Server and Connection are filled in.
struct Response {
  unsigned status = 200;
  std::vector<Field> fields{};
  std::string body{};
  std::filesystem::path file{};  ///< sent instead of `body` where it is set; 404 where it can't be read
};

/// Answers one request. Called from the threads of `run`, by several at once where there are several; an exception that
/// it throws becomes a 500.
using Handler = std::function<Response(const Request&)>;

struct Settings {
  /// "ADDR:PORT", "[::1]:443", ":8443" (every address); port 0: any that is free.
  std::string listen = ":443";
  std::shared_ptr<const ServerConfig> tls{};
  Handler handler{};
  /// Whether a request needs a client with a certificate. One that has shown none yet is asked for it (RFC 8446,
  /// section 4.6.2) before `handler` hears of the request, where its TLS offers that and `tls` has
  /// `post_handshake_auth`; whether it had any, ConnectionInfo says. Called as `handler` is; null: none does.
  std::function<bool(const Request&)> needs_certificate{};
  /// Makes a Trace for each connection; null: none.
  std::function<std::unique_ptr<Trace>()> trace{};
  /// Hears of each handshake that succeeded; null: nobody does.
  std::function<void(const Peer&)> established{};
  /// Hears of each client that has authenticated after the handshake; null: nobody does.
  std::function<void(const Peer&)> authenticated{};
  /// Hears of each connection that failed, in the handshake or in a request or its answer; null: nobody does. Clients
  /// that just go away between two requests have not failed.
  std::function<void(const Peer&, const NetError&)> failed{};
  std::chrono::milliseconds handshake_timeout{10'000};
  /// For a whole request to come (looked at whenever something has: one that drips may take twice as long), and for
  /// each step of an answer to go.
  std::chrono::milliseconds request_timeout{30'000};
  /// Past this many connections, new ones wait to be accepted.
  std::size_t max_connections = 1024;
  std::size_t max_header = 32 * 1024;
  std::size_t max_body = 1024 * 1024;
  unsigned threads = 1;
};

class Server {
 public:
  /// Binds and listens. Fails with the error of the transport, or bad_config: an address that is none, no `tls`, no
  /// `handler`.
  static NetResult<Server> listen(Settings settings);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  std::uint16_t port() const noexcept;
  /// Serves until `stop`.
  void run();
  /// From any thread: `run` returns. Connections are closed with the server.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

/// Serves `listen` with a certificate chain and a key in PEM files. Returns only where it can't, with the reason.
NetError serve(std::string listen, const std::string& chain_path, const std::string& key_path, Handler handler);

}  // namespace handfast::http
