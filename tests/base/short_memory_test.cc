#include "base/short_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace handfast::test {
namespace {

using namespace std::chrono_literals;
using Memory = base::ShortMemory<std::string, int>;

constexpr Memory::Clock::time_point start{1000s};

TEST(ShortMemory, WhatWasPutIsFoundForItsTime) {
  Memory memory(10, 5s);
  memory.put("a", 1, start);
  EXPECT_EQ(memory.find("a", start), 1);
  EXPECT_EQ(memory.find("a", start + 5s - 1ns), 1);
  EXPECT_EQ(memory.find("a", start + 5s), std::nullopt);
  EXPECT_EQ(memory.find("b", start), std::nullopt);
}

TEST(ShortMemory, TheLatestCounts) {
  Memory memory(10, 5s);
  memory.put("a", 1, start);
  memory.put("a", 2, start + 3s);
  EXPECT_EQ(memory.find("a", start + 7s), 2);
  memory.forget("a");
  EXPECT_EQ(memory.find("a", start + 7s), std::nullopt);
}

TEST(ShortMemory, IsBounded) {
  Memory memory(2, 5s);
  memory.put("a", 1, start);
  memory.put("b", 2, start + 4s);
  memory.put("c", 3, start + 6s);  // the first one is old
  EXPECT_EQ(memory.find("b", start + 6s), 2);
  EXPECT_EQ(memory.find("c", start + 6s), 3);
  memory.put("d", 4, start + 6s);  // none is
  EXPECT_EQ(memory.find("b", start + 6s), std::nullopt);
  EXPECT_EQ(memory.find("c", start + 6s), std::nullopt);
  EXPECT_EQ(memory.find("d", start + 6s), 4);
}

}  // namespace
}  // namespace handfast::test
