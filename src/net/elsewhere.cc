#include "net/elsewhere.h"

#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handfast::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t threads = 16;

asio::thread_pool& any_thread() {
  static auto* const all = new asio::thread_pool(threads);
  return *all;
}

/// Whether an event loop is still there for those who come back to it.
struct Gate {
  std::mutex mutex;
  bool open = true;
};

/// Closes the gate before the loop goes.
class GateKeeper final : public asio::execution_context::service {
 public:
  using key_type = GateKeeper;
  inline static asio::execution_context::id id;

  explicit GateKeeper(asio::execution_context& owner) : service(owner) {}
  const std::shared_ptr<Gate>& gate() const noexcept { return gate_; }

 private:
  void shutdown() noexcept override {
    const std::lock_guard lock(gate_->mutex);
    gate_->open = false;
  }
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

/// Lives as long as somebody waits, and belongs to the loop.
struct Waiting {
  explicit Waiting(const asio::any_io_executor& executor) : wake(executor) {}
  asio::steady_timer wake;
  bool done = false;
};

void come_back(const std::shared_ptr<Gate>& gate, const std::weak_ptr<Waiting>& waiting) {
  const std::lock_guard lock(gate->mutex);
  if (!gate->open) return;
  // The gate is open, and so the loop stays for as long as we have the lock.
  const std::shared_ptr<Waiting> here = waiting.lock();
  if (!here) return;
  asio::post(here->wake.get_executor(), [waiting] {
    const std::shared_ptr<Waiting> there = waiting.lock();
    if (!there) return;
    there->done = true;
    there->wake.cancel();
  });
}

}  // namespace

asio::awaitable<bool> run_elsewhere(std::function<void()> work, std::chrono::milliseconds patience) {
  return run_in(any_thread(), std::move(work), patience);
}

asio::awaitable<bool> run_in(asio::thread_pool& pool, std::function<void()> work, std::chrono::milliseconds patience) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::execution_context& loop = asio::query(executor, asio::execution::context);
  const std::shared_ptr<Gate> gate = asio::use_service<GateKeeper>(loop).gate();
  const auto waiting = std::make_shared<Waiting>(executor);
  waiting->wake.expires_after(patience);
  asio::post(pool, [work = std::move(work), gate, weak = std::weak_ptr<Waiting>(waiting)] {
    if (weak.expired()) return;
    work();
    come_back(gate, weak);
  });
  boost::system::error_code ignored;
  co_await waiting->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return waiting->done;
}

}  // namespace handfast::net
