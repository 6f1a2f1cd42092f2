// Work that blocks, done in other threads than those that serve.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

namespace handfast::net {

/// A few threads that many parties share fairly: none of them works in more than a few threads at a time, however much
/// it asks for, and a thread that has become free takes the next party's work. So who asks for what takes long waits
/// for its own, and the others go on. Thread-safe.
class Elsewhere {
 public:
  struct Threads {
    std::size_t all;
    std::size_t of_one;  ///< that work for one party at a time
  };
  explicit Elsewhere(Threads threads);
  /// Waits for what is being done; nobody waits for it any more.
  ~Elsewhere();
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

  /// For whom something is done: whoever has the same name waits in the same line.
  struct Party {
    std::string name;
    std::size_t longest_line = std::numeric_limits<std::size_t>::max();
  };
  enum class Outcome : std::uint8_t {
    done,
    late,    ///< not within the time
    refused  ///< as much of that party's waits already as may
  };
  /// Has `work` done, and waits without holding up this thread, 0: for ever. Where it is not done in time, or the loop
  /// goes, it goes on, or is not even begun, and nobody waits for it: it owns all that it uses, and what it writes is
  /// looked at only where it is done. What it throws, for want of memory, counts as work that does not end.
  boost::asio::awaitable<Outcome> run(Party whose, std::function<void()> work, std::chrono::milliseconds patience);

 private:
  struct Job;
  struct Line {
    std::list<std::shared_ptr<Job>> jobs{};
    std::size_t being_done = 0;
  };
  class Place;
  using Lines = std::map<std::string, Line>;
  static boost::asio::awaitable<Outcome> wait(Elsewhere& threads, Party whose, std::function<void()> work,
                                              std::chrono::milliseconds patience);
  bool enter(const Party& whose, const std::shared_ptr<Job>& job);
  void leave(Job& job) noexcept;
  Lines::iterator next_line() noexcept;
  void forget_if_empty(Lines::iterator line) noexcept;
  void work() noexcept;

  const Threads threads_;
  std::mutex mutex_;  ///< of all that follows, but for the threads
  Lines lines_;       ///< of the parties that have something waiting, or being done
  Lines::iterator turn_ = lines_.end();
  std::size_t working_ = 0;  ///< threads that have something to do, or are about to look for it
  boost::asio::thread_pool pool_;
};

}  // namespace handfast::net
