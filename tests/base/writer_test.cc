#include "base/writer.h"

#include <gtest/gtest.h>

#include "base/reader.h"
#include "support/hex.h"

namespace handfast::test {
namespace {

using base::Writer;

TEST(Writer, AppendsToItsBuffer) {
  Buffer out = from_hex("99");
  Writer w(out);
  w.u8(0x01);
  w.u16(0x0203);
  w.u24(0x040506);
  w.u32(0x0708090a);
  w.u64(0x0b0c0d0e0f101112);
  w.bytes(from_hex("aabb"));
  w.fill(3, 0xcc);
  EXPECT_TRUE(w.ok());
  EXPECT_EQ(w.size(), out.size());
  EXPECT_EQ(&w.buffer(), &out);
  EXPECT_EQ(out, from_hex("99 01 0203 040506 0708090a 0b0c0d0e0f101112 aabb cccccc"));
}

TEST(Writer, PutsLengthsBeforeVectors) {
  Buffer out;
  Writer w(out);
  w.vector8(from_hex("aa"));
  w.vector16(from_hex("bbcc"));
  w.vector24({});
  EXPECT_EQ(out, from_hex("01aa 0002bbcc 000000"));
}

TEST(Writer, FillsLengthsInWhenTheirScopeEnds) {
  Buffer out;
  Writer w(out);
  {
    auto outer = w.length24();
    w.u8(1);
    {
      auto inner = w.length16();
      w.fill(300, 0);
    }
    auto empty = w.length8();
  }
  w.u8(2);
  EXPECT_TRUE(w.ok());
  ASSERT_EQ(out.size(), 3 + 1 + 2 + 300 + 1 + 1u);
  base::Reader r(out);
  base::Reader outer(r.vector24());
  EXPECT_EQ(outer.u8(), 1);
  EXPECT_EQ(outer.vector16().size(), 300u);
  EXPECT_EQ(outer.vector8().size(), 0u);
  EXPECT_TRUE(outer.done());
  EXPECT_EQ(r.u8(), 2);
  EXPECT_TRUE(r.done());
}

TEST(Writer, KnowsWhatALengthCanSay) {
  const auto ok = [](std::size_t size, auto write) {
    Buffer out;
    Writer w(out);
    write(w, Buffer(size, 0));
    return w.ok();
  };
  const auto vector8 = [](Writer& w, const Buffer& content) { w.vector8(content); };
  const auto vector16 = [](Writer& w, const Buffer& content) { w.vector16(content); };
  const auto vector24 = [](Writer& w, const Buffer& content) { w.vector24(content); };
  const auto length8 = [](Writer& w, const Buffer& content) {
    auto length = w.length8();
    w.bytes(content);
  };
  const auto length16 = [](Writer& w, const Buffer& content) {
    auto length = w.length16();
    w.bytes(content);
  };
  const auto length24 = [](Writer& w, const Buffer& content) {
    auto length = w.length24();
    w.bytes(content);
  };
  EXPECT_TRUE(ok(0xff, vector8));
  EXPECT_FALSE(ok(0x100, vector8));
  EXPECT_TRUE(ok(0xff, length8));
  EXPECT_FALSE(ok(0x100, length8));
  EXPECT_TRUE(ok(0xffff, vector16));
  EXPECT_FALSE(ok(0x10000, vector16));
  EXPECT_TRUE(ok(0xffff, length16));
  EXPECT_FALSE(ok(0x10000, length16));
  EXPECT_TRUE(ok(0xffffff, vector24));
  EXPECT_FALSE(ok(0x1000000, vector24));
  EXPECT_TRUE(ok(0xffffff, length24));
  EXPECT_FALSE(ok(0x1000000, length24));
}

TEST(Writer, FailsForGood) {
  Buffer out;
  Writer w(out);
  w.vector8(Buffer(256, 0));
  w.u8(0);
  w.vector8({});
  EXPECT_FALSE(w.ok());
}

}  // namespace
}  // namespace handfast::test
