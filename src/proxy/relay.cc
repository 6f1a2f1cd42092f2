// relay: a coroutine for each direction.
#include "proxy/relay.h"

#include <memory>
#include <new>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handfast::proxy {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// What both directions know. It lives as long as one of them, and what it refers to as long as `relay`, which waits
/// for both unless there is no memory to do so.
struct Shared {
  Shared(Leg& a, Leg& b, RelayOptions chosen, const asio::any_io_executor& executor)
      : client(a), origin(b), options(chosen), over(executor, Clock::time_point::max()) {}

  void fail(const NetError& error, bool of_origin) {
    if (left) return;
    if (!result.error) {
      result.error = error;
      result.origin_failed = of_origin;
    }
    client.break_off();
    origin.break_off();
  }
  void fail_for_memory() { fail(NetError(Stage::read, asio::error::no_memory), false); }

  Leg& client;
  Leg& origin;
  RelayOptions options;
  Clock::time_point last = Clock::now();  ///< when a byte came
  Relayed result;
  int under_way = 0;        ///< directions
  bool left = false;        ///< by `relay`
  asio::steady_timer over;  ///< cancelled when one has ended
};

enum class Way : std::uint8_t { to_origin, to_client };

/// How long the next read may take, by what came in either direction.
std::chrono::milliseconds patience(const Shared& shared) {
  const auto left = shared.last + shared.options.idle_timeout - Clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(1));
}

/// One that is under way, for as long as it lives. Without memory it ends by an exception, or does not even begin: then
/// the other one ends, too.
class Direction {
 public:
  explicit Direction(std::shared_ptr<Shared> shared) noexcept : shared_(std::move(shared)) { ++shared_->under_way; }
  Direction(Direction&&) noexcept = default;
  Direction& operator=(Direction&&) = delete;
  ~Direction() {
    if (!shared_) return;
    if (!ended_) shared_->fail_for_memory();
    --shared_->under_way;
    shared_->over.cancel();
  }
  Shared& shared() noexcept { return *shared_; }
  void end() noexcept { ended_ = true; }

 private:
  std::shared_ptr<Shared> shared_;
  bool ended_ = false;
};

asio::awaitable<void> move_bytes(Direction direction, Way way) {
  Shared& shared = direction.shared();
  const bool upwards = way == Way::to_origin;
  Leg& from = upwards ? shared.client : shared.origin;
  Leg& to = upwards ? shared.origin : shared.client;
  std::uint64_t& count = upwards ? shared.result.to_origin : shared.result.to_client;
  const bool bounded = shared.options.idle_timeout.count() > 0;
  while (!shared.left) {
    if (bounded) from.set_read_timeout(patience(shared));
    NetResult<Bytes> bytes = co_await from.read();
    if (shared.left) break;
    if (!bytes && bytes.error().transport() == asio::error::timed_out) {
      // The other direction may have been busy meanwhile.
      if (Clock::now() < shared.last + shared.options.idle_timeout) continue;
      shared.result.idle = true;
    }
    if (!bytes) {
      shared.fail(bytes.error(), !upwards);
      break;
    }
    shared.last = Clock::now();
    if (upwards && shared.options.observer != nullptr && !shared.options.observer->from_client(*bytes))
      shared.options.observer = nullptr;
    NetResult<> written;
    if (bytes->empty())
      written = co_await to.close_write();
    else
      written = co_await to.write(*bytes);
    if (shared.left) break;
    if (!written) {
      shared.fail(written.error(), upwards);
      break;
    }
    if (bytes->empty()) break;
    count += bytes->size();
    shared.last = Clock::now();
  }
  direction.end();
}

/// What goes on when `relay` ends, which only an exception brings about, goes no further.
class Leaving {
 public:
  explicit Leaving(Shared& shared) noexcept : shared_(shared) {}
  ~Leaving() {
    if (shared_.under_way > 0) shared_.fail_for_memory();
    shared_.left = true;
  }
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;

 private:
  Shared& shared_;
};

}  // namespace

asio::awaitable<Relayed> relay(Leg& client, Leg& origin, RelayOptions options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto shared = std::make_shared<Shared>(client, origin, options, executor);
  const Leaving leaving(*shared);
  if (options.idle_timeout.count() > 0) {
    client.set_write_timeout(options.idle_timeout);
    origin.set_write_timeout(options.idle_timeout);
  }
  for (const Way way : {Way::to_origin, Way::to_client}) {
    Direction direction(shared);
    try {
      asio::co_spawn(executor, move_bytes(std::move(direction), way), asio::detached);
    } catch (const std::bad_alloc&) {
      // That the direction has said.
    }
  }
  while (shared->under_way > 0) {
    boost::system::error_code ignored;
    co_await shared->over.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (!shared->result.error) {
    NetResult<> closed = co_await client.shutdown();
    closed = co_await origin.shutdown();
  }
  co_return std::move(shared->result);
}

}  // namespace handfast::proxy
