// HOST:PORT as people write it.
#include "net/address.h"

#include <gtest/gtest.h>

#include "net/endpoint.h"

namespace handfast::net {
namespace {

std::string read(std::string_view text, std::optional<std::uint16_t> default_port = std::nullopt) {
  Result<HostPort> address = parse_host_port(text, default_port);
  if (!address) return std::string(name(address.error().reason()));
  return address->host + " " + std::to_string(address->port);
}

TEST(Address, HostAndPort) {
  EXPECT_EQ(read("example.com:443"), "example.com 443");
  EXPECT_EQ(read("192.0.2.1:8443"), "192.0.2.1 8443");
  EXPECT_EQ(read("[::1]:443"), "::1 443");
  EXPECT_EQ(read("[2001:db8::1]:0"), "2001:db8::1 0");
  EXPECT_EQ(read(":8443"), " 8443");
  EXPECT_EQ(read("example.com:65535"), "example.com 65535");
}

TEST(Address, DefaultPort) {
  EXPECT_EQ(read("example.com", 443), "example.com 443");
  EXPECT_EQ(read("[::1]", 443), "::1 443");
  EXPECT_EQ(read("::1", 443), "::1 443");
  EXPECT_EQ(read("2001:db8::1:443", 8443), "2001:db8::1:443 8443");
  EXPECT_EQ(read("example.com:80", 443), "example.com 80");
}

TEST(Address, Refused) {
  for (const char* text : {"", "example.com", "::1", "[::1]", "[::1", "[]:443", "[::1]443", "example.com:", ":", "a:b",
                           "example.com:65536", "example.com:-1", "example.com:+1", "example.com: 1", "example.com:1 ",
                           "example.com:4294967739"}) {
    EXPECT_EQ(read(text), "bad_config") << text;
  }
  EXPECT_EQ(read("", 443), "bad_config");
  EXPECT_EQ(read("example.com:", 443), "bad_config");
}

TEST(Address, ToText) {
  EXPECT_EQ(to_text({"example.com", 443}), "example.com:443");
  EXPECT_EQ(to_text({"::1", 443}), "[::1]:443");
  EXPECT_EQ(to_text({"", 0}), ":0");
}

TEST(Address, OfSocketsToText) {
  using boost::asio::ip::make_address;
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "192.0.2.100", "255.255.255.255", "::", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%1"})
    EXPECT_EQ(to_text(make_address(text)), make_address(text).to_string()) << text;
  EXPECT_EQ(to_text({make_address("192.0.2.1"), 65535}), "192.0.2.1:65535");
  EXPECT_EQ(to_text({make_address("2001:db8::1"), 0}), "[2001:db8::1]:0");
}

}  // namespace
}  // namespace handfast::net
