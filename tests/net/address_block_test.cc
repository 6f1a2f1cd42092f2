// Blocks of addresses: how they are written, what they hold.
#include "net/address_block.h"

#include <gtest/gtest.h>

namespace handfast::test {
namespace {

using boost::asio::ip::make_address;
using net::AddressBlock;

bool holds(const char* block, const char* address) {
  return AddressBlock::parse(block).value().contains(make_address(address));
}

TEST(AddressBlock, IsWrittenInOneForm) {
  for (const auto& [text, form] : {std::pair{"192.0.2.0/24", "192.0.2.0/24"},
                                   {"192.0.2.1", "192.0.2.1"},
                                   {"192.0.2.1/32", "192.0.2.1"},
                                   {"0.0.0.0/0", "0.0.0.0/0"},
                                   {"2001:DB8:0::/32", "2001:db8::/32"},
                                   {"[2001:db8::]/32", "2001:db8::/32"},
                                   {"[::1]", "::1"},
                                   {"::/0", "::/0"},
                                   {"::ffff:192.0.2.0/120", "192.0.2.0/24"},
                                   {"::ffff:192.0.2.1", "192.0.2.1"}}) {
    const auto block = AddressBlock::parse(text);
    ASSERT_TRUE(block) << text << ": " << block.error();
    EXPECT_EQ(block->text(), form);
  }
}

TEST(AddressBlock, WhatIsNone) {
  for (const char* text : {"", "/", "example.com", "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1",
                           "192.0.2.0/24/8", "192.0.2/24", "[192.0.2.1]", "2001:db8::1/64", "2001:db8::/129", "[::1",
                           "fe80::1%lo", "::ffff:0:0/95", "192.0.2.0/ 24", "192.0.2.0 /24"})
    EXPECT_FALSE(AddressBlock::parse(text)) << text;
}

TEST(AddressBlock, Holds) {
  EXPECT_TRUE(holds("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(holds("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(holds("192.0.2.0/24", "::ffff:192.0.2.1"));
  EXPECT_TRUE(holds("0.0.0.0/0", "255.255.255.255"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("fe80::/10", "fe80::1%1"));
  // IPv4 is none of IPv6, wherever it comes from.
  EXPECT_FALSE(holds("::/0", "192.0.2.1"));
  EXPECT_FALSE(holds("::/0", "::ffff:192.0.2.1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
}

TEST(AddressBlock, Within) {
  const auto block = [](const char* text) { return AddressBlock::parse(text).value(); };
  EXPECT_TRUE(block("10.1.0.0/16").within(block("10.0.0.0/8")));
  EXPECT_TRUE(block("10.0.0.0/8").within(block("10.0.0.0/8")));
  EXPECT_FALSE(block("10.0.0.0/7").within(block("10.0.0.0/8")));
  EXPECT_FALSE(block("0.0.0.0/0").within(block("10.0.0.0/8")));
  EXPECT_FALSE(block("11.0.0.0/16").within(block("10.0.0.0/8")));
  EXPECT_FALSE(block("::/64").within(block("0.0.0.0/0")));
  EXPECT_EQ(block("10.0.0.0/8").embedded_in(block("64:ff9b::/96")).text(), "64:ff9b::a00:0/104");
}

}  // namespace
}  // namespace handfast::test
