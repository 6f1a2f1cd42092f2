#include "doctor/lab/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <handfast/connection.h>

#include "record/record.h"
#include "wire/handshake.h"

namespace handfast::doctor::lab {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::chrono::seconds lifetime{30};
/// How long a client is given to take our last words.
constexpr milliseconds patience{2'000};
/// Before a connection is reset that nothing was read from: a client that is reset while it still connects would tell
/// of another fault than one that is reset when it has.
constexpr milliseconds pause_before_reset{50};
constexpr std::size_t max_hello = 65536;

/// Closes the socket when the time is over.
class Lifetime {
 public:
  Lifetime(tcp::socket& socket, std::chrono::milliseconds time) : timer_(socket.get_executor(), time) {
    timer_.async_wait([&socket, alive = std::weak_ptr<bool>(alive_)](error_code cancelled) {
      if (cancelled || alive.expired()) return;
      error_code ignored;
      socket.close(ignored);
    });
  }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  asio::steady_timer timer_;
};

/// How many bytes came; 0: none will come any more.
asio::awaitable<std::size_t> read_some(tcp::socket& socket, MutableBytes buffer) {
  error_code error;
  co_return co_await socket.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                            asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<bool> write_all(tcp::socket& socket, Bytes bytes) {
  error_code error;
  co_await asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()),
                             asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

asio::awaitable<void> read_to_end(tcp::socket& socket) {
  std::array<std::uint8_t, 4096> dropped;
  std::size_t count = dropped.size();
  while (count != 0) count = co_await read_some(socket, dropped);
}

/// A socket that is closed with bytes unread is reset: the client would lose what it was told.
asio::awaitable<void> close_gently(tcp::socket& socket) {
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  const Lifetime limit(socket, patience);
  co_await read_to_end(socket);
}

asio::awaitable<void> end_as(tcp::socket& socket, End end) {
  error_code ignored;
  switch (end) {
    case End::fin: co_await close_gently(socket); break;
    case End::reset:
      socket.set_option(asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
      break;
    case End::silence: co_await read_to_end(socket); break;
  }
}

/// What came of the client's first flight: whole records, and the message in them where there is a whole one.
struct FirstFlight {
  Buffer bytes;
  Buffer message;  ///< with its header
  std::size_t records = 0;
  std::size_t reads = 0;
  std::size_t pieces() const noexcept { return std::max(records, reads); }
};

/// Takes what is whole; false: no more of it is to be waited for.
bool needs_more(FirstFlight& flight, std::size_t& looked_at) {
  const Bytes bytes = flight.bytes;
  while (bytes.size() - looked_at >= record::header_size) {
    const record::Header header = record::parse_header(bytes.subspan(looked_at));
    if (header.type != ContentType::handshake) return false;
    const std::size_t end = looked_at + record::header_size + header.length;
    if (bytes.size() < end) return end <= max_hello;
    const Bytes fragment = bytes.subspan(looked_at + record::header_size, header.length);
    flight.message.insert(flight.message.end(), fragment.begin(), fragment.end());
    ++flight.records;
    looked_at = end;
    const auto message = wire::read_handshake_header(flight.message);
    if (message && flight.message.size() >= wire::handshake_header_size + message->length) return false;
  }
  return bytes.size() < max_hello;
}

asio::awaitable<FirstFlight> read_first_flight(tcp::socket& socket) {
  FirstFlight flight;
  std::array<std::uint8_t, 4096> buffer;
  std::size_t looked_at = 0;
  bool more = true;
  while (more) {
    const std::size_t count = co_await read_some(socket, buffer);
    if (count == 0) break;
    ++flight.reads;
    flight.bytes.insert(flight.bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    more = needs_more(flight, looked_at);
  }
  co_return flight;
}

Ruling ruling_on(const FirstFlight& flight, const Rule& rule) {
  const auto header = wire::read_handshake_header(flight.message);
  if (!header || header->type != HandshakeType::client_hello ||
      flight.message.size() < wire::handshake_header_size + header->length)
    return rule({nullptr, flight.bytes.size(), flight.pieces()});
  const auto hello =
      wire::parse_client_hello(Bytes(flight.message).subspan(wire::handshake_header_size, header->length));
  return rule({hello ? &*hello : nullptr, flight.bytes.size(), flight.pieces()});
}

std::string page_of(const std::string& text) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                     text.size(), text);
}

/// One connection: the engine, what is done to its words, and how far it goes.
class Session {
 public:
  Session(const TlsServer& server, std::shared_ptr<const ServerConfig> config)
      : server_(server), tamperer_(server.tampering), connection_(Connection::server(std::move(config), &tamperer_)) {}

  /// Takes what came; afterwards `output` is what is to be sent.
  void take(Bytes bytes) {
    ++flights_;
    input_.insert(input_.end(), bytes.begin(), bytes.end());
    std::size_t used = 0;
    while (used < input_.size()) {
      const auto received = connection_.receive(MutableBytes(input_).subspan(used));
      if (!received || received->consumed == 0) break;
      used += received->consumed;
      if (!received->data.empty()) asked_ = true;
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used));
  }

  /// Whether it is to end now, and how.
  std::optional<End> broken() const noexcept {
    if (!server_.breaks) return std::nullopt;
    const bool now = (server_.breaks->moment == Moment::client_flight && flights_ > 1) ||
                     (server_.breaks->moment == Moment::request && asked_);
    return now ? std::optional(server_.breaks->end) : std::nullopt;
  }
  bool breaks_behind_server_hello() const noexcept {
    return server_.breaks && server_.breaks->moment == Moment::server_hello;
  }

  /// Nothing where the lab itself has failed.
  std::optional<Buffer> output() {
    if (asked_ && connection_.can_send()) {
      static_cast<void>(connection_.send(as_bytes(page_of(server_.page))));
      connection_.close();
    }
    if (connection_.received_close()) connection_.close();
    auto passed = tamperer_.pass(connection_.output());
    connection_.drained(connection_.output().size());
    if (!passed) return std::nullopt;
    return *std::move(passed);
  }
  bool is_over() const noexcept { return connection_.error() != nullptr || connection_.received_close(); }

 private:
  const TlsServer& server_;
  Tamperer tamperer_;
  Connection connection_;
  Buffer input_;
  std::size_t flights_ = 0;
  bool asked_ = false;
};

asio::awaitable<void> run_tls(std::shared_ptr<const TlsServer> server, tcp::socket socket) {
  const Lifetime limit(socket, lifetime);
  const FirstFlight flight = co_await read_first_flight(socket);
  if (flight.bytes.empty()) co_return;
  const Ruling ruling = ruling_on(flight, server->rule);
  if (const End* end = std::get_if<End>(&ruling)) {
    co_await end_as(socket, *end);
    co_return;
  }
  if (const Buffer* bytes = std::get_if<Buffer>(&ruling)) {
    const bool written = co_await write_all(socket, *bytes);
    if (written) co_await close_gently(socket);
    co_return;
  }
  Session session(*server, std::get<std::shared_ptr<const ServerConfig>>(ruling));
  Buffer came = flight.bytes;
  while (!came.empty()) {
    session.take(came);
    const std::optional<End> broken = session.broken();
    if (broken) {
      co_await end_as(socket, *broken);
      co_return;
    }
    std::optional<Buffer> output = session.output();
    if (!output) co_return;
    if (session.breaks_behind_server_hello() && output->size() > record::header_size) {
      output->resize(record::header_size + record::parse_header(*output).length);
      const bool written = co_await write_all(socket, *output);
      if (written) co_await end_as(socket, server->breaks->end);
      co_return;
    }
    const bool written = co_await write_all(socket, *output);
    if (!written || session.is_over()) break;
    came.resize(Connection::max_record_size);
    const std::size_t count = co_await read_some(socket, came);
    came.resize(count);
  }
  co_await close_gently(socket);
}

asio::awaitable<void> run_greeting(std::shared_ptr<const std::string> words, tcp::socket socket) {
  const Lifetime limit(socket, lifetime);
  const bool written = co_await write_all(socket, as_bytes(*words));
  if (written) co_await read_to_end(socket);
}

asio::awaitable<void> run_answer(std::shared_ptr<const Buffer> bytes, tcp::socket socket) {
  const Lifetime limit(socket, lifetime);
  std::array<std::uint8_t, 4096> buffer;
  const std::size_t count = co_await read_some(socket, buffer);
  if (count == 0) co_return;
  const bool written = co_await write_all(socket, *bytes);
  if (written) co_await close_gently(socket);
}

asio::awaitable<void> run_break(Break breaks, tcp::socket socket) {
  const Lifetime limit(socket, lifetime);
  if (breaks.moment == Moment::client_hello) {
    std::array<std::uint8_t, 4096> buffer;
    const std::size_t count = co_await read_some(socket, buffer);
    if (count == 0) co_return;
  } else if (breaks.end == End::reset) {
    error_code ignored;
    asio::steady_timer pause(socket.get_executor(), pause_before_reset);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_await end_as(socket, breaks.end);
}

}  // namespace

Rule always(std::shared_ptr<const ServerConfig> config) {
  return [config = std::move(config)](const Hello&) { return Ruling(config); };
}

net::Serve serve_tls(TlsServer server) {
  return [server = std::make_shared<const TlsServer>(std::move(server))](tcp::socket socket) {
    return run_tls(server, std::move(socket));
  };
}

net::Serve greet(std::string words) {
  return [words = std::make_shared<const std::string>(std::move(words))](tcp::socket socket) {
    return run_greeting(words, std::move(socket));
  };
}

net::Serve answer(Buffer bytes) {
  return [bytes = std::make_shared<const Buffer>(std::move(bytes))](tcp::socket socket) {
    return run_answer(bytes, std::move(socket));
  };
}

net::Serve break_off(Break breaks) {
  return [breaks](tcp::socket socket) { return run_break(breaks, std::move(socket)); };
}

}  // namespace handfast::doctor::lab
