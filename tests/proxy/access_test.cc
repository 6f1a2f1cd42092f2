// Where a proxy goes: --allow and --deny, by name before and by address after it is resolved.
#include "proxy/access.h"

#include <gtest/gtest.h>

#include <string>

namespace handfast::test {
namespace {

using boost::asio::ip::make_address;
using proxy::AccessList;
using Texts = std::vector<std::string>;

AccessList list(Texts allow, Texts deny = {}) {
  auto made = AccessList::make({std::move(allow), std::move(deny)});
  EXPECT_TRUE(made) << made.error().message();
  return *std::move(made);
}

x509::ServerName name(const char* text) { return x509::ServerName::parse(text).value(); }

/// By name alone.
bool lets(const AccessList& access, const char* host, std::uint16_t port) { return !access.refuses(name(host), port); }
bool lets(const AccessList& access, const char* host, std::uint16_t port, const char* address) {
  return !access.refuses(name(host), port, make_address(address));
}

TEST(Access, WithoutEntriesThePublicInternetIsOpen) {
  const AccessList open = list({});
  EXPECT_TRUE(lets(open, "example.com", 443));
  EXPECT_TRUE(lets(open, "example.com", 443, "1.1.1.1"));
  EXPECT_TRUE(lets(open, "example.com", 25, "2606:4700::1111"));
  EXPECT_FALSE(lets(open, "example.com", 0));
}

TEST(Access, AddressesOfSpecialUseAreRefusedWhateverTheNameIs) {
  const AccessList open = list({});
  for (const char* address :
       {"127.0.0.1", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254",
        "fe80::1", "fd00::1", "224.0.0.1", "ff02::1", "255.255.255.255", "192.0.2.1", "::ffff:127.0.0.1",
        "64:ff9b::127.0.0.1", "2002:7f00:1::", "::127.0.0.1"}) {
    EXPECT_TRUE(lets(open, "example.com", 443)) << "before it is resolved";
    EXPECT_FALSE(lets(open, "example.com", 443, address)) << address;
    EXPECT_FALSE(lets(list({"example.com", "*:443", "0.0.0.0/0", "::/0", "*.com"}), "example.com", 443, address))
        << address;
  }
  // What a resolver takes for an address, this function does not: what comes of it is looked at all the same.
  EXPECT_FALSE(lets(open, "0x7f000001", 443, "127.0.0.1"));
}

TEST(Access, AnAddressOpensAnAddressOfSpecialUse) {
  const AccessList some = list({"*", "10.0.0.0/8", "127.0.0.1:8080-8081", "[fd00::]/8:443", "[::1]"});
  EXPECT_TRUE(lets(some, "intranet.example", 443, "10.1.2.3"));
  EXPECT_TRUE(lets(some, "intranet.example", 443, "::ffff:10.1.2.3"));
  EXPECT_TRUE(lets(some, "intranet.example", 443, "64:ff9b::10.1.2.3"));
  EXPECT_FALSE(lets(some, "intranet.example", 443, "192.168.0.1"));
  EXPECT_TRUE(lets(some, "127.0.0.1", 8081, "127.0.0.1"));
  EXPECT_FALSE(lets(some, "127.0.0.1", 8082, "127.0.0.1"));
  EXPECT_FALSE(lets(some, "127.0.0.2", 8080, "127.0.0.2"));
  EXPECT_TRUE(lets(some, "x.example", 443, "fd00::1"));
  EXPECT_FALSE(lets(some, "x.example", 80, "fd00::1"));
  EXPECT_TRUE(lets(some, "::1", 1, "::1"));
  // And everything else stays open, by the asterisk.
  EXPECT_TRUE(lets(some, "example.com", 443, "1.1.1.1"));
  // A block that is not of that use alone says nothing about it.
  EXPECT_FALSE(lets(list({"8.0.0.0/5"}), "10.0.0.1", 443, "10.0.0.1"));
}

TEST(Access, AnAllowListMakesEverythingElseDenied) {
  const AccessList some = list({"example.com", "*.Example.ORG", ".example.net:8000-8999", "198.41.0.0/24:53", "*:993"});
  EXPECT_TRUE(lets(some, "example.com", 443));
  EXPECT_TRUE(lets(some, "EXAMPLE.com.", 443)) << "one canonical name";
  EXPECT_FALSE(lets(some, "www.example.com", 443, "1.1.1.1"));
  EXPECT_FALSE(lets(some, "notexample.com", 443, "1.1.1.1"));
  EXPECT_TRUE(lets(some, "a.b.example.org", 443, "1.1.1.1"));
  EXPECT_FALSE(lets(some, "example.org", 443, "1.1.1.1"));
  EXPECT_TRUE(lets(some, "a.example.net", 8000, "1.1.1.1"));
  EXPECT_TRUE(lets(some, "a.example.net", 8999, "1.1.1.1"));
  EXPECT_FALSE(lets(some, "a.example.net", 7999, "1.1.1.1"));
  EXPECT_FALSE(lets(some, "a.example.net", 9000, "1.1.1.1"));
  EXPECT_TRUE(lets(some, "whoever.test", 993, "1.1.1.1"));
  EXPECT_TRUE(lets(some, "1.1.1.1", 993, "1.1.1.1"));
  // By its address: only when it is resolved.
  EXPECT_TRUE(lets(some, "whoever.test", 53));
  EXPECT_TRUE(lets(some, "whoever.test", 53, "198.41.0.4"));
  EXPECT_FALSE(lets(some, "whoever.test", 53, "198.41.1.4"));
  // What nothing can let in is refused before anybody is asked for its addresses.
  EXPECT_FALSE(lets(some, "whoever.test", 443));
}

TEST(Access, DenyWins) {
  const AccessList some =
      list({"*", "10.0.0.0/8"}, {"*.bad.example", "bad.example", "*:25", "10.9.0.0/16", "1.1.1.0/24", "[2a00::]/16"});
  EXPECT_TRUE(lets(some, "good.example", 443, "8.8.8.8"));
  EXPECT_FALSE(lets(some, "bad.example", 443));
  EXPECT_FALSE(lets(some, "BAD.example.", 443));
  EXPECT_FALSE(lets(some, "very.bad.example", 443));
  EXPECT_FALSE(lets(some, "good.example", 25));
  EXPECT_TRUE(lets(some, "good.example", 443, "10.8.0.1"));
  EXPECT_FALSE(lets(some, "good.example", 443, "10.9.0.1"));
  EXPECT_FALSE(lets(some, "good.example", 443, "1.1.1.1"));
  EXPECT_FALSE(lets(some, "good.example", 443, "::ffff:1.1.1.1"));
  EXPECT_FALSE(lets(some, "good.example", 443, "64:ff9b::1.1.1.1")) << "the same host, through NAT64";
  EXPECT_FALSE(lets(some, "good.example", 443, "2a00::1"));
  EXPECT_FALSE(lets(list({"example.com"}, {"example.com"}), "example.com", 443));
}

TEST(Access, InternationalisedNamesAreOneName) {
  const AccessList some = list({"bücher.example", "*.bücher.example"});
  EXPECT_TRUE(lets(some, "xn--bcher-kva.example", 443));
  EXPECT_TRUE(lets(some, "www.xn--bcher-kva.example", 443));
}

TEST(Access, SaysWhy) {
  const AccessList some = list({"*"}, {"*:25"});
  EXPECT_EQ(some.refuses(name("example.com"), 25), "denied by *:25");
  EXPECT_EQ(some.refuses(name("example.com"), 80, make_address("127.0.0.1")),
            "127.0.0.1 is loopback (127.0.0.0/8), which is refused unless that is allowed by address");
}

TEST(Access, WhatIsNoEntryIsRefused) {
  for (const char* text : {"",
                           " ",
                           "https://example.com",
                           "example.com:",
                           "example.com:0",
                           "example.com:65536",
                           "example.com:9-8",
                           "example.com:1-",
                           "example.com:http",
                           "*.",
                           ".",
                           "exa mple.com",
                           "foo.*",
                           "*.*.com",
                           "10.0.0.1/8",
                           "10.0.0.0/33",
                           "10.0.0/8",
                           "[::1",
                           "[::1]443",
                           "[10.0.0.1]",
                           "*.10.0.0.1",
                           "10.0.0.0/8/9",
                           "443",
                           "example.com/8",
                           "*.example.com/path",
                           "fe80::1%lo"}) {
    for (const bool deny : {false, true}) {
      const auto made = AccessList::make(deny ? proxy::AccessOptions{{}, {text}} : proxy::AccessOptions{{text}, {}});
      ASSERT_FALSE(made) << text;
      EXPECT_EQ(made.error().reason(), Reason::bad_config);
      EXPECT_EQ(handfast::to_text(*made.error().find("option")), deny ? "deny" : "allow");
      EXPECT_EQ(handfast::to_text(*made.error().find("value")), text);
      EXPECT_TRUE(made.error().find("problem") && made.error().find("remedy"));
    }
  }
}

}  // namespace
}  // namespace handfast::test
