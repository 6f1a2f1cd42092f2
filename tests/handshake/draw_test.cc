// Random bytes for several things, drawn at once.
#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "handshake/draw.h"

namespace handfast::handshake {
namespace {

/// 1, 2, 3 and so on; how many bytes each call asked for.
class Counting final : public Random {
 public:
  void fill(MutableBytes out) override {
    calls.push_back(out.size());
    for (std::uint8_t& byte : out) byte = ++last_;
  }
  std::vector<std::size_t> calls;

 private:
  std::uint8_t last_ = 0;
};

Buffer take(Random& random, std::size_t size) {
  Buffer bytes(size);
  random.fill(bytes);
  return bytes;
}

TEST(Draw, GivesTheSourcesBytesInOrderAndEachOfThemOnce) {
  Counting source;
  Draw draw(source, 6);
  EXPECT_EQ(take(draw, 2), (Buffer{1, 2}));
  EXPECT_EQ(take(draw, 4), (Buffer{3, 4, 5, 6}));
  EXPECT_EQ(source.calls, std::vector<std::size_t>{6});
}

TEST(Draw, AsksTheSourceForWhatItHasNot) {
  Counting source;
  Draw draw(source, 4);
  EXPECT_EQ(take(draw, 3), (Buffer{1, 2, 3}));
  EXPECT_EQ(take(draw, 2), (Buffer{5, 6}));
  EXPECT_EQ(take(draw, 1), (Buffer{4}));
  EXPECT_EQ(source.calls, (std::vector<std::size_t>{4, 2}));
}

}  // namespace
}  // namespace handfast::handshake
