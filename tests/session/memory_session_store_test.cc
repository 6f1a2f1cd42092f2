// Sessions of a server in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <handfast/session.h>

#include "session/memory.h"

namespace handfast {
namespace {

using enum SessionUse;

constexpr std::int64_t now = 1000;
constexpr std::int64_t later = now + 100;

Buffer text(std::string_view content) {
  const Bytes bytes = as_bytes(content);
  return {bytes.begin(), bytes.end()};
}
/// One shard, so that who is the oldest does not hang on the hash's key.
MemorySessionStore::Options one_shard(std::size_t entries, std::size_t bytes = 1 << 20) {
  return {.entries = entries, .bytes = bytes, .shards = 1};
}
void put(MemorySessionStore& store, std::string_view id, std::string_view session, std::int64_t expires = later) {
  store.put(as_bytes(id), as_bytes(session), expires);
}
bool has(MemorySessionStore& store, std::string_view id) { return store.find_now(as_bytes(id), keep, now).has_value(); }

TEST(MemorySessionStore, KeepsWhatIsKeptAndTakesWhatIsTaken) {
  MemorySessionStore store;
  put(store, "id", "session");
  EXPECT_EQ(store.find_now(as_bytes("id"), keep, now), text("session"));
  EXPECT_EQ(store.find_now(as_bytes("id"), keep, now), text("session"));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.find_now(as_bytes("id"), take, now), text("session"));
  EXPECT_EQ(store.find_now(as_bytes("id"), take, now), std::nullopt);
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(MemorySessionStore, KnowsNoOthers) {
  MemorySessionStore store;
  put(store, "id", "session");
  for (const std::string_view other : {"", "i", "ie", "id ", "ID"}) EXPECT_FALSE(has(store, other)) << other;
  put(store, "", "of no ID");
  EXPECT_TRUE(has(store, ""));
}

TEST(MemorySessionStore, ForgetsWhatHasExpired) {
  MemorySessionStore store;
  for (const SessionUse use : {keep, take}) {
    put(store, "id", "session");
    EXPECT_EQ(store.find_now(as_bytes("id"), use, later), std::nullopt);
    EXPECT_EQ(store.size(), 0u);
    EXPECT_EQ(store.bytes(), 0u);
  }
  put(store, "id", "session");
  EXPECT_TRUE(store.find_now(as_bytes("id"), keep, later - 1));
}

TEST(MemorySessionStore, PutTakesThePlaceOfWhatWasThere) {
  MemorySessionStore store;
  put(store, "id", "a session");
  const std::size_t bytes = store.bytes();
  put(store, "id", "another session");
  EXPECT_EQ(store.find_now(as_bytes("id"), keep, now), text("another session"));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.bytes(), bytes + 6);
}

TEST(MemorySessionStore, Erases) {
  MemorySessionStore store;
  put(store, "id", "session");
  store.erase(as_bytes("other"));
  EXPECT_TRUE(has(store, "id"));
  store.erase(as_bytes("id"));
  EXPECT_FALSE(has(store, "id"));
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(MemorySessionStore, FindAnswersAtOnceByTheMachinesClock) {
  MemorySessionStore store;
  put(store, "id", "session", system_clock().now() + 3600);
  put(store, "old", "session", system_clock().now() - 3600);
  std::vector<std::optional<Buffer>> answers;
  const auto done = [&](std::optional<Buffer> answer) { answers.push_back(std::move(answer)); };
  store.find(text("id"), keep, done);
  store.find(text("old"), keep, done);
  store.find(text("id"), take, done);
  store.find(text("id"), take, done);
  EXPECT_EQ(answers,
            (std::vector<std::optional<Buffer>>{text("session"), std::nullopt, text("session"), std::nullopt}));
}

TEST(MemorySessionStore, TheOneUsedLongestAgoGoes) {
  MemorySessionStore store(one_shard(3));
  put(store, "a", "1");
  put(store, "b", "2");
  put(store, "c", "3");
  EXPECT_TRUE(has(store, "a"));  // used: now b is the oldest
  put(store, "d", "4");
  EXPECT_FALSE(has(store, "b"));
  put(store, "c", "5");  // as good as new
  put(store, "e", "6");
  EXPECT_FALSE(has(store, "a"));
  EXPECT_TRUE(has(store, "c"));
  EXPECT_TRUE(has(store, "d"));
  EXPECT_TRUE(has(store, "e"));
  EXPECT_EQ(store.size(), 3u);
}

TEST(MemorySessionStore, BytesAreBounded) {
  MemorySessionStore probe(one_shard(10));
  put(probe, "a", std::string(1000, 'x'));
  const std::size_t one = probe.bytes();
  EXPECT_GT(one, 1001u);

  MemorySessionStore store(one_shard(100, 3 * one));
  for (const std::string_view id : {"a", "b", "c"}) put(store, id, std::string(1000, 'x'));
  EXPECT_EQ(store.bytes(), 3 * one);
  put(store, "d", std::string(1, 'x'));  // small as it is, something has to go
  EXPECT_FALSE(has(store, "a"));
  EXPECT_EQ(store.size(), 3u);
  put(store, "e", std::string(2000 + one - 1000, 'x'));  // takes the room of two and a bit
  EXPECT_LE(store.bytes(), 3 * one);
  EXPECT_TRUE(has(store, "e"));

  put(store, "f", std::string(3 * one, 'x'));  // fits nowhere, and drives nothing out
  EXPECT_FALSE(has(store, "f"));
  EXPECT_TRUE(has(store, "e"));
  put(store, "e", std::string(3 * one, 'x'));  // but what was there is outdated
  EXPECT_FALSE(has(store, "e"));
}

TEST(MemorySessionStore, BoundsHoldOverAllShards) {
  for (const auto& [entries, shards] :
       {std::pair<std::size_t, std::size_t>{100, 16}, {100, 7}, {3, 16}, {1, 16}, {100, 0}, {100, 1}, {0, 16}}) {
    MemorySessionStore store({.entries = entries, .bytes = 1 << 20, .shards = shards});
    for (int i = 0; i < 2000; ++i) put(store, std::to_string(i), "session");
    EXPECT_LE(store.size(), entries);
    EXPECT_GE(store.size(), entries - entries % std::max<std::size_t>(1, shards));  // each shard is full
  }
  MemorySessionStore store({.entries = 10'000, .bytes = 50'000, .shards = 4});
  for (int i = 0; i < 2000; ++i) put(store, std::to_string(i), std::string(100, 'x'));
  EXPECT_LE(store.bytes(), 50'000u);
  EXPECT_GT(store.bytes(), 45'000u);
  MemorySessionStore none({.entries = 10, .bytes = 0, .shards = 1});
  put(none, "id", "session");
  EXPECT_EQ(none.size(), 0u);
}

TEST(MemorySessionStore, WipesWhatGoes) {
  const Buffer secret = text("what nobody else may read");
  test::FreedWatch watch(secret);
  {
    MemorySessionStore store(one_shard(2));
    for (int i = 0; i < 4; ++i) store.put(as_bytes(std::to_string(i)), secret, later);  // two are driven out
    store.put(as_bytes("3"), secret, later);                                            // one is replaced
    store.put(as_bytes("4"), secret, later);
    store.erase(as_bytes("4"));
    store.find_now(as_bytes("3"), keep, later);  // expired
    store.put(as_bytes("5"), secret, later);
    store.put(as_bytes("6"), secret, later);
  }
  EXPECT_EQ(watch.found(), 0u);
  {
    const Buffer unwiped(secret.begin(), secret.end());
  }
  EXPECT_EQ(watch.found(), 1u);
}

// Whichever of its allocations fails: the session is not kept, or not found, and nothing else happens.
TEST(MemorySessionStore, OutOfMemory) {
  bool enough = false;
  for (std::size_t blocks = 0; !enough; ++blocks) {
    ASSERT_LT(blocks, 100u);
    MemorySessionStore store(one_shard(10));
    put(store, "a", "what was there");
    const std::size_t one = store.bytes();
    const std::string longer(1000, 'x');
    {
      test::ShortMemory memory(blocks);
      put(store, "b", longer);
      put(store, "a", longer);
      enough = !memory.ran_out();
    }
    EXPECT_EQ(enough, has(store, "a") && has(store, "b")) << blocks;
    EXPECT_NE(store.find_now(as_bytes("a"), keep, now), text("what was there")) << "it is outdated";
    store.erase(as_bytes("a"));
    store.erase(as_bytes("b"));
    EXPECT_EQ(store.size(), 0u);
    EXPECT_EQ(store.bytes(), 0u);
    put(store, "a", "what was there");
    EXPECT_EQ(store.bytes(), one);
    {
      test::ShortMemory memory(0);
      EXPECT_FALSE(store.find_now(as_bytes("a"), keep, now));
      EXPECT_TRUE(store.find_now(as_bytes("a"), take, now));  // needs none
    }
  }
}

// What makes early data of TLS 1.3 safe.
TEST(MemorySessionStore, NobodyTakesTwice) {
  MemorySessionStore store;
  constexpr int sessions = 200;
  for (int i = 0; i < sessions; ++i) put(store, std::to_string(i), "session");
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < sessions; ++i)
        if (store.find_now(as_bytes(std::to_string(i)), take, now)) ++taken;
    });
  threads.clear();
  EXPECT_EQ(taken, sessions);
  EXPECT_EQ(store.size(), 0u);
}

TEST(MemorySessionStore, ManyThreadsAtOnce) {
  MemorySessionStore store({.entries = 64, .bytes = 1 << 16, .shards = 4});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&store, thread] {
      for (int i = 0; i < 2000; ++i) {
        const std::string id = std::to_string((i * 7 + thread) % 100);
        put(store, id, "session " + id);
        if (const std::optional<Buffer> found = store.find_now(as_bytes(id), i % 3 == 0 ? take : keep, now)) {
          EXPECT_EQ(*found, text("session " + id));
        }
        if (i % 5 == 0) store.erase(as_bytes(id));
        EXPECT_LE(store.size(), 64u);
      }
    });
  threads.clear();
  EXPECT_LE(store.bytes(), std::size_t{1} << 16);
}

}  // namespace
}  // namespace handfast
