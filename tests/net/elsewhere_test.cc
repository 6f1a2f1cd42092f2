// run_elsewhere: work that blocks, and loops that don't.
#include "net/elsewhere.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "net/loopback.h"

namespace handfast::test {
namespace {

awaitable<void> keep(std::function<void()> work, std::chrono::milliseconds patience, bool& kept) {
  bool done = co_await net::run_elsewhere(std::move(work), patience);
  kept = done;
}

TEST(Elsewhere, WorkIsDoneInAnotherThread) {
  io_context context;
  const auto where = std::make_shared<std::thread::id>();
  bool done = false;
  Together one(context);
  one.add(keep([where] { *where = std::this_thread::get_id(); }, 10s, done));
  one.run();
  EXPECT_TRUE(done);
  EXPECT_NE(*where, std::this_thread::get_id());
}

TEST(Elsewhere, WhatBlocksHoldsUpNothing) {
  io_context context;
  bool slow = true;
  bool fast[8] = {};
  Together all(context);
  const auto begin = std::chrono::steady_clock::now();
  all.add(keep([] { std::this_thread::sleep_for(3s); }, 300ms, slow));
  for (bool& each : fast) all.add(keep([] { std::this_thread::sleep_for(50ms); }, 10s, each));
  all.run();
  EXPECT_FALSE(slow) << "it was not waited for";
  for (const bool each : fast) EXPECT_TRUE(each);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(Elsewhere, WhatNobodyWaitsForIsNotBegun) {
  io_context context;
  bool blocked[16] = {};
  Together all(context);
  for (bool& each : blocked) all.add(keep([] { std::this_thread::sleep_for(500ms); }, 10s, each));
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  bool late = true;
  all.add(keep([begun] { *begun = true; }, 100ms, late));
  all.run();
  EXPECT_FALSE(late);
  EXPECT_FALSE(*begun);
}

TEST(Elsewhere, TheLoopMayGoFirst) {
  const auto finished = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 20; ++i) {
    auto context = std::make_unique<io_context>();
    bool done = false;
    boost::asio::co_spawn(*context,
                          keep(
                              [finished, i] {
                                std::this_thread::sleep_for(std::chrono::milliseconds(i));
                                ++*finished;
                              },
                              10s, done),
                          [](std::exception_ptr) {});
    context->run_for(std::chrono::milliseconds(10));
    context.reset();
  }
  for (int i = 0; i < 200 && *finished < 20; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(*finished, 20);
}

}  // namespace
}  // namespace handfast::test
