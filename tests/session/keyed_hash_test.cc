// The hash of tables that peers fill.
#include "session/keyed_hash.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace handfast::session {
namespace {

// Appendix A of the paper, and of the 64 vectors of its reference code those at which the length matters.
TEST(KeyedHash, IsSipHash) {
  std::array<std::uint8_t, 16> key;
  std::array<std::uint8_t, 15> message;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
  const KeyedHash hash(key);
  EXPECT_EQ(hash(message), 0xa129ca6149be45e5u);
  EXPECT_EQ(hash({}), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(hash(Bytes(message).first(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(hash(Bytes(message).first(7)), 0xab0200f58b01d137u);
  EXPECT_EQ(hash(Bytes(message).first(8)), 0x93f5f5799a932462u);
}

TEST(KeyedHash, DependsOnItsKey) {
  test::SeededRandom random;
  const KeyedHash first(random), second(random);
  EXPECT_NE(first(as_bytes("a")), second(as_bytes("a")));
  EXPECT_EQ(first(as_bytes("a")), KeyedHash(first)(as_bytes("a")));
}

}  // namespace
}  // namespace handfast::session
