// Which addresses are of special use.
#include "net/special_use.h"

#include <gtest/gtest.h>

#include <string>

namespace handfast::test {
namespace {

using boost::asio::ip::make_address;

std::string use_of(const char* address) {
  const auto use = net::special_use(make_address(address));
  return use ? std::string(use->what) + " " + use->block.text() : "";
}

TEST(SpecialUse, OfIpv4) {
  for (const auto& [address, use] : {std::pair{"0.0.0.0", "this host 0.0.0.0/8"},
                                     {"0.1.2.3", "this host 0.0.0.0/8"},
                                     {"10.0.0.1", "private 10.0.0.0/8"},
                                     {"10.255.255.255", "private 10.0.0.0/8"},
                                     {"100.64.0.1", "shared 100.64.0.0/10"},
                                     {"100.127.255.255", "shared 100.64.0.0/10"},
                                     {"127.0.0.1", "loopback 127.0.0.0/8"},
                                     {"127.255.255.254", "loopback 127.0.0.0/8"},
                                     {"168.63.129.16", "a cloud's own 168.63.129.16"},
                                     {"169.254.169.254", "link-local 169.254.0.0/16"},
                                     {"172.16.0.1", "private 172.16.0.0/12"},
                                     {"172.31.255.255", "private 172.16.0.0/12"},
                                     {"192.0.0.192", "protocols' 192.0.0.0/24"},
                                     {"192.0.2.1", "documentation's 192.0.2.0/24"},
                                     {"192.168.1.1", "private 192.168.0.0/16"},
                                     {"198.19.0.1", "benchmarks' 198.18.0.0/15"},
                                     {"224.0.0.1", "multicast 224.0.0.0/4"},
                                     {"239.255.255.250", "multicast 224.0.0.0/4"},
                                     {"240.0.0.1", "reserved 240.0.0.0/4"},
                                     {"255.255.255.255", "broadcast 255.255.255.255"}})
    EXPECT_EQ(use_of(address), use) << address;
  for (const char* address :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255"})
    EXPECT_EQ(use_of(address), "") << address;
}

TEST(SpecialUse, OfIpv6) {
  for (const auto& [address, use] : {std::pair{"::", "this host ::"},
                                     {"::1", "loopback ::1"},
                                     {"::7f00:1", "IPv4-compatible ::/96"},
                                     {"64:ff9b:1::1", "private NAT64 64:ff9b:1::/48"},
                                     {"100::1", "discarded 100::/64"},
                                     {"2001::1", "protocols' 2001::/23"},
                                     {"2001:db8::1", "documentation's 2001:db8::/32"},
                                     {"fc00::1", "private fc00::/7"},
                                     {"fd00:ec2::254", "private fc00::/7"},
                                     {"fe80::1", "link-local fe80::/10"},
                                     {"fe80::1%1", "link-local fe80::/10"},
                                     {"fec0::1", "site-local fec0::/10"},
                                     {"ff02::1", "multicast ff00::/8"}})
    EXPECT_EQ(use_of(address), use) << address;
  for (const char* address : {"2606:4700::1111", "2001:4860:4860::8888", "2a00::1"})
    EXPECT_EQ(use_of(address), "") << address;
}

TEST(SpecialUse, OfIpv4InsideOfIpv6) {
  for (const auto& [address, use] : {std::pair{"::ffff:127.0.0.1", "loopback 127.0.0.0/8"},
                                     {"::ffff:169.254.169.254", "link-local 169.254.0.0/16"},
                                     {"64:ff9b::127.0.0.1", "loopback 64:ff9b::7f00:0/104"},
                                     {"64:ff9b::a9fe:a9fe", "link-local 64:ff9b::a9fe:0/112"},
                                     {"2002:7f00:1::", "loopback 2002:7f00::/24"},
                                     {"2002:c0a8:101::1", "private 2002:c0a8::/32"},
                                     {"::ffff:0:10.0.0.1", "private ::ffff:0:a00:0/104"}})
    EXPECT_EQ(use_of(address), use) << address;
  for (const char* address : {"::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1", "::ffff:0:1.1.1.1"})
    EXPECT_EQ(use_of(address), "") << address;
}

}  // namespace
}  // namespace handfast::test
