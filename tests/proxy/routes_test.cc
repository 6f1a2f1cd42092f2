// Routes: which one a ClientHello takes, and which are none.
#include "proxy/routes.h"

#include <gtest/gtest.h>

#include "proxy/hellos.h"

namespace handfast::test {
namespace {

using proxy::Routes;
using Texts = std::vector<std::string>;

/// Where it leads: the port of the first target.
int port_for(const Routes& routes, const std::string& server_name, std::vector<std::string> protocols = {}) {
  proxy::HelloReader reader;
  const std::string bytes = hello_bytes({.server_name = server_name, .protocols = std::move(protocols)});
  EXPECT_TRUE(reader.take(as_bytes(bytes)));
  const proxy::Targets* targets = routes.find(reader);
  return targets == nullptr ? 0 : targets->in_turn().front().port;
}

TEST(Routes, TheMostExactCounts) {
  const Texts texts{"*=h:1",
                    "*.example=h:2",
                    ".shop.example=h:3",
                    "shop.example,www.shop.example=h:4",
                    "shop.example,alpn:h2=h:5",
                    "*.shop.example,alpn:h2,alpn:http/1.1=h:6",
                    "alpn:acme-tls/1=h:7"};
  for (const bool backwards : {false, true}) {
    const Texts order = backwards ? Texts(texts.rbegin(), texts.rend()) : texts;
    const Routes routes = Routes::make(order, "").value();
    EXPECT_EQ(port_for(routes, "elsewhere.test"), 1);
    EXPECT_EQ(port_for(routes, ""), 1);
    EXPECT_EQ(port_for(routes, "other.example"), 2);
    EXPECT_EQ(port_for(routes, "example"), 1) << "it is not below itself";
    EXPECT_EQ(port_for(routes, "a.shop.example"), 3);
    EXPECT_EQ(port_for(routes, "a.b.shop.example"), 3);
    EXPECT_EQ(port_for(routes, "notshop.example"), 2);
    EXPECT_EQ(port_for(routes, "shop.example"), 4);
    EXPECT_EQ(port_for(routes, "SHOP.example"), 4);
    EXPECT_EQ(port_for(routes, "www.shop.example", {"h2"}), 4) << "a name that is more exact comes before a protocol";
    EXPECT_EQ(port_for(routes, "shop.example", {"h3", "h2"}), 5);
    EXPECT_EQ(port_for(routes, "shop.example", {"http/1.1"}), 4);
    EXPECT_EQ(port_for(routes, "a.shop.example", {"http/1.1"}), 6);
    EXPECT_EQ(port_for(routes, "elsewhere.test", {"acme-tls/1"}), 7);
    EXPECT_EQ(port_for(routes, "", {"acme-tls/1"}), 7);
  }
}

TEST(Routes, WithoutOneTheDefault) {
  const Texts texts{"shop.example=h:1"};
  EXPECT_EQ(port_for(Routes::make(texts, "").value(), "other.example"), 0);
  EXPECT_EQ(port_for(Routes::make(texts, "d:9").value(), "other.example"), 9);
  EXPECT_EQ(port_for(Routes::make(texts, "d:9").value(), ""), 9);
  EXPECT_EQ(port_for(Routes::make({}, "d:9").value(), "shop.example"), 9);
}

TEST(Routes, SeveralTargetsAreTakenInTurn) {
  const auto targets = proxy::Targets::make("route", "a:1,b:2,[::1]:3").value();
  for (const int first : {1, 2, 3, 1, 2}) {
    const std::vector<net::HostPort> turn = targets->in_turn();
    ASSERT_EQ(turn.size(), 3u);
    EXPECT_EQ(turn.front().port, first);
    EXPECT_EQ(turn[1].port, first % 3 + 1);
  }
}

TEST(Routes, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "shop.example", "shop.example=", "=127.0.0.1:1", "shop.example=127.0.0.1", "shop.example=:443",
        "shop.example=127.0.0.1:0", "shop.example=127.0.0.1:70000", "127.0.0.1=127.0.0.1:1", "[::1]=127.0.0.1:1",
        "*.*.example=h:1", "shop..example=h:1", "shop.example,=h:1", ",shop.example=h:1", "alpn:=h:1",
        "shop.example=h:1,,h:2", "shop.example=https://h", "*shop.example=h:1"}) {
    const Texts texts{text};
    const auto routes = Routes::make(texts, "");
    ASSERT_FALSE(routes) << text;
    EXPECT_EQ(routes.error().reason(), Reason::bad_config);
    EXPECT_EQ(handfast::to_text(*routes.error().find("option")), "route");
    EXPECT_EQ(handfast::to_text(*routes.error().find("value")), text);
  }
  EXPECT_FALSE(Routes::make({}, ""));
  EXPECT_FALSE(Routes::make({}, "nowhere"));
  const Texts twice{"shop.example=h:1", "*,SHOP.example.=h:2"};
  EXPECT_FALSE(Routes::make(twice, ""));
  const Texts same_protocol{"shop.example,alpn:h2=h:1", "shop.example,alpn:h3,alpn:h2=h:2"};
  EXPECT_FALSE(Routes::make(same_protocol, ""));
  const Texts fine{"shop.example,alpn:h2=h:1", "shop.example,alpn:h3=h:2", "shop.example=h:3"};
  EXPECT_TRUE(Routes::make(fine, ""));
}

}  // namespace
}  // namespace handfast::test
