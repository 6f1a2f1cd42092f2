// What is written is DER, and reads as what it was.
#include "x509/der_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "support/hex.h"
#include "x509/certificate.h"
#include "x509/oid.h"

namespace handfast::x509::der {
namespace {

using handfast::test::to_hex;

constexpr std::int64_t start = 1'790'000'000;

std::string written(auto write) {
  Buffer out;
  Writer w(out);
  write(w);
  return to_hex(out);
}

TEST(DerWriter, Values) {
  EXPECT_EQ(written([](Writer& w) { w.boolean(true), w.boolean(false), w.null(); }), "0101ff0101000500");
  constexpr std::pair<std::uint32_t, const char*> integers[] = {
      {0, "020100"}, {127, "02017f"}, {128, "02020080"}, {65535, "020300ffff"}, {0xffffffff, "020500ffffffff"},
  };
  for (auto [value, hex] : integers) EXPECT_EQ(written([&](Writer& w) { w.integer(value); }), hex);
  constexpr std::pair<std::uint16_t, const char*> bits[] = {
      {0, "030100"}, {1, "03020780"}, {0x60, "03020106"}, {0x80, "03020001"}, {0x100, "0303070080"},
  };
  for (auto [value, hex] : bits) EXPECT_EQ(written([&](Writer& w) { w.named_bits(value); }), hex);
  EXPECT_EQ(written([](Writer& w) { w.enumerated(6); }), "0a0106");
  EXPECT_EQ(written([](Writer& w) { w.object_identifier(oid::id_Ed25519); }), "06032b6570");
  EXPECT_EQ(written([](Writer& w) { w.bit_string(handfast::test::from_hex("aabb")); }), "030300aabb");
}

TEST(DerWriter, Lengths) {
  for (std::size_t size : {0u, 127u, 128u, 255u, 256u, 70000u}) {
    Buffer out;
    Writer w(out);
    w.within(Tag::sequence, [&] { w.element(Tag::octet_string, Buffer(size, 0x11)); });
    Reader reader(out);
    Reader inner = reader.enter(Tag::sequence);
    EXPECT_EQ(inner.take(Tag::octet_string).size(), size);
    EXPECT_TRUE(reader.done() && inner.done());
  }
}

TEST(DerWriter, Times) {
  for (std::int64_t seconds : {std::int64_t{-631152000}, std::int64_t{0}, start, std::int64_t{2524607999},
                               std::int64_t{2524608000}, std::int64_t{253402300799}}) {
    Buffer out;
    Writer w(out);
    ASSERT_TRUE(w.time(seconds));
    EXPECT_EQ(out[0], seconds < 2524608000 ? 0x17 : 0x18);
    Reader reader(out);
    EXPECT_EQ(reader.time(), seconds);
    EXPECT_TRUE(reader.done());
    out.clear();
    ASSERT_TRUE(w.generalized_time(seconds));
    Reader again(out);
    EXPECT_EQ(again.generalized_time(), seconds);
    EXPECT_TRUE(again.done());
  }
  Buffer out;
  Writer w(out);
  EXPECT_FALSE(w.time(-631152001));
  EXPECT_FALSE(w.time(253402300800));
  EXPECT_FALSE(w.generalized_time(253402300800));
  EXPECT_TRUE(out.empty());
}

TEST(DerWriter, ObjectIdentifiers) {
  for (const char* dotted : {"1.2.840.113549.1.1.11", "2.5.29.37.0", "2.999.3", "0.0", "1.39.4294967296"}) {
    Buffer out;
    Writer w(out);
    ASSERT_TRUE(w.object_identifier(dotted)) << dotted;
    EXPECT_EQ(oid_text(Bytes(out).subspan(2)), dotted);
  }
  for (const char* dotted : {"", "1", "1.", "1.2.", "1..2", "3.1", "1.40", "a.b", "1.2.x", "-1.2", "1.2 "}) {
    Buffer out;
    Writer w(out);
    EXPECT_FALSE(w.object_identifier(dotted)) << dotted;
    EXPECT_TRUE(out.empty());
  }
}

}  // namespace
}  // namespace handfast::x509::der
