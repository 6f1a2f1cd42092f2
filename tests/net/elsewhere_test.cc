// Elsewhere: work that blocks, loops that don't, and parties that wait for nobody but themselves.
#include "net/elsewhere.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>

#include "net/loopback.h"

namespace handfast::test {
namespace {

using net::Elsewhere;
using Outcome = Elsewhere::Outcome;

awaitable<void> keep(Elsewhere& threads, Elsewhere::Party whose, std::function<void()> work,
                     std::chrono::milliseconds patience, Outcome& kept) {
  Outcome outcome = co_await threads.run(std::move(whose), std::move(work), patience);
  kept = outcome;
}

/// Work that goes on until it is told to end.
class Held {
 public:
  Held() = default;
  ~Held() { release(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::function<void()> work() {
    return [state = state_] {
      ++state->begun;
      std::unique_lock lock(state->mutex);
      state->released.wait(lock, [&] { return state->open; });
    };
  }
  void release() {
    const std::lock_guard lock(state_->mutex);
    state_->open = true;
    state_->released.notify_all();
  }
  int begun() const { return state_->begun; }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable released;
    bool open = false;
    std::atomic<int> begun{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST(Elsewhere, WorkIsDoneInAnotherThread) {
  Elsewhere threads({.all = 2, .of_one = 2});
  io_context context;
  const auto where = std::make_shared<std::thread::id>();
  Outcome outcome = Outcome::late;
  Together one(context);
  one.add(keep(threads, {"a"}, [where] { *where = std::this_thread::get_id(); }, 10s, outcome));
  one.run();
  EXPECT_EQ(outcome, Outcome::done);
  EXPECT_NE(*where, std::this_thread::get_id());
}

TEST(Elsewhere, WhoAsksForMuchWaitsForItself) {
  Elsewhere threads({.all = 3, .of_one = 2});
  io_context context;
  Held held;
  Outcome slow[20];
  std::fill(std::begin(slow), std::end(slow), Outcome::done);
  Outcome fast[8] = {};
  std::fill(std::begin(fast), std::end(fast), Outcome::late);
  Together all(context);
  for (Outcome& each : slow) all.add(keep(threads, {"much"}, held.work(), 2s, each));
  for (Outcome& each : fast) all.add(keep(threads, {"little"}, [] {}, 15s, each));
  all.run();
  for (const Outcome each : fast) EXPECT_EQ(each, Outcome::done);
  for (const Outcome each : slow) EXPECT_EQ(each, Outcome::late) << "it was not waited for";
  EXPECT_EQ(held.begun(), 2) << "as many at a time as are one's";
}

TEST(Elsewhere, AThreadThatBecomesFreeTakesTheNextPartysWork) {
  Elsewhere threads({.all = 1, .of_one = 1});
  io_context context;
  Held held;
  const auto order = std::make_shared<std::string>();
  Outcome outcome[6];
  Together all(context);
  all.add(keep(threads, {"a"}, held.work(), 10s, outcome[0]));
  for (int i = 1; i < 4; ++i) all.add(keep(threads, {"b"}, [order] { *order += 'b'; }, 10s, outcome[i]));
  all.add(keep(threads, {"c"}, [order] { *order += 'c'; }, 10s, outcome[4]));
  all.add(keep(threads, {"d"}, [order] { *order += 'd'; }, 10s, outcome[5]));
  context.poll();
  held.release();
  all.run();
  EXPECT_EQ(*order, "bcdbb");
}

TEST(Elsewhere, ALineIsAsLongAsItMayBe) {
  Elsewhere threads({.all = 1, .of_one = 1});
  io_context context;
  Held held;
  const Elsewhere::Party bounded{"a", 3};
  Outcome first = Outcome::late, waiting[3], over = Outcome::done, other = Outcome::late;
  Together all(context);
  all.add(keep(threads, bounded, held.work(), 10s, first));
  context.poll();
  while (held.begun() == 0) std::this_thread::sleep_for(1ms);
  for (Outcome& each : waiting) all.add(keep(threads, bounded, [] {}, 10s, each));
  all.add(keep(threads, bounded, [] {}, 10s, over));
  context.poll();
  EXPECT_EQ(over, Outcome::refused) << "at once";
  all.add(keep(threads, {"b", 3}, [] {}, 10s, other));
  context.poll();
  held.release();
  all.run();
  EXPECT_EQ(first, Outcome::done);
  for (const Outcome each : waiting) EXPECT_EQ(each, Outcome::done);
  EXPECT_EQ(other, Outcome::done) << "each line is its own";
}

TEST(Elsewhere, WhatNobodyWaitsForIsNotBegunAndTakesNoPlace) {
  Elsewhere threads({.all = 1, .of_one = 1});
  io_context context;
  Held held;
  const Elsewhere::Party bounded{"a", 1};
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  Outcome blocked = Outcome::late, late = Outcome::done;
  {
    Together all(context);
    all.add(keep(threads, bounded, held.work(), 100ms, blocked));
    context.poll();
    while (held.begun() == 0) std::this_thread::sleep_for(1ms);
    all.add(keep(threads, bounded, [begun] { *begun = true; }, 100ms, late));
    all.run();
  }
  EXPECT_EQ(blocked, Outcome::late);
  EXPECT_EQ(late, Outcome::late);
  Outcome next = Outcome::refused;
  Together one(context);
  one.add(keep(threads, bounded, [] {}, 10s, next));
  context.restart();
  context.poll();
  held.release();
  one.run();
  EXPECT_EQ(next, Outcome::done) << "there was room again";
  EXPECT_FALSE(*begun);
}

TEST(Elsewhere, WorkThatFailsIsWorkThatDoesNotEnd) {
  Elsewhere threads({.all = 1, .of_one = 1});
  io_context context;
  Outcome failed = Outcome::done, next = Outcome::late;
  Together all(context);
  all.add(keep(threads, {"a"}, [] { throw std::bad_alloc(); }, 100ms, failed));
  all.add(keep(threads, {"a"}, [] {}, 10s, next));
  all.run();
  EXPECT_EQ(failed, Outcome::late);
  EXPECT_EQ(next, Outcome::done) << "the thread is still there";
}

TEST(Elsewhere, TheLoopMayGoFirst) {
  const auto begun = std::make_shared<std::atomic<int>>(0);
  const auto finished = std::make_shared<std::atomic<int>>(0);
  Elsewhere threads({.all = 20, .of_one = 20});
  for (int i = 0; i < 20; ++i) {
    auto context = std::make_unique<io_context>();
    Outcome outcome{};
    const auto work = [begun, finished, i] {
      ++*begun;
      std::this_thread::sleep_for(std::chrono::milliseconds(i));
      ++*finished;
    };
    boost::asio::co_spawn(*context, keep(threads, {"a"}, work, 10s, outcome), [](std::exception_ptr) {});
    context->poll();
    while (*begun <= i) std::this_thread::sleep_for(1ms);
    context.reset();
  }
  for (int i = 0; i < 1000 && *finished < 20; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(*finished, 20);
}

}  // namespace
}  // namespace handfast::test
