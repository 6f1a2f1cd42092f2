#include "base/reader.h"

#include <gtest/gtest.h>

#include <string_view>

#include "support/hex.h"

namespace handfast::test {
namespace {

using base::Reader;

TEST(Reader, ReadsBigEndianNumbers) {
  const Buffer bytes = from_hex("01 0203 040506 0708090a 0b0c0d0e0f101112");
  Reader r(bytes);
  EXPECT_EQ(r.u8(), 0x01);
  EXPECT_EQ(r.u16(), 0x0203);
  EXPECT_EQ(r.u24(), 0x040506u);
  EXPECT_EQ(r.u32(), 0x0708090au);
  EXPECT_FALSE(r.done());
  EXPECT_EQ(r.u64(), 0x0b0c0d0e0f101112u);
  EXPECT_TRUE(r.done());
}

TEST(Reader, GivesViewsOfItsBytes) {
  const Buffer bytes = from_hex("aabb 01cc 0002ddee 000001ff 99");
  Reader r(bytes);
  EXPECT_EQ(r.take(2).data(), bytes.data());
  EXPECT_EQ(to_hex(r.vector8()), "cc");
  EXPECT_EQ(to_hex(r.vector16()), "ddee");
  EXPECT_EQ(to_hex(r.vector24()), "ff");
  EXPECT_EQ(r.size(), 1u);
  EXPECT_EQ(to_hex(r.peek()), "99");
  EXPECT_FALSE(r.empty());
  EXPECT_EQ(to_hex(r.rest()), "99");
  EXPECT_TRUE(r.done());
  EXPECT_TRUE(r.rest().empty());
  EXPECT_TRUE(r.done());
}

TEST(Reader, EmptyVectorsAreVectors) {
  const Buffer bytes = from_hex("00 0000 000000");
  Reader r(bytes);
  EXPECT_TRUE(r.vector8().empty());
  EXPECT_TRUE(r.vector16().empty());
  EXPECT_TRUE(r.vector24().empty());
  EXPECT_TRUE(r.done());
}

/// Every way to read past the end of these bytes.
TEST(Reader, FailsForGood) {
  const auto fails = [](std::string_view hex, auto read) {
    const Buffer bytes = from_hex(hex);
    Reader r(bytes);
    read(r);
    EXPECT_FALSE(r.ok()) << hex;
    EXPECT_FALSE(r.done());
    EXPECT_TRUE(r.empty()) << "so that loops end";
    EXPECT_EQ(r.u8(), 0);
    EXPECT_TRUE(r.take(0).empty());
    EXPECT_FALSE(r.ok()) << "a later read does not mend it";
  };
  fails("", [](Reader& r) { EXPECT_EQ(r.u8(), 0); });
  fails("01", [](Reader& r) { EXPECT_EQ(r.u16(), 0); });
  fails("0102", [](Reader& r) { EXPECT_EQ(r.u24(), 0u); });
  fails("010203", [](Reader& r) { EXPECT_EQ(r.u32(), 0u); });
  fails("01020304050607", [](Reader& r) { EXPECT_EQ(r.u64(), 0u); });
  fails("0102", [](Reader& r) { EXPECT_TRUE(r.take(3).empty()); });
  fails("0102", [](Reader& r) { EXPECT_TRUE(r.take(static_cast<std::size_t>(-1)).empty()); });
  fails("02ff", [](Reader& r) { EXPECT_TRUE(r.vector8().empty()); });
  fails("0002ff", [](Reader& r) { EXPECT_TRUE(r.vector16().empty()); });
  fails("00", [](Reader& r) { EXPECT_TRUE(r.vector16().empty()); });
  fails("ffffff00", [](Reader& r) { EXPECT_TRUE(r.vector24().empty()); });
  fails("0102", [](Reader& r) { r.fail(); });
}

}  // namespace
}  // namespace handfast::test
