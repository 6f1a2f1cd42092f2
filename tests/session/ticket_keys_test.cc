// The keys that seal tickets, rotated and shared.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <handfast/session.h>

#include "session/memory.h"
#include "session/ticket.h"
#include "support/hex.h"
#include "support/random.h"

namespace handfast {
namespace {

using test::to_hex;
using Ring = std::shared_ptr<const TicketKeyRing>;

constexpr std::int64_t start = 1'000'000;
constexpr std::int64_t rotation = 100;
constexpr std::int64_t ticket_lifetime = 250;
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

RotatingTicketKeys make(std::shared_ptr<Random> random = std::make_shared<test::SeededRandom>()) {
  return RotatingTicketKeys({.rotation = rotation, .ticket_lifetime = ticket_lifetime}, std::move(random));
}

TicketKey key(std::uint8_t number, std::int64_t from, std::int64_t until, std::int64_t opens) {
  TicketKey made;
  made.name.fill(number);
  made.secret.fill(static_cast<std::uint8_t>(number + 100));
  made.issues_from = from;
  made.issues_until = until;
  made.opens_until = opens;
  return made;
}

/// The first byte of the name of the key that issues; 0: none.
int issuing(const TicketKeyRing& ring, std::int64_t now) {
  const TicketKey* found = ring.issuing(now);
  return found == nullptr ? 0 : found->name[0];
}

/// What holds of every ring of rotated keys, at the time for which it was asked.
void expect_sound(const Ring& ring, std::int64_t now) {
  ASSERT_TRUE(ring);
  const TicketKey* current = ring->issuing(now);
  ASSERT_TRUE(current);
  EXPECT_TRUE(ring->issuing(current->issues_until)) << "the next key is there already";
  std::set<std::string> names, secrets;
  for (const TicketKey& each : ring->keys()) {
    EXPECT_LT(now, each.opens_until);
    EXPECT_GE(each.issues_until - each.issues_from, rotation);
    EXPECT_EQ(each.opens_until, each.issues_until + ticket_lifetime);
    EXPECT_NE(each.name, TicketKey().name);
    EXPECT_NE(each.secret, TicketKey().secret);
    names.insert(to_hex(each.name));
    secrets.insert(to_hex(each.secret));
    for (const TicketKey& other : ring->keys())
      if (&other != &each) {
        EXPECT_TRUE(other.issues_until <= each.issues_from || each.issues_until <= other.issues_from);
      }
  }
  EXPECT_EQ(names.size(), ring->keys().size());
  EXPECT_EQ(secrets.size(), ring->keys().size());
  EXPECT_LE(ring->keys().size(), static_cast<std::size_t>(ticket_lifetime / rotation + 5));
}

TEST(TicketKeyRing, IssuesWithTheKeyThatBeganLast) {
  const TicketKeyRing ring({key(1, 0, 100, 200), key(2, 50, 150, 200), key(3, 20, 120, 200), key(4, 300, 400, 350)});
  EXPECT_EQ(issuing(ring, -1), 0);
  EXPECT_EQ(issuing(ring, 0), 1);
  EXPECT_EQ(issuing(ring, 49), 3);
  EXPECT_EQ(issuing(ring, 50), 2);
  EXPECT_EQ(issuing(ring, 149), 2);
  EXPECT_EQ(issuing(ring, 150), 0);
  EXPECT_EQ(issuing(ring, 349), 4);
  EXPECT_EQ(issuing(ring, 350), 0);  // what no longer opens is not issued
  EXPECT_EQ(issuing(TicketKeyRing({}), 0), 0);
}

TEST(TicketKeyRing, OpensByName) {
  const TicketKeyRing ring({key(1, 0, 100, 200), key(2, 100, 200, 300)});
  const Buffer first(16, 1), second(16, 2), third(16, 3);
  EXPECT_EQ(ring.opening(first, 199), &ring.keys()[0]);
  EXPECT_EQ(ring.opening(first, 200), nullptr);
  EXPECT_EQ(ring.opening(second, 200), &ring.keys()[1]);
  EXPECT_EQ(ring.opening(second, 50), &ring.keys()[1]);  // before it issues: another's clock may be ahead
  EXPECT_EQ(ring.opening(third, 50), nullptr);
  EXPECT_EQ(ring.opening({}, 50), nullptr);
  EXPECT_EQ(ring.opening(Bytes(first).first(15), 50), nullptr);
  EXPECT_EQ(ring.opening(Buffer(17, 1), 50), nullptr);
}

TEST(RotatingTicketKeys, RotatesOverManyPeriods) {
  RotatingTicketKeys keys = make();
  std::set<std::string> issued;
  std::string expected;  // the name of the key that is to issue next
  for (std::int64_t now = start; now < start + 50 * rotation; ++now) {
    const Ring ring = keys.ring(now);
    ASSERT_NO_FATAL_FAILURE(expect_sound(ring, now));
    const TicketKey& current = *ring->issuing(now);
    const std::string name = to_hex(current.name);
    if ((now - start) % rotation == 0) {
      EXPECT_TRUE(issued.insert(name).second) << "a key of its own each time";
      EXPECT_TRUE(expected.empty() || name == expected) << "the one that was there a rotation before";
      EXPECT_EQ(current.issues_from, now);
      EXPECT_EQ(current.issues_until, now + rotation);
      expected = to_hex(ring->issuing(now + rotation)->name);
    }
  }
  EXPECT_EQ(issued.size(), 50u);
}

TEST(RotatingTicketKeys, TheSameRingWhileNothingIsDue) {
  RotatingTicketKeys keys = make();
  const Ring ring = keys.ring(start);
  EXPECT_EQ(keys.ring(start + rotation - 1), ring);
  EXPECT_NE(keys.ring(start + rotation), ring);
}

TEST(RotatingTicketKeys, TicketsOpenForAsLongAsTheyLive) {
  test::SeededRandom random(2);
  const session::Binding binding{};
  for (const std::int64_t issued : {start, start + rotation - 1, start + rotation, start + 7 * rotation + 33}) {
    RotatingTicketKeys keys = make();
    keys.ring(start);
    Buffer ticket;
    ASSERT_TRUE(session::seal(*keys.ring(issued), issued, random, binding, as_bytes("session"), ticket));
    for (std::int64_t now = issued; now < issued + ticket_lifetime; ++now)
      ASSERT_TRUE(session::open(*keys.ring(now), now, binding, ticket)) << now - issued;
    const std::int64_t gone = issued + rotation + ticket_lifetime;
    EXPECT_FALSE(session::open(*keys.ring(gone), gone, binding, ticket));
    for (const TicketKey& each : keys.ring(gone)->keys())
      EXPECT_NE(to_hex(each.name), to_hex(Bytes(ticket).first(16))) << "the key is no longer kept";
  }
}

TEST(RotatingTicketKeys, OldKeysAreWiped) {
  RotatingTicketKeys keys = make();
  Ring ring = keys.ring(start);
  const auto secret = ring->issuing(start)->secret;
  ring.reset();
  test::FreedWatch watch(secret);
  for (std::int64_t now = start; now < start + 20 * rotation; now += 50) keys.ring(now);
  EXPECT_EQ(watch.found(), 0u);
}

TEST(RotatingTicketKeys, AClockThatJumpsAhead) {
  RotatingTicketKeys keys = make();
  std::int64_t now = start;
  for (const std::int64_t jump : {rotation - 1, rotation, rotation + 1, 2 * rotation, 5 * rotation, ticket_lifetime,
                                  std::int64_t{1} << 40, std::int64_t{1} << 62}) {
    keys.ring(now);
    now += jump;
    expect_sound(keys.ring(now), now);
  }
}

TEST(RotatingTicketKeys, AfterALongSleepOldKeysStillOpen) {
  RotatingTicketKeys keys = make();
  const TicketKey old = *keys.ring(start)->issuing(start);
  const std::int64_t now = start + 3 * rotation;  // past the next key, too
  const Ring ring = keys.ring(now);
  expect_sound(ring, now);
  EXPECT_TRUE(ring->opening(old.name, now));
}

TEST(RotatingTicketKeys, AClockThatGoesBackALittle) {
  RotatingTicketKeys keys = make();
  const std::string name = to_hex(keys.ring(start)->issuing(start)->name);
  for (const std::int64_t now : {start - 5, start - 50, start - 90}) {
    expect_sound(keys.ring(now), now);
    EXPECT_EQ(to_hex(keys.ring(now)->issuing(now)->name), name) << "the same key, a little earlier";
  }
  // Into an older key's time: that one issues again, and nothing is made.
  keys.ring(start + rotation);
  const std::size_t count = keys.ring(start + rotation)->keys().size();
  EXPECT_EQ(to_hex(keys.ring(start + rotation - 1)->issuing(start + rotation - 1)->name), name);
  EXPECT_EQ(keys.ring(start + rotation - 1)->keys().size(), count);
}

TEST(RotatingTicketKeys, AClockThatGoesBackFar) {
  RotatingTicketKeys keys = make();
  keys.ring(start);
  std::int64_t now = start;
  for (const std::int64_t jump : {2 * rotation, 10 * rotation, start, std::int64_t{1} << 40, std::int64_t{1} << 61}) {
    now -= jump;
    expect_sound(keys.ring(now), now);
  }
}

TEST(RotatingTicketKeys, AClockThatJumpsToAndFroNeverMakesItGrow) {
  RotatingTicketKeys keys = make();
  std::mt19937_64 random(3);
  std::int64_t now = start;
  for (int i = 0; i < 5000; ++i) {
    now += static_cast<std::int64_t>(random() % (8 * rotation)) - 4 * rotation;
    ASSERT_NO_FATAL_FAILURE(expect_sound(keys.ring(now), now)) << i;
  }
}

TEST(RotatingTicketKeys, AtTheEndsOfTime) {
  for (const std::int64_t now : {lowest, lowest + 1, highest - 1, std::int64_t{0}}) {
    RotatingTicketKeys keys = make();
    const Ring ring = keys.ring(now);
    ASSERT_TRUE(ring);
    EXPECT_TRUE(ring->issuing(now)) << now;
  }
  RotatingTicketKeys keys = make();
  EXPECT_TRUE(keys.ring(highest));  // no time is before it: no key issues, and nothing loops
  expect_sound(keys.ring(start), start);
}

TEST(RotatingTicketKeys, OptionsOutOfBounds) {
  for (const std::int64_t bad : {lowest, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, highest})
    for (const std::int64_t lifetime : {lowest, std::int64_t{-1}, std::int64_t{0}, std::int64_t{604800}, highest}) {
      RotatingTicketKeys keys({.rotation = bad, .ticket_lifetime = lifetime}, std::make_shared<test::SeededRandom>());
      for (std::int64_t now = start; now < start + 1000; ++now) {
        const Ring ring = keys.ring(now);
        ASSERT_TRUE(ring && ring->issuing(now));
        ASSERT_LE(ring->keys().size(), 260u);
      }
    }
}

// However short the rotation, what a ticket is looked for in stays short.
TEST(RotatingTicketKeys, HoldsSoManyKeysAtMost) {
  RotatingTicketKeys keys({.rotation = 1, .ticket_lifetime = 2560}, std::make_shared<test::SeededRandom>());
  std::size_t most = 0;
  for (std::int64_t now = start; now < start + 10'000; ++now) most = std::max(most, keys.ring(now)->keys().size());
  EXPECT_GT(most, 250u);
  EXPECT_LE(most, 260u);
}

TEST(RotatingTicketKeys, WithTheDefaults) {
  RotatingTicketKeys keys;
  const Ring ring = keys.ring(start);
  ASSERT_EQ(ring->keys().size(), 2u);
  EXPECT_NE(ring->keys()[0].secret, ring->keys()[1].secret);
  EXPECT_NE(ring->keys()[0].secret, TicketKey().secret);
}

/// Gives zeros.
class BrokenRandom : public Random {
 public:
  void fill(MutableBytes out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

TEST(RotatingTicketKeys, NoKeyRatherThanOneOfZeros) {
  RotatingTicketKeys keys = make(std::make_shared<BrokenRandom>());
  for (const std::int64_t now : {start, start + rotation}) {
    const Ring ring = keys.ring(now);
    ASSERT_TRUE(ring);
    EXPECT_TRUE(ring->keys().empty());
  }
}

TEST(RotatingTicketKeys, WithoutRandomnessTheOldRingStays) {
  RotatingTicketKeys keys = make(std::make_shared<test::RecordedRandom>(Buffer(2 * 48, 7)));
  const Ring ring = keys.ring(start);
  EXPECT_EQ(keys.ring(start + rotation), ring);  // RecordedRandom throws when it is used up
}

TEST(RotatingTicketKeys, OutOfMemoryTheOldRingStays) {
  bool enough = false;
  for (std::size_t blocks = 0; !enough; ++blocks) {
    ASSERT_LT(blocks, 100u);
    RotatingTicketKeys keys = make();
    const Ring before = keys.ring(start);
    Ring ring;
    {
      test::ShortMemory memory(blocks);
      ring = keys.ring(start + rotation);
      enough = !memory.ran_out();
    }
    EXPECT_EQ(ring == before, !enough) << blocks;
    expect_sound(keys.ring(start + rotation), start + rotation);  // made up for as soon as there is memory
  }
}

/// Stops in the middle of making a key, until it is let go.
class SlowRandom : public Random {
 public:
  void fill(MutableBytes out) override {
    std::unique_lock lock(mutex_);
    if (stops_) {
      waiting_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !stops_; });
    }
    random_.fill(out);
  }
  void stop() {
    std::lock_guard lock(mutex_);
    stops_ = true;
  }
  void wait_until_stopped() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  void go_on() {
    std::lock_guard lock(mutex_);
    stops_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stops_ = false;
  bool waiting_ = false;
  test::SeededRandom random_;
};

TEST(RotatingTicketKeys, WhileOneThreadRotatesTheOthersGoOn) {
  const auto random = std::make_shared<SlowRandom>();
  RotatingTicketKeys keys = make(random);
  const Ring before = keys.ring(start);
  random->stop();
  Ring after;
  std::jthread rotating([&] { after = keys.ring(start + rotation); });
  random->wait_until_stopped();
  // Were this one to wait, the test would not end. The key that issues now has been there for a rotation.
  EXPECT_EQ(keys.ring(start + rotation), before);
  EXPECT_TRUE(before->issuing(start + rotation));
  random->go_on();
  rotating.join();
  EXPECT_NE(after, before);
  EXPECT_EQ(keys.ring(start + rotation), after);
}

TEST(RotatingTicketKeys, ManyThreadsAtOnce) {
  RotatingTicketKeys keys = make();
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&keys, thread] {
      test::SeededRandom random(static_cast<std::uint64_t>(thread));
      for (std::int64_t now = start; now < start + 20 * rotation; now += 7 + thread % 2) {
        const Ring ring = keys.ring(now);
        EXPECT_TRUE(ring);  // the first call waits, the later ones do not
        if (ring->issuing(now) == nullptr) continue;
        Buffer ticket;
        EXPECT_TRUE(session::seal(*ring, now, random, {}, as_bytes("session"), ticket));
        EXPECT_TRUE(session::open(*ring, now, {}, ticket));
      }
    });
}

// --- SharedTicketKeys

std::string problem(const Result<void>& result) {
  if (result) return "none";
  EXPECT_EQ(result.error().reason(), Reason::bad_config);
  EXPECT_EQ(std::get<std::string>(*result.error().find("option")), "ticket_keys");
  return std::get<std::string>(*result.error().find("problem"));
}

std::string field(const Result<void>& result) {
  if (result) return "none";
  if (result.error().reason() == Reason::bad_config) return problem(result);
  EXPECT_EQ(result.error().alert(), Alert::decode_error);
  EXPECT_EQ(result.error().reason(), Reason::decode_error);
  EXPECT_EQ(std::get<std::string>(*result.error().find("message")), "ticket_keys");
  return std::get<std::string>(*result.error().find("field"));
}

TEST(SharedTicketKeys, NoneUntilTheyAreSet) {
  SharedTicketKeys keys;
  EXPECT_EQ(keys.ring(start), nullptr);
  ASSERT_TRUE(keys.set({key(1, 0, 100, 200)}));
  EXPECT_EQ(issuing(*keys.ring(50), 50), 1);
  ASSERT_TRUE(keys.set({key(2, 0, 100, 200), key(1, 0, 0, 200)}));  // that one only opens
  EXPECT_EQ(issuing(*keys.ring(50), 50), 2);
  EXPECT_TRUE(keys.ring(50)->opening(Buffer(16, 1), 50));
  ASSERT_TRUE(keys.set(std::vector<TicketKey>{}));
  EXPECT_TRUE(keys.ring(50)->keys().empty());
}

TEST(SharedTicketKeys, RefusesWhatIsNoKey) {
  SharedTicketKeys keys;
  ASSERT_TRUE(keys.set({key(9, 0, 100, 200)}));
  const Ring before = keys.ring(0);
  TicketKey no_secret = key(1, 0, 100, 200), no_name = no_secret;
  no_secret.secret = {};
  no_name.name = {};
  EXPECT_EQ(problem(keys.set({key(2, 0, 100, 200), no_secret})), "a secret is all zeros");
  EXPECT_EQ(problem(keys.set({key(2, 0, 100, 200), no_name})), "a name is all zeros");
  EXPECT_EQ(problem(keys.set({key(2, 0, 1, 2), key(1, 0, 1, 2), key(2, 1, 2, 3)})), "two keys have the same name");
  EXPECT_EQ(problem(keys.set({key(1, 101, 100, 200)})), "the times of a key are out of order");
  EXPECT_EQ(problem(keys.set({key(1, 0, 100, 99)})), "the times of a key are out of order");
  EXPECT_EQ(problem(keys.set({key(1, 100, 100, 100)})), "none");
  ASSERT_TRUE(keys.set({key(9, 0, 100, 200)}));
  const Ring kept = keys.ring(0);
  EXPECT_FALSE(keys.set({no_secret}));
  EXPECT_EQ(keys.ring(0), kept);  // nothing is changed
}

TEST(SharedTicketKeys, TakesWhatWasExported) {
  RotatingTicketKeys rotating = make();
  const Ring ring = rotating.ring(start);
  const Buffer exported = export_keys(*ring);
  EXPECT_EQ(exported.size(), 1 + 72 * ring->keys().size());
  SharedTicketKeys shared;
  ASSERT_TRUE(shared.set(Bytes(exported)));
  ASSERT_EQ(shared.ring(start)->keys().size(), ring->keys().size());
  EXPECT_EQ(to_hex(export_keys(*shared.ring(start))), to_hex(exported));

  test::SeededRandom random;
  Buffer ticket;
  ASSERT_TRUE(session::seal(*ring, start, random, {}, as_bytes("session"), ticket));
  EXPECT_TRUE(session::open(*shared.ring(start), start, {}, ticket));
  // By the time at which the next key issues there, it is here already.
  const std::int64_t later = start + rotation;
  Buffer next;
  ASSERT_TRUE(session::seal(*rotating.ring(later), later, random, {}, as_bytes("session"), next));
  EXPECT_TRUE(session::open(*shared.ring(later), later, {}, next));
}

// Written down so that a change of format is noticed: other hosts may speak this one.
TEST(SharedTicketKeys, ExportedFormat) {
  EXPECT_EQ(to_hex(export_keys(TicketKeyRing({key(1, 2, 3, -1)}))),
            "01"
            "01010101010101010101010101010101"
            "6565656565656565656565656565656565656565656565656565656565656565"
            "0000000000000002"
            "0000000000000003"
            "ffffffffffffffff");
  EXPECT_EQ(to_hex(export_keys(TicketKeyRing({}))), "01");
}

TEST(SharedTicketKeys, RefusesWhatWasNotExported) {
  SharedTicketKeys keys;
  Buffer exported = export_keys(TicketKeyRing({key(1, 0, 100, 200), key(2, 100, 200, 300)}));
  EXPECT_EQ(field(keys.set(Bytes())), "format");
  for (std::size_t size = 0; size < exported.size(); ++size) {
    const bool whole = size == 1 || size == 73;  // of fewer keys
    EXPECT_EQ(field(keys.set(Bytes(exported).first(size))), whole ? "none" : size == 0 ? "format" : "keys") << size;
  }
  exported.push_back(0);
  EXPECT_EQ(field(keys.set(Bytes(exported))), "keys");
  exported.pop_back();
  for (std::size_t at = 0; at < exported.size(); ++at)
    for (const int flip : {1, 0x80, 0xff}) {
      exported[at] ^= static_cast<std::uint8_t>(flip);
      if (keys.set(Bytes(exported))) {
        EXPECT_EQ(to_hex(export_keys(*keys.ring(0))), to_hex(exported));
      } else {
        EXPECT_FALSE(at >= 1 && (at - 1) % 72 < 16 + 32) << at;  // names and secrets may be anything
      }
      exported[at] ^= static_cast<std::uint8_t>(flip);
    }
  EXPECT_EQ(field(keys.set(Bytes(Buffer(73, 1)))), "none");
  Buffer zeros(73, 0);
  zeros[0] = 1;
  EXPECT_EQ(field(keys.set(Bytes(zeros))), "a secret is all zeros");
}

TEST(SharedTicketKeys, LeaveNoSecretBehind) {
  const TicketKey one = key(1, 0, 100, 200);
  test::FreedWatch watch(one.secret);
  {
    SharedTicketKeys keys;
    ASSERT_TRUE(keys.set({one, key(2, 0, 100, 200)}));
    Buffer exported = export_keys(*keys.ring(0));
    EXPECT_EQ(watch.found(), 0u);  // it did not grow
    ASSERT_TRUE(keys.set(Bytes(exported)));
    EXPECT_FALSE(keys.set({one, one}));
    std::ranges::fill(exported, std::uint8_t{0});
  }
  EXPECT_EQ(watch.found(), 0u);
}

TEST(SharedTicketKeys, ManyThreadsAtOnce) {
  SharedTicketKeys keys;
  ASSERT_TRUE(keys.set({key(1, 0, 100, 200)}));
  std::vector<std::jthread> threads;
  for (std::uint8_t thread = 1; thread <= 4; ++thread)
    threads.emplace_back([&keys, thread] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(keys.set({key(thread, 0, 100, 200)}));
        EXPECT_NE(issuing(*keys.ring(50), 50), 0);
      }
    });
}

}  // namespace
}  // namespace handfast
