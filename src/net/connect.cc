// Resolves a host and connects to the first of its addresses that answers.
#include "net/connect.h"

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/short_memory.h"
#include "net/elsewhere.h"
#include "net/socket_waits.h"

namespace handfast::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

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

constexpr std::chrono::seconds answer_lifetime{5};
/// Addresses of one name; a longer answer is not kept.
constexpr std::size_t longest_answer = 32;

/// A resolver of Asio's has one thread for each event loop: one name that is slow would hold up all others. With these
/// it takes slow names of four clients at once to hold up a fifth, who then has the first thread that becomes free.
Elsewhere& resolvers() {
  static auto* const threads = new Elsewhere({.all = 16, .of_one = 4});
  return *threads;
}
/// What they said. A page asks for the same few names again and again.
base::ShortMemory<std::string, std::vector<asio::ip::address>>& answers() {
  static auto* const kept = new base::ShortMemory<std::string, std::vector<asio::ip::address>>(4096, answer_lifetime);
  return *kept;
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

/// An address, or a name below localhost: it needs no resolver, nor its thread.
std::optional<Resolved> known_by_itself(const std::string& host, std::uint16_t port) {
  Resolved resolved;
  error_code no_literal;
  const asio::ip::address literal = asio::ip::make_address(host, no_literal);
  if (!no_literal) {
    resolved.endpoints.emplace_back(literal, port);
  } else if (is_below_localhost(host)) {
    resolved.endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
    resolved.endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
  }
  if (resolved.endpoints.empty()) return std::nullopt;
  return resolved;
}

asio::awaitable<Resolved> ask_resolver(Elsewhere::Party whose, std::string host, std::uint16_t port,
                                       std::chrono::milliseconds patience) {
  Resolved resolved;
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
  if (std::optional<Resolved> known = known_by_itself(host, port)) co_return *std::move(known);
  Elsewhere::Party whose{host};
  Resolved resolved = co_await ask_resolver(std::move(whose), std::move(host), port, patience);
  co_return resolved;
}

asio::awaitable<Resolved> resolve_for(std::string client, std::string host, std::uint16_t port,
                                      std::chrono::milliseconds patience) {
  if (std::optional<Resolved> known = known_by_itself(host, port)) co_return *std::move(known);
  Resolved resolved;
  if (const auto said = answers().find(host)) {
    for (const asio::ip::address& address : *said) resolved.endpoints.emplace_back(address, port);
    co_return resolved;
  }
  Elsewhere::Party whose{std::move(client), longest_line};
  resolved = co_await ask_resolver(std::move(whose), host, port, patience);
  if (resolved.error || resolved.endpoints.size() > longest_answer) co_return resolved;
  std::vector<asio::ip::address> addresses;
  for (const tcp::endpoint& endpoint : resolved.endpoints) addresses.push_back(endpoint.address());
  answers().put(host, std::move(addresses));
  co_return resolved;
}

namespace {

/// RFC 8305, section 5: the Connection Attempt Delay.
constexpr std::chrono::milliseconds attempt_delay{250};
/// Who has a name of his own gives it as many addresses as he likes: each costs us a descriptor.
constexpr std::size_t most_under_way = 8;

/// Attempts side by side, until one of them has succeeded.
class Race : public std::enable_shared_from_this<Race> {
 public:
  explicit Race(const asio::any_io_executor& executor) : news_(executor) {}

  void begin(const tcp::endpoint& endpoint) {
    if (under_way_ == most_under_way)
      leave(*std::ranges::find(runners_, true, &Runner::under_way), asio::error::timed_out);
    Runner& runner = runners_.emplace_back(tcp::socket(news_.get_executor()), Attempt{endpoint, {}});
    ++under_way_;
    next_ = std::chrono::steady_clock::now() + attempt_delay;
    runner.socket.async_connect(endpoint, [weak = weak_from_this(), &runner](error_code error) {
      const std::shared_ptr<Race> race = weak.lock();
      if (race && runner.under_way) race->ended(runner, error);
    });
  }
  /// Whether it is the next one's turn.
  bool is_time() const { return under_way_ == 0 || std::chrono::steady_clock::now() >= next_; }
  TimePoint next() const noexcept { return next_; }
  bool is_won() const noexcept { return winner_ != nullptr; }
  std::size_t under_way() const noexcept { return under_way_; }
  /// Cancelled when an attempt has ended.
  asio::steady_timer& news() noexcept { return news_; }

  /// What came of it so far; what is still under way ends.
  Connected result() && {
    Connected connected{std::unexpected(NetError(Stage::resolve, asio::error::host_not_found)), {}};
    for (Runner& runner : runners_) {
      if (&runner == winner_) continue;
      if (!runner.attempt.error)
        runner.attempt.error = winner_ ? asio::error::operation_aborted : asio::error::timed_out;
      connected.attempts.push_back(runner.attempt);
      connected.socket = std::unexpected(NetError(Stage::connect, runner.attempt.error));
    }
    if (!winner_) return connected;
    connected.attempts.push_back(winner_->attempt);
    connected.socket = std::move(winner_->socket);
    return connected;
  }

 private:
  struct Runner {
    tcp::socket socket;
    Attempt attempt;
    bool under_way = true;
  };
  void ended(Runner& runner, error_code error) {
    if (!error && winner_ == nullptr)
      winner_ = &runner;
    else
      next_ = TimePoint::min();
    leave(runner, error);
    news_.cancel();
  }
  void leave(Runner& runner, error_code error) {
    runner.under_way = false;
    runner.attempt.error = error;
    --under_way_;
    error_code ignored;
    if (error) runner.socket.close(ignored);
  }

  asio::steady_timer news_;
  std::list<Runner> runners_;
  Runner* winner_ = nullptr;
  std::size_t under_way_ = 0;
  TimePoint next_ = TimePoint::min();
};

}  // namespace

asio::awaitable<Connected> connect_to_one_of(std::vector<tcp::endpoint> endpoints, std::chrono::milliseconds patience) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto race = std::make_shared<Race>(executor);
  const TimePoint deadline = deadline_in(patience);
  auto untried = endpoints.begin();
  while (!race->is_won() && std::chrono::steady_clock::now() < deadline) {
    const bool is_last = untried == endpoints.end();
    if (!is_last && race->is_time()) {
      race->begin(*untried++);
      continue;
    }
    if (race->under_way() == 0) break;
    race->news().expires_at(is_last ? deadline : std::min(deadline, race->next()));
    error_code ignored;
    co_await race->news().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return std::move(*race).result();
}

namespace {

asio::awaitable<Connected> resolve_and_connect(std::string host, std::uint16_t port, ConnectOptions options) {
  Resolved resolved = co_await resolve(std::move(host), port, options.resolve_timeout);
  if (resolved.error) co_return Connected{std::unexpected(NetError(Stage::resolve, resolved.error)), {}};
  Connected connected = co_await connect_to_one_of(std::move(resolved.endpoints), options.connect_timeout);
  co_return connected;
}

}  // namespace

asio::awaitable<Connected> connect_tcp(std::string_view host, std::uint16_t port, const ConnectOptions& options) {
  return resolve_and_connect(std::string(host), port, options);
}

}  // namespace handfast::net
