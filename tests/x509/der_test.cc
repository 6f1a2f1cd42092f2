// DER: one encoding of each value, and every other one refused.
#include "x509/der.h"

#include <gtest/gtest.h>

#include "base/writer.h"
#include "support/hex.h"
#include "x509/certificate.h"
#include "x509/oid.h"

namespace handfast::x509::der {
namespace {

using handfast::test::from_hex;
using handfast::test::to_hex;

TEST(Der, Lengths) {
  for (std::size_t size : {0u, 1u, 127u, 128u, 255u, 256u, 65535u, 65536u}) {
    Buffer der = {0x04};
    if (size < 128) {
      der.push_back(static_cast<std::uint8_t>(size));
    } else {
      int octets = size < 256 ? 1 : size < 65536 ? 2 : 3;
      der.push_back(static_cast<std::uint8_t>(0x80 | octets));
      while (octets-- > 0) der.push_back(static_cast<std::uint8_t>(size >> 8 * octets));
    }
    der.resize(der.size() + size, 0xaa);
    Reader reader(der);
    Element element = reader.any();
    EXPECT_TRUE(reader.done()) << size;
    EXPECT_EQ(element.content.size(), size);
    EXPECT_EQ(element.whole.size(), der.size());
    if (size == 0) continue;
    Reader cut(Bytes(der).first(der.size() - 1));
    cut.any();
    EXPECT_FALSE(cut.ok()) << size;
  }
}

TEST(Der, WhatIsNotDer) {
  for (const char* hex : {
           "",                  // nothing
           "04",                // no length
           "048001020000",      // indefinite
           "04810100",          // long form for a short length
           "0482008000",        // leading zero in the length
           "0485000000000100",  // five octets of length
           "04ff00",            // reserved
           "0484ffffffff00",    // far past the end
           "1f810100",          // a high tag number
           "0000",              // end-of-contents
       }) {
    Reader reader(Bytes{});
    Buffer der = from_hex(hex);
    reader = Reader(der);
    Element element = reader.any();
    EXPECT_FALSE(reader.ok()) << hex;
    EXPECT_TRUE(element.whole.empty()) << hex;
    EXPECT_TRUE(reader.empty()) << hex;
  }
}

TEST(Der, AFailureStays) {
  Buffer der = from_hex(
      "0500"
      "0101ff");
  Reader reader(der);
  reader.take(Tag::integer);
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.boolean());
  Reader child = reader.enter(Tag::sequence);
  EXPECT_FALSE(child.ok());
  EXPECT_FALSE(child.done());
}

TEST(Der, Booleans) {
  struct Row {
    const char* hex;
    bool good;
    bool value;
  };
  for (auto [hex, good, value] : {Row{"0101ff", true, true}, Row{"010100", true, false}, Row{"010101", false, false},
                                  Row{"0100", false, false}, Row{"0102ffff", false, false}}) {
    Buffer der = from_hex(hex);
    Reader reader(der);
    EXPECT_EQ(reader.boolean(), value) << hex;
    EXPECT_EQ(reader.done(), good) << hex;
  }
}

TEST(Der, Integers) {
  for (const char* hex : {"020100", "02017f", "02020080", "0201ff", "020180", "0202ff7f"}) {
    Buffer der = from_hex(hex);
    Reader reader(der);
    EXPECT_EQ(to_hex(reader.integer()), std::string(hex).substr(4)) << hex;
    EXPECT_TRUE(reader.done()) << hex;
  }
  for (const char* hex : {"0200", "02020000", "0202007f", "0202ff80", "0203ffffff"}) {
    Buffer der = from_hex(hex);
    Reader reader(der);
    reader.integer();
    EXPECT_FALSE(reader.ok()) << hex;
  }
}

TEST(Der, SmallAndPositiveIntegers) {
  Buffer most = from_hex("020500ffffffff");
  Reader reader(most);
  EXPECT_EQ(reader.small_integer(), 0xffffffffu);
  EXPECT_TRUE(reader.done());
  for (const char* hex : {"02050100000000", "0201ff", "0200"}) {
    Buffer der = from_hex(hex);
    Reader bad(der);
    EXPECT_EQ(bad.small_integer(), 0u);
    EXPECT_FALSE(bad.ok()) << hex;
  }
  Buffer modulus = from_hex("02020080");
  Reader positive(modulus);
  EXPECT_EQ(to_hex(positive.positive_integer()), "80");
  for (const char* hex : {"020100", "020180"}) {
    Buffer der = from_hex(hex);
    Reader bad(der);
    bad.positive_integer();
    EXPECT_FALSE(bad.ok()) << hex;
  }
}

TEST(Der, BitStrings) {
  struct Row {
    const char* hex;
    bool good;
    unsigned bits;
  };
  for (auto [hex, good, bits] : {
           Row{"03020780", true, 1},        // digitalSignature
           Row{"03020106", true, 0x60},     // keyCertSign, cRLSign
           Row{"0303070080", true, 0x100},  // decipherOnly
           Row{"030100", true, 0},          // none
           Row{"0303070600", true, 0x60},   // zeros at the end, as Trustwave's roots have them
           Row{"030107", false, 0},         // unused bits of nothing
           Row{"030207c0", false, 0},       // a bit set among the unused
           Row{"030208ff", false, 0},       // eight unused bits
           Row{"0300", false, 0},           // no count of unused bits
       }) {
    Buffer der = from_hex(hex);
    Reader reader(der);
    EXPECT_EQ(reader.named_bits(), bits) << hex;
    EXPECT_EQ(reader.done(), good) << hex;
  }
  Buffer odd = from_hex("03020780");
  Reader reader(odd);
  reader.octets_in_bit_string();
  EXPECT_FALSE(reader.ok());
}

TEST(Der, ObjectIdentifiers) {
  for (const char* hex : {"0600",
                          "0601"
                          "80",
                          "0602"
                          "8001",
                          "0602"
                          "2a86",
                          "0603"
                          "2a8001"}) {
    Buffer der = from_hex(hex);
    Reader reader(der);
    EXPECT_TRUE(reader.object_identifier().empty()) << hex;
    EXPECT_FALSE(reader.ok()) << hex;
  }
  EXPECT_EQ(oid_text(oid::sha256WithRSAEncryption), "1.2.840.113549.1.1.11");
  EXPECT_EQ(oid_text(oid::anyExtendedKeyUsage), "2.5.29.37.0");
  EXPECT_EQ(oid_text(oid::domainComponent), "0.9.2342.19200300.100.1.25");
  EXPECT_EQ(oid_text(from_hex("883703")), "2.999.3");
  EXPECT_EQ(oid_text(from_hex("2affffffffffffffffffff7f")), "1.2.?");
}

Buffer time_der(Tag tag, std::string_view text) {
  Buffer der;
  base::Writer w(der);
  w.u8(static_cast<std::uint8_t>(tag));
  w.vector8(as_bytes(text));
  return der;
}

TEST(Der, GeneralizedTimeAlone) {
  Buffer der = time_der(Tag::utc_time, "700101000000Z");
  Reader reader(der);
  reader.generalized_time();
  EXPECT_FALSE(reader.ok());
}

TEST(Der, Times) {
  struct Row {
    Tag tag;
    const char* text;
    const char* iso;
  };
  for (auto [tag, text, iso] : {
           Row{Tag::utc_time, "700101000000Z", "1970-01-01T00:00:00Z"},
           Row{Tag::utc_time, "500101000000Z", "1950-01-01T00:00:00Z"},
           Row{Tag::utc_time, "491231235959Z", "2049-12-31T23:59:59Z"},
           Row{Tag::utc_time, "000229120000Z", "2000-02-29T12:00:00Z"},
           Row{Tag::generalized_time, "20500101000000Z", "2050-01-01T00:00:00Z"},
           Row{Tag::generalized_time, "99991231235959Z", "9999-12-31T23:59:59Z"},
           Row{Tag::generalized_time, "20111006083956Z", "2011-10-06T08:39:56Z"},
       }) {
    Buffer der = time_der(tag, text);
    Reader reader(der);
    EXPECT_EQ(time_text(reader.time()), iso);
    EXPECT_TRUE(reader.done()) << text;
  }
  for (const char* text : {"7001010000Z", "700101000000", "700101000000+0000", "70010100000Z", "700101000000.5Z",
                           "701301000000Z", "700001000000Z", "700230000000Z", "010229000000Z", "700132000000Z",
                           "700101240000Z", "700101006000Z", "700101000060Z", "7001010000 0Z", "-10101000000Z"}) {
    Buffer der = time_der(Tag::utc_time, text);
    Reader reader(der);
    reader.time();
    EXPECT_FALSE(reader.ok()) << text;
  }
  for (const char* text : {"205001010000Z", "21000229000000Z", "20500101000000.1Z", "20500101000000"}) {
    Buffer der = time_der(Tag::generalized_time, text);
    Reader reader(der);
    reader.time();
    EXPECT_FALSE(reader.ok()) << text;
  }
}

TEST(Oid, EqualIsEveryOctet) {
  const Buffer one = {0x55, 0x1d, 0x11};
  EXPECT_TRUE(oid::equal(one, oid::subjectAltName));
  for (const Buffer& other : {Buffer{0x55, 0x1d, 0x12}, Buffer{0x55, 0x1c, 0x11}, Buffer{0x54, 0x1d, 0x11},
                              Buffer{0x1d, 0x11}, Buffer{0x55, 0x1d}, Buffer{0x55, 0x1d, 0x11, 0x11}, Buffer{}})
    EXPECT_FALSE(oid::equal(one, other)) << handfast::test::to_hex(other);
  EXPECT_TRUE(oid::equal({}, {}));
}

}  // namespace
}  // namespace handfast::x509::der
