// A client's sessions in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <handfast/session.h>

#include "session/example.h"
#include "session/memory.h"

namespace handfast {
namespace {

ClientSessionKey key(std::string server_name) {
  ClientSessionKey key;
  key.server_name = std::move(server_name);
  key.port = 443;
  return key;
}

SavedSession tls13(std::uint8_t number) { return test::saved(test::client_session(number)); }
SavedSession tls12(std::uint8_t number) { return test::saved(test::client_session_tls12(number)); }

/// Which one it finds; 0: none.
int find(MemoryClientSessionStore& sessions, const ClientSessionKey& key) {
  const std::optional<SavedSession> found = sessions.find(key);
  if (!found) return 0;
  return found->single_use() ? found->content().ticket.front() : found->content().session_id.front();
}

TEST(MemoryClientSessionStore, TheNewestFirstAndEachOnce) {
  MemoryClientSessionStore sessions;
  for (std::uint8_t number = 1; number <= 3; ++number) sessions.put(key("a"), tls13(number));
  EXPECT_EQ(sessions.size(), 3u);
  EXPECT_EQ(find(sessions, key("a")), 3);
  EXPECT_EQ(find(sessions, key("a")), 2);
  EXPECT_EQ(find(sessions, key("a")), 1);
  EXPECT_EQ(find(sessions, key("a")), 0);
  EXPECT_EQ(sessions.size(), 0u);
}

TEST(MemoryClientSessionStore, OfTls12OneThatStays) {
  MemoryClientSessionStore sessions;
  sessions.put(key("a"), tls12(1));
  sessions.put(key("a"), tls12(2));
  EXPECT_EQ(sessions.size(), 1u);
  EXPECT_EQ(find(sessions, key("a")), 2);
  EXPECT_EQ(find(sessions, key("a")), 2);
  EXPECT_EQ(sessions.size(), 1u);
}

TEST(MemoryClientSessionStore, OfBothVersions) {
  MemoryClientSessionStore sessions({.servers = 10, .per_server = 2});
  sessions.put(key("a"), tls12(1));
  for (std::uint8_t number = 2; number <= 4; ++number) sessions.put(key("a"), tls13(number));  // 2 is one too many
  EXPECT_EQ(sessions.size(), 3u);
  EXPECT_EQ(find(sessions, key("a")), 4);
  EXPECT_EQ(find(sessions, key("a")), 3);
  EXPECT_EQ(find(sessions, key("a")), 1);
  EXPECT_EQ(find(sessions, key("a")), 1);
  sessions.put(key("a"), tls13(5));
  sessions.put(key("a"), tls12(6));
  EXPECT_EQ(sessions.size(), 2u);
  EXPECT_EQ(find(sessions, key("a")), 6);
}

TEST(MemoryClientSessionStore, TheOldestTicketsGo) {
  MemoryClientSessionStore sessions({.servers = 10, .per_server = 4});
  for (std::uint8_t number = 1; number <= 10; ++number) sessions.put(key("a"), tls13(number));
  EXPECT_EQ(sessions.size(), 4u);
  for (int number : {10, 9, 8, 7, 0}) EXPECT_EQ(find(sessions, key("a")), number);
}

TEST(MemoryClientSessionStore, AllOfTheKeyHasToBeEqual) {
  MemoryClientSessionStore sessions;
  sessions.put(key("a"), tls12(1));
  ClientSessionKey other = key("a");
  other.port = 8443;
  EXPECT_EQ(find(sessions, other), 0);
  for (const std::size_t at : {0u, 31u}) {
    other = key("a");
    other.policy[at] ^= 1;
    EXPECT_EQ(find(sessions, other), 0);
  }
  EXPECT_EQ(find(sessions, key("A")), 0);
  EXPECT_EQ(find(sessions, key("")), 0);
  EXPECT_EQ(find(sessions, key("a")), 1);
}

TEST(MemoryClientSessionStore, TheServerUsedLongestAgoGoes) {
  MemoryClientSessionStore sessions({.servers = 2, .per_server = 4});
  sessions.put(key("a"), tls12(1));
  sessions.put(key("b"), tls12(2));
  EXPECT_EQ(find(sessions, key("a")), 1);  // now b is the oldest
  sessions.put(key("c"), tls12(3));
  EXPECT_EQ(find(sessions, key("b")), 0);
  sessions.put(key("a"), tls13(4));  // now c
  sessions.put(key("d"), tls12(5));
  EXPECT_EQ(find(sessions, key("c")), 0);
  EXPECT_EQ(find(sessions, key("a")), 4);
  EXPECT_EQ(find(sessions, key("a")), 1);
  EXPECT_EQ(find(sessions, key("d")), 5);
}

// A server whose last ticket was taken is none, and takes no other's place.
TEST(MemoryClientSessionStore, AServerWithoutSessionsTakesNoPlace) {
  MemoryClientSessionStore sessions({.servers = 2, .per_server = 4});
  sessions.put(key("a"), tls12(1));
  sessions.put(key("b"), tls13(2));
  EXPECT_EQ(find(sessions, key("b")), 2);
  sessions.put(key("c"), tls12(3));
  EXPECT_EQ(find(sessions, key("a")), 1);
  EXPECT_EQ(find(sessions, key("c")), 3);
}

TEST(MemoryClientSessionStore, OfNoSize) {
  MemoryClientSessionStore no_servers({.servers = 0, .per_server = 4});
  no_servers.put(key("a"), tls12(1));
  no_servers.put(key("a"), tls13(1));
  EXPECT_EQ(no_servers.size(), 0u);
  MemoryClientSessionStore no_tickets({.servers = 10, .per_server = 0});
  no_tickets.put(key("a"), tls13(1));
  EXPECT_EQ(no_tickets.size(), 0u);
  no_tickets.put(key("a"), tls12(2));
  no_tickets.put(key("a"), tls13(3));
  EXPECT_EQ(find(no_tickets, key("a")), 2);
}

TEST(MemoryClientSessionStore, BoundedWhateverComes) {
  MemoryClientSessionStore sessions({.servers = 50, .per_server = 2});
  for (int i = 0; i < 2000; ++i) {
    sessions.put(key(std::to_string(i % 300)), tls13(static_cast<std::uint8_t>(i)));
    sessions.put(key(std::to_string(i % 7)), tls12(static_cast<std::uint8_t>(i)));
    ASSERT_LE(sessions.size(), 50u * 3);
  }
}

// Whichever of its allocations fails: what is not kept is not found, and nothing else happens.
TEST(MemoryClientSessionStore, OutOfMemory) {
  const ClientSessionKey server = key("a name that is too long to be kept within a string");
  bool enough = false;
  for (std::size_t blocks = 0; !enough; ++blocks) {
    ASSERT_LT(blocks, 100u);
    MemoryClientSessionStore sessions;
    const SavedSession session = tls13(1);
    {
      test::ShortMemory memory(blocks);
      for (int i = 0; i < 3; ++i) sessions.put(server, session);
      enough = !memory.ran_out();
    }
    const std::size_t kept = sessions.size();
    EXPECT_EQ(enough, kept == 3) << blocks;
    for (std::size_t i = 0; i < kept; ++i) EXPECT_EQ(find(sessions, server), 1);
    EXPECT_EQ(find(sessions, server), 0);
    sessions.put(server, session);
    EXPECT_EQ(find(sessions, server), 1);
  }
}

TEST(MemoryClientSessionStore, ManyThreadsAtOnce) {
  MemoryClientSessionStore sessions({.servers = 8, .per_server = 2});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&sessions, thread] {
      for (int i = 0; i < 500; ++i) {
        const ClientSessionKey server = key(std::to_string((i + thread) % 12));
        sessions.put(server, i % 4 == 0 ? tls12(1) : tls13(1));
        if (const std::optional<SavedSession> found = sessions.find(server)) {
          EXPECT_EQ(found->key().server_name, "example.com");
        }
        EXPECT_LE(sessions.size(), 8u * 3);
      }
    });
}

// What TLS 1.3 offers once (RFC 8446, appendix C.4), two connections at once do not offer both.
TEST(MemoryClientSessionStore, NoTwoThreadsFindOneTicket) {
  MemoryClientSessionStore sessions({.servers = 1, .per_server = 200});
  for (int number = 0; number < 200; ++number) sessions.put(key("a"), tls13(static_cast<std::uint8_t>(number)));
  std::vector<std::vector<int>> found(4);
  std::vector<std::jthread> threads;
  for (std::vector<int>& numbers : found)
    threads.emplace_back([&sessions, &numbers] {
      while (const std::optional<SavedSession> session = sessions.find(key("a")))
        numbers.push_back(session->content().ticket.front());
    });
  threads.clear();
  std::vector<int> all;
  for (const std::vector<int>& numbers : found) all.insert(all.end(), numbers.begin(), numbers.end());
  std::ranges::sort(all);
  ASSERT_EQ(all.size(), 200u);
  for (int number = 0; number < 200; ++number) EXPECT_EQ(all[static_cast<std::size_t>(number)], number);
}

}  // namespace
}  // namespace handfast
