#include "base/random_supply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace handfast {
namespace {

constexpr std::size_t drawn = base::RandomSupply::drawn;

/// Counts up, and how often it was asked.
class Counting : public Random {
 public:
  void fill(MutableBytes out) override {
    ++calls;
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(++last_);
  }
  int calls = 0;

 private:
  unsigned last_ = 0;
};

Buffer take(base::RandomSupply& supply, std::size_t count) {
  Buffer bytes(count);
  supply.fill(bytes);
  return bytes;
}

TEST(RandomSupply, GivesWhatItsSourceGivesOnce) {
  Counting counting;
  base::RandomSupply supply(counting);
  Buffer given;
  for (const std::size_t count : {32, 0, 1, 100, 32, 300, 4}) {
    const Buffer piece = take(supply, count);
    given.insert(given.end(), piece.begin(), piece.end());
  }
  Counting again;
  Buffer expected(given.size());
  again.fill(expected);
  EXPECT_EQ(given, expected);
}

TEST(RandomSupply, AsksWhenSomethingIsNeededAndForManyAtOnce) {
  Counting counting;
  base::RandomSupply supply(counting);
  EXPECT_EQ(counting.calls, 0);
  for (std::size_t i = 0; i < drawn; ++i) take(supply, 1);
  EXPECT_EQ(counting.calls, 1);
  take(supply, 1);
  EXPECT_EQ(counting.calls, 2);
}

/// How many bytes of the memory are those that the source below gives.
std::size_t marks(Bytes memory) {
  return static_cast<std::size_t>(std::ranges::count_if(memory, [](std::uint8_t byte) { return byte == 0xa5; }));
}

TEST(RandomSupply, KeepsNothingThatWasGivenOut) {
  class Constant : public Random {
   public:
    void fill(MutableBytes out) override { std::ranges::fill(out, 0xa5); }
  };
  Constant constant;
  alignas(base::RandomSupply) std::array<std::uint8_t, sizeof(base::RandomSupply)> memory{};
  auto* supply = new (memory.data()) base::RandomSupply(constant);
  const std::size_t others = marks(memory);
  take(*supply, 40);
  EXPECT_EQ(marks(memory), others + drawn - 40);
  supply->~RandomSupply();
  EXPECT_EQ(marks(memory), others);
}

}  // namespace
}  // namespace handfast
