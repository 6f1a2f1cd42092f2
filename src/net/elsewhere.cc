// Elsewhere: a line for each party, and threads that take from one line after the other.
#include "net/elsewhere.h"

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/socket_waits.h"

namespace handfast::net {
namespace {

namespace asio = boost::asio;

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

/// In a line until it is begun.
struct Elsewhere::Job {
  std::function<void()> work;
  bool waits = false;
  Lines::iterator line{};  ///< both: while it waits
  std::list<std::shared_ptr<Job>>::iterator place{};
};

/// What waits leaves its line with whoever waits for it.
class Elsewhere::Place {
 public:
  Place(Elsewhere& threads, std::shared_ptr<Job> job) noexcept : threads_(threads), job_(std::move(job)) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { threads_.leave(*job_); }

 private:
  Elsewhere& threads_;
  std::shared_ptr<Job> job_;
};

Elsewhere::Elsewhere(Threads threads) : threads_(threads), pool_(threads.all) {}
Elsewhere::~Elsewhere() { pool_.join(); }

bool Elsewhere::enter(const Party& whose, const std::shared_ptr<Job>& job) {
  std::list<std::shared_ptr<Job>> one{job};
  const std::lock_guard lock(mutex_);
  if (const auto found = lines_.find(whose.name);
      found != lines_.end() && found->second.jobs.size() >= whose.longest_line)
    return false;
  // Whoever looks for work and finds none goes again: so nothing is half done where memory ends in between.
  if (working_ < threads_.all) {
    asio::post(pool_, [this] { work(); });
    ++working_;
  }
  const auto line = lines_.try_emplace(whose.name).first;
  line->second.jobs.splice(line->second.jobs.end(), one);
  job->line = line;
  job->place = std::prev(line->second.jobs.end());
  job->waits = true;
  return true;
}

void Elsewhere::leave(Job& job) noexcept {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(job.waits, false)) return;
  job.line->second.jobs.erase(job.place);
  forget_if_empty(job.line);
}

/// The next one in turn that has something to do and is not at its bound; the end: there is none. Those that have
/// nothing to do, or are at their bound, have a thread: there are few of them.
Elsewhere::Lines::iterator Elsewhere::next_line() noexcept {
  for (std::size_t looked_at = 0; looked_at < lines_.size(); ++looked_at) {
    if (turn_ == lines_.end()) turn_ = lines_.begin();
    const auto line = turn_++;
    if (!line->second.jobs.empty() && line->second.being_done < threads_.of_one) return line;
  }
  return lines_.end();
}

void Elsewhere::forget_if_empty(Lines::iterator line) noexcept {
  if (!line->second.jobs.empty() || line->second.being_done > 0) return;
  if (turn_ == line) ++turn_;
  lines_.erase(line);
}

/// In one of the threads, until there is nothing left that it may do.
void Elsewhere::work() noexcept {
  std::unique_lock lock(mutex_);
  for (auto line = next_line(); line != lines_.end(); line = next_line()) {
    std::shared_ptr<Job> job = std::move(line->second.jobs.front());
    line->second.jobs.pop_front();
    job->waits = false;
    ++line->second.being_done;
    lock.unlock();
    try {
      job->work();
    } catch (...) {
      // There is nobody here to tell, and who waits will do so no longer than he wanted to.
    }
    job.reset();
    lock.lock();
    --line->second.being_done;
    forget_if_empty(line);
  }
  --working_;
}

asio::awaitable<Elsewhere::Outcome> Elsewhere::run(Party whose, std::function<void()> work,
                                                   std::chrono::milliseconds patience) {
  return wait(*this, std::move(whose), std::move(work), patience);
}

asio::awaitable<Elsewhere::Outcome> Elsewhere::wait(Elsewhere& threads, Party whose, std::function<void()> work,
                                                    std::chrono::milliseconds patience) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::execution_context& loop = asio::query(executor, asio::execution::context);
  const std::shared_ptr<Gate> gate = asio::use_service<GateKeeper>(loop).gate();
  const auto waiting = std::make_shared<Waiting>(executor);
  waiting->wake.expires_at(deadline_in(patience));
  const auto job = std::make_shared<Job>();
  job->work = [work = std::move(work), gate, weak = std::weak_ptr<Waiting>(waiting)] {
    work();
    come_back(gate, weak);
  };
  if (!threads.enter(whose, job)) co_return Outcome::refused;
  const Place place(threads, job);
  boost::system::error_code ignored;
  co_await waiting->wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return waiting->done ? Outcome::done : Outcome::late;
}

}  // namespace handfast::net
