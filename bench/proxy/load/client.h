// A client of the proxies under measurement: TCP, CONNECT where there is a proxy to ask, TLS of the system's libssl,
// and as much of HTTP/1.1 as a benchmark needs. A failure is an exception: a measurement with one in it is none.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

namespace handfast::bench {

namespace asio = boost::asio;
using asio::ip::tcp;
template <typename T>
using Awaitable = asio::awaitable<T>;

struct FreeSession {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

/// Whom to connect to, and how.
struct Target {
  std::uint16_t port = 0;          // on 127.0.0.1
  std::string name = "localhost";  // server name and Host
  std::uint16_t through = 0;       // the port of a proxy that is asked with CONNECT; 0: none
  std::string version = "1.3";     // or 1.2
};

/// The head of a response, and what came behind it.
struct Response {
  int status = 0;
  std::uint64_t content_length = 0;
};

/// All connections share it: one cipher suite and one key exchange, so that every server does the same work; RSA is
/// offered for mitmproxy's leaves alone. Certificates are not verified: it is the server that is measured.
asio::ssl::context make_context(const Target& target);

/// One connection. It does not move: coroutines and libssl hold it by reference.
class Client {
 public:
  Client(asio::io_context& io, asio::ssl::context& context, const Target& target);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const Target& target() const noexcept { return target_; }
  /// The last that the server gave, or null.
  Session take_session() noexcept { return std::move(session_); }
  /// The common name of who issued the server's certificate.
  std::string issuer();

 private:
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  friend asio::ssl::context make_context(const Target& target);
  friend Awaitable<void> connect(Client& client, SSL_SESSION* session);
  friend Awaitable<void> finish(Client& client);
  friend Awaitable<void> write(Client& client, std::span<const char> bytes);
  friend Awaitable<void> fill(Client& client);
  friend Awaitable<Response> read_response(Client& client);
  friend Awaitable<void> read_body(Client& client, std::uint64_t length);
  friend Awaitable<std::string> read_text(Client& client, std::uint64_t length);

  std::string_view unread() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

  const Target& target_;
  asio::ssl::stream<tcp::socket> stream_;
  Session session_;
  std::unique_ptr<char[]> buffer_;  // made with the first read
  std::size_t begin_ = 0, end_ = 0;
};

/// Offers `session` where there is one, and fails where that is not resumed.
Awaitable<void> connect(Client& client, SSL_SESSION* session);
/// Sends close_notify, and waits for the end of the other side.
Awaitable<void> finish(Client& client);
Awaitable<void> write(Client& client, std::span<const char> bytes);
/// The head of the next response; what came behind it is kept for who reads the body.
Awaitable<Response> read_response(Client& client);
/// Reads `length` bytes of body, and drops them.
Awaitable<void> read_body(Client& client, std::uint64_t length);
/// The same of a short body, and gives it.
Awaitable<std::string> read_text(Client& client, std::uint64_t length);

/// What Host says: the name, and the port that it is no other's.
std::string authority(const Target& target);

/// GET, and the whole answer, which is to be a 200.
Awaitable<void> get(Client& client, std::string path);

}  // namespace handfast::bench
