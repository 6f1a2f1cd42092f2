// Resolves a host and connects to the first of its addresses that answers.
#include "net/connect.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/elsewhere.h"

namespace handfast::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Cancels `operation` when the time is over, and remembers that it did.
template <typename T>
class Guard {
 public:
  Guard(T& operation, std::chrono::milliseconds patience) : timer_(operation.get_executor(), patience) {
    timer_.async_wait([&operation, remembered = std::weak_ptr<bool>(passed_)](error_code cancelled) {
      const std::shared_ptr<bool> passed = remembered.lock();
      if (cancelled || !passed) return;
      *passed = true;
      operation.cancel();
    });
  }
  bool passed() const noexcept { return *passed_; }

 private:
  std::shared_ptr<bool> passed_ = std::make_shared<bool>(false);
  asio::steady_timer timer_;
};

/// "shop.localhost": never a question for DNS, which may not know it, or lie (RFC 6761, section 6.3). "localhost"
/// itself is the machine's own to tell.
bool is_below_localhost(std::string_view host) {
  constexpr std::string_view suffix = ".localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() <= suffix.size()) return false;
  return std::ranges::equal(host.substr(host.size() - suffix.size()), suffix, [](char have, char want) {
    return (have >= 'A' && have <= 'Z' ? have - 'A' + 'a' : have) == want;
  });
}

/// A resolver of Asio's has one thread for each event loop: one name that is slow would hold up all others. With these
/// it takes slow names of four clients at once to hold up a fifth, who then has the first thread that becomes free.
Elsewhere& resolvers() {
  static auto* const threads = new Elsewhere({.all = 16, .of_one = 4});
  return *threads;
}
/// Of a client: more than a page full of names from others.
constexpr std::size_t longest_line = 128;

/// Blocks.
Resolved look_up(const std::string& host, std::uint16_t port) {
  Resolved resolved;
  asio::io_context none;
  tcp::resolver resolver(none);
  const tcp::resolver::flags flags = tcp::resolver::numeric_service;
  const auto results = resolver.resolve(host, std::to_string(port), flags, resolved.error);
  for (const auto& result : results) {
    const tcp::endpoint endpoint = result.endpoint();
    if (std::ranges::find(resolved.endpoints, endpoint) == resolved.endpoints.end()) {
      resolved.endpoints.push_back(endpoint);
    }
  }
  return resolved;
}

asio::awaitable<Resolved> resolve_as(Elsewhere::Party whose, std::string host, std::uint16_t port,
                                     std::chrono::milliseconds patience) {
  Resolved resolved;
  // An address needs no resolver, nor its thread.
  const asio::ip::address literal = asio::ip::make_address(host, resolved.error);
  if (!resolved.error) {
    resolved.endpoints.emplace_back(literal, port);
    co_return resolved;
  }
  if (is_below_localhost(host)) {
    resolved.error = {};
    resolved.endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
    resolved.endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
    co_return resolved;
  }
  const auto found = std::make_shared<Resolved>();
  std::function<void()> work = [found, host, port] { *found = look_up(host, port); };
  Elsewhere::Outcome outcome = co_await resolvers().run(std::move(whose), std::move(work), patience);
  switch (outcome) {
    case Elsewhere::Outcome::done: resolved = std::move(*found); break;
    case Elsewhere::Outcome::late: resolved.error = asio::error::timed_out; break;
    case Elsewhere::Outcome::refused: resolved.error = asio::error::try_again; break;
  }
  if (!resolved.error && resolved.endpoints.empty()) resolved.error = asio::error::host_not_found;
  co_return resolved;
}

}  // namespace

asio::awaitable<Resolved> resolve(std::string host, std::uint16_t port, std::chrono::milliseconds patience) {
  return resolve_as({.name = host}, host, port, patience);
}

asio::awaitable<Resolved> resolve_for(std::string client, std::string host, std::uint16_t port,
                                      std::chrono::milliseconds patience) {
  return resolve_as({.name = std::move(client), .longest_line = longest_line}, std::move(host), port, patience);
}

namespace {

asio::awaitable<Connected> resolve_and_connect(std::string host, std::uint16_t port, ConnectOptions options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  Resolved resolved = co_await resolve(host, port, options.resolve_timeout);
  Connected connected{std::unexpected(NetError(Stage::resolve, resolved.error)), {}};
  for (const tcp::endpoint& endpoint : resolved.endpoints) {
    tcp::socket socket(executor);
    error_code error;
    {
      const Guard guard(socket, options.connect_timeout);
      co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
      if (error && guard.passed()) error = asio::error::timed_out;
    }
    connected.attempts.push_back({endpoint, error});
    if (!error) {
      connected.socket = std::move(socket);
      break;
    }
    connected.socket = std::unexpected(NetError(Stage::connect, error));
  }
  co_return connected;
}

}  // namespace

asio::awaitable<Connected> connect_tcp(std::string_view host, std::uint16_t port, const ConnectOptions& options) {
  return resolve_and_connect(std::string(host), port, options);
}

}  // namespace handfast::net
