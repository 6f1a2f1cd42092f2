// No flight of early data is taken twice.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <limits>
#include <ostream>
#include <random>
#include <thread>
#include <vector>

#include <handfast/session.h>

namespace handfast {

std::ostream& operator<<(std::ostream& out, StrikeRegister::Verdict verdict) {
  constexpr std::string_view names[] = {"first", "stale", "replayed", "unsure"};
  return out << names[static_cast<std::size_t>(verdict)];
}

namespace {

using enum StrikeRegister::Verdict;

constexpr std::int64_t began = 1'000'000;
constexpr std::int64_t freshness = 1000;
constexpr std::int64_t late = began + 10 * freshness;  ///< long after it began

std::array<std::uint8_t, 32> flight(std::uint64_t number) {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return bytes;
}

StrikeRegister make(std::size_t flights = 100) {
  return StrikeRegister({.freshness = freshness, .flights = flights}, began);
}

TEST(StrikeRegister, TakesAFlightOnce) {
  StrikeRegister strikes = make();
  EXPECT_EQ(strikes.strike(flight(1), late, late, late), first);
  EXPECT_EQ(strikes.strike(flight(1), late, late, late), replayed);
  EXPECT_EQ(strikes.strike(flight(2), late, late, late), first);
  EXPECT_EQ(strikes.strike(flight(1), late, late, late + freshness), replayed);
  EXPECT_EQ(strikes.size(), 2u);
  EXPECT_EQ(strikes.freshness(), freshness);
}

TEST(StrikeRegister, LooksAtAllOfTheFlight) {
  StrikeRegister strikes = make(1000);
  std::array<std::uint8_t, 48> bytes{};
  EXPECT_EQ(strikes.strike(bytes, late, late, late), first);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] = 1;
    EXPECT_EQ(strikes.strike(bytes, late, late, late), first) << at;
    bytes[at] = 0;
  }
  EXPECT_EQ(strikes.strike(bytes, late, late, late), replayed);
}

TEST(StrikeRegister, WhatIsNotFreshIsStale) {
  StrikeRegister strikes = make();
  EXPECT_EQ(strikes.strike(flight(1), late, late - freshness - 1, late), stale);
  EXPECT_EQ(strikes.size(), 0u);
  EXPECT_EQ(strikes.strike(flight(1), late, late - freshness, late), first);
  EXPECT_EQ(strikes.strike(flight(2), late, late + freshness, late), first);
}

// Its client may have sent it once more as ordinary data: so it is not taken when its time has come.
TEST(StrikeRegister, WhatComesAheadOfItsTimeIsRemembered) {
  StrikeRegister strikes = make(10);
  const std::int64_t arrives = late + 3 * freshness;
  EXPECT_EQ(strikes.strike(flight(1), late, arrives, late), stale);
  EXPECT_EQ(strikes.strike(flight(1), late, arrives, late), stale);
  EXPECT_EQ(strikes.size(), 1u);
  for (std::int64_t now = arrives - freshness; now <= arrives + freshness; now += 500)
    EXPECT_EQ(strikes.strike(flight(1), late, arrives, now), replayed) << now;
  // Half of the room is for such; whatever is fresh no longer than those that found none is unsure.
  StrikeRegister crowded = make(10);
  for (std::uint64_t number = 0; number < 20; ++number)
    EXPECT_EQ(crowded.strike(flight(number), late, arrives, late), stale);
  EXPECT_EQ(crowded.size(), 5u);
  EXPECT_EQ(crowded.strike(flight(19), late, arrives, arrives), unsure);
  EXPECT_EQ(crowded.strike(flight(30), late, arrives, arrives), unsure);
  EXPECT_EQ(crowded.strike(flight(31), late, arrives + 1, arrives), first);
}

// And the same of one that there was no room for.
TEST(StrikeRegister, WhatItHadNoRoomForIsNeverTaken) {
  StrikeRegister strikes = make(1);
  EXPECT_EQ(strikes.strike(flight(1), late, late - freshness, late), first);
  EXPECT_EQ(strikes.strike(flight(2), late, late + freshness, late), unsure);
  for (std::int64_t now = late; now <= late + 2 * freshness; now += 100)
    EXPECT_NE(strikes.strike(flight(2), late, late + freshness, now), first) << now;
}

// From the first moment at which it is fresh to the last one: no replay comes through in between, nor afterwards.
TEST(StrikeRegister, RemembersAsLongAsAFlightIsFresh) {
  for (const std::int64_t taken : {late - freshness, late, late + freshness}) {
    StrikeRegister strikes = make(1);
    EXPECT_EQ(strikes.strike(flight(1), late, late, taken), first);
    for (std::int64_t now = taken; now <= late + freshness; now += 100)
      EXPECT_EQ(strikes.strike(flight(1), late, late, now), replayed) << now;
    EXPECT_EQ(strikes.strike(flight(1), late, late, late + freshness + 1), stale);
  }
}

TEST(StrikeRegister, WhenItIsFullItIsUnsure) {
  StrikeRegister strikes = make(10);
  for (std::uint64_t number = 0; number < 10; ++number)
    EXPECT_EQ(strikes.strike(flight(number), late, late, late), first);
  EXPECT_EQ(strikes.strike(flight(10), late, late, late), unsure);
  EXPECT_EQ(strikes.size(), 10u);
  EXPECT_EQ(strikes.strike(flight(5), late, late, late), replayed);
  EXPECT_EQ(strikes.strike(flight(10), late, late, late + freshness), unsure);
  // When they are fresh no more, there is room again.
  const std::int64_t then = late + freshness + 1;
  for (std::uint64_t number = 20; number < 30; ++number)
    EXPECT_EQ(strikes.strike(flight(number), late, then, then), first);
  EXPECT_EQ(strikes.strike(flight(30), late, then, then), unsure);
  EXPECT_EQ(strikes.size(), 10u);
}

TEST(StrikeRegister, OfNoSizeItIsUnsure) {
  StrikeRegister strikes = make(0);
  EXPECT_EQ(strikes.strike(flight(1), late, late, late), unsure);
  EXPECT_EQ(strikes.strike(flight(1), late, late - freshness - 1, late), stale);
}

// A flood that keeps it full for many times its size, and a replay of each flight while it is fresh.
TEST(StrikeRegister, HoldsThroughManyFillings) {
  StrikeRegister strikes = make(64);
  std::uint64_t number = 0;
  int taken = 0;
  for (std::int64_t now = late; now < late + 30 * freshness; now += 7) {
    ++number;
    const StrikeRegister::Verdict verdict = strikes.strike(flight(number), late, now, now);
    ASSERT_TRUE(verdict == first || verdict == unsure);
    if (verdict == first) {
      ++taken;
      ASSERT_EQ(strikes.strike(flight(number), late, now, now + freshness / 2), replayed);
    }
    ASSERT_LE(strikes.size(), 64u);
  }
  EXPECT_GT(taken, 1000);  // of 4286, where 64 in each thousand milliseconds are the most
}

// RFC 8446, section 8.2: "implementations SHOULD reject any ClientHello that may have been received before startup".
TEST(StrikeRegister, WhatMayHaveComeBeforeItBeganIsUnsure) {
  StrikeRegister strikes = make();
  const std::int64_t sure = began + 2 * freshness;
  EXPECT_EQ(strikes.strike(flight(1), began - 1, began - 1, began - 1), unsure);
  EXPECT_EQ(strikes.strike(flight(2), began - 1, began, began), unsure);
  EXPECT_EQ(strikes.strike(flight(3), began - 1, sure - 1, sure - 1), unsure);
  EXPECT_EQ(strikes.strike(flight(4), began - 1, sure, sure), first);
  EXPECT_EQ(strikes.strike(flight(5), began, began, began), first);  // nobody had that ticket before
  EXPECT_EQ(strikes.strike(flight(6), began, sure - 1, sure - 1), first);
}

// A client whose early data is refused sends it again as application data: a replay must not do it a second time.
TEST(StrikeRegister, WhatWasUnsureIsNotTakenLater) {
  StrikeRegister strikes = make();
  const std::int64_t arrives = began + 2 * freshness - 1;
  EXPECT_EQ(strikes.strike(flight(1), began - 1, arrives, arrives), unsure);
  EXPECT_EQ(strikes.strike(flight(1), began - 1, arrives, arrives + 2), replayed);
}

// The clock was ahead by an hour. What was forgotten meanwhile is fresh again when it is set right.
TEST(StrikeRegister, AClockThatGoesBackMakesItUnsure) {
  StrikeRegister strikes = make(1);
  const std::int64_t hour = 3'600'000;
  EXPECT_EQ(strikes.strike(flight(1), late, late, late), first);
  EXPECT_EQ(strikes.strike(flight(2), late, late + hour, late + hour), first);  // the other had to go
  // Set right: the first one is forgotten, and whatever came no later may be.
  EXPECT_EQ(strikes.strike(flight(1), late, late, late + 1), unsure);
  EXPECT_EQ(strikes.strike(flight(3), late, late - 1, late + 1), unsure);
}

TEST(StrikeRegister, AClockThatGoesBackDoesNotEndItsWork) {
  StrikeRegister strikes = make();
  const std::int64_t hour = 3'600'000;
  EXPECT_EQ(strikes.strike(flight(1), late, late, late), first);
  EXPECT_EQ(strikes.strike(flight(2), late, late + hour, late + hour), first);
  EXPECT_EQ(strikes.strike(flight(3), late, late + 1, late + 1), first);
  EXPECT_EQ(strikes.strike(flight(1), late, late, late + 2), replayed);
  EXPECT_EQ(strikes.strike(flight(2), late, late + hour, late + hour), replayed);
}

// Whatever clock and clients do: `first` is said of no flight twice.
TEST(StrikeRegister, NeverTwiceByAnyClock) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    StrikeRegister strikes = make(static_cast<std::size_t>(1 + random() % 20));
    std::array<int, 40> taken{};
    std::int64_t now = late;
    for (int i = 0; i < 2000; ++i) {
      now += static_cast<std::int64_t>(random() % 200);
      if (random() % 50 == 0) now += static_cast<std::int64_t>(random() % 8000) - 6000;
      const std::uint64_t number = random() % taken.size();
      const auto arrives = late + static_cast<std::int64_t>(number) * 300;
      if (strikes.strike(flight(number), late, arrives, now) == first) ++taken[number];
      ASSERT_LE(taken[number], 1);
    }
  }
}

TEST(StrikeRegister, TimesOfAllSizes) {
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  const std::array<std::int64_t, 7> times{lowest, lowest + 1, -1, 0, 1, highest - 1, highest};
  for (const std::int64_t window : {std::int64_t{0}, freshness, highest, lowest})
    for (const std::int64_t start : times) {
      StrikeRegister strikes({.freshness = window, .flights = 10'000}, start);
      std::uint64_t number = 0;
      for (const std::int64_t issued : times)
        for (const std::int64_t arrives : times)
          for (const std::int64_t now : times) {
            ++number;
            const StrikeRegister::Verdict verdict = strikes.strike(flight(number), issued, arrives, now);
            if (window <= freshness && (arrives < 0) != (now < 0) &&
                (arrives < -1 || now < -1 || arrives > 1 || now > 1)) {
              EXPECT_EQ(verdict, stale) << issued << ' ' << arrives << ' ' << now;
            }
            EXPECT_NE(strikes.strike(flight(number), issued, arrives, now), first);
          }
    }
  StrikeRegister strikes({.freshness = freshness, .flights = 10}, began);
  EXPECT_EQ(strikes.strike(flight(1), late, lowest, highest), stale);
  EXPECT_EQ(strikes.strike(flight(1), late, highest, highest), first);
  EXPECT_EQ(strikes.strike(flight(1), late, highest, highest), replayed);
  EXPECT_EQ(strikes.strike(flight(2), late, highest, lowest), stale);
}

TEST(StrikeRegister, OfDefaultSize) {
  StrikeRegister strikes(began);
  EXPECT_EQ(strikes.freshness(), 10'000);
  const std::int64_t now = began + 100'000;
  int taken = 0;
  for (std::uint64_t number = 0; number < 20'000; ++number)
    if (strikes.strike(flight(number), now, now, now) == first) ++taken;
  EXPECT_EQ(taken, 20'000);
  EXPECT_EQ(strikes.size(), 20'000u);
  EXPECT_EQ(strikes.strike(flight(12'345), now, now, now), replayed);
}

// Shared out over shards by chance, but never more than was asked for.
TEST(StrikeRegister, IsBoundedOverAllShards) {
  StrikeRegister strikes = make(4096);
  int taken = 0;
  for (std::uint64_t number = 0; number < 20'000; ++number)
    if (strikes.strike(flight(number), late, late, late) == first) ++taken;
  EXPECT_EQ(taken, 4096);
  EXPECT_EQ(strikes.size(), 4096u);
}

TEST(StrikeRegister, EightThreadsTakeAFlightOnce) {
  for (const std::size_t size : {std::size_t{1000}, std::size_t{8192}}) {
    StrikeRegister strikes = make(size);
    constexpr std::uint64_t flights = 500;
    std::array<std::atomic<int>, flights> taken{};
    std::atomic<int> others = 0;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread)
      threads.emplace_back([&] {
        for (std::uint64_t number = 0; number < flights; ++number)
          switch (strikes.strike(flight(number), late, late, late)) {
            case first: ++taken[number]; break;
            case replayed: ++others; break;
            default: ADD_FAILURE();
          }
      });
    threads.clear();
    for (std::uint64_t number = 0; number < flights; ++number) EXPECT_EQ(taken[number], 1) << number;
    EXPECT_EQ(others, 7 * static_cast<int>(flights));
    EXPECT_EQ(strikes.size(), flights);
  }
}

}  // namespace
}  // namespace handfast
