#include "base/output_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/hex.h"

namespace handfast::test {
namespace {

using base::OutputBuffer;

TEST(OutputBuffer, IsEmptyAtFirst) {
  OutputBuffer out;
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(out.view().empty());
  out.drain(5);
  EXPECT_TRUE(out.empty());
}

TEST(OutputBuffer, AppendsAndDrains) {
  OutputBuffer out;
  out.append(from_hex("010203"));
  out.append(from_hex("0405"));
  out.drain(1);
  EXPECT_EQ(to_hex(out.view()), "02030405");
  out.append(from_hex("06"));
  out.drain(3);
  EXPECT_EQ(to_hex(out.view()), "0506");
  out.drain(100);
  EXPECT_TRUE(out.empty());
}

TEST(OutputBuffer, GivesRoomAndTakesItBack) {
  OutputBuffer out;
  out.append(from_hex("aa"));
  MutableBytes room = out.append(std::size_t{4});
  ASSERT_EQ(room.size(), 4u);
  std::ranges::fill(room, std::uint8_t{7});
  out.shrink(3);
  EXPECT_EQ(to_hex(out.view()), "aa07");
  out.append(from_hex("08"));
  EXPECT_EQ(to_hex(out.view()), "aa0708");
}

// What stands in it survives that it grows, and an appended view of nothing changes nothing.
TEST(OutputBuffer, KeepsItsBytesWhenItGrows) {
  OutputBuffer out;
  Buffer expected;
  for (std::uint8_t i = 0; i < 200; ++i) {
    const Buffer piece(i * 7u, i);
    out.append(piece);
    expected.insert(expected.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ(to_hex(out.view()), to_hex(expected));
}

// Against a vector that does the same, through every mix of calls.
TEST(OutputBuffer, BehavesAsAVectorWould) {
  std::mt19937 random(1);
  OutputBuffer out;
  Buffer model;
  std::uint8_t next = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::size_t count = random() % (i % 100 == 0 ? 5000 : 40);
    switch (random() % 3) {
      case 0: {
        for (std::uint8_t& byte : out.append(count)) model.push_back(byte = next++);
        break;
      }
      case 1:
        out.drain(count);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(std::min(count, model.size())));
        break;
      default: {
        const std::size_t back = std::min(count, model.size());
        out.shrink(back);
        model.erase(model.end() - static_cast<std::ptrdiff_t>(back), model.end());
        break;
      }
    }
    ASSERT_TRUE(std::ranges::equal(out.view(), model)) << i;
    ASSERT_EQ(out.empty(), model.empty());
  }
}

}  // namespace
}  // namespace handfast::test
