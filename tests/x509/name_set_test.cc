// For which names an anchor is trusted.
#include "x509/name_set.h"

#include <gtest/gtest.h>

namespace handfast::x509 {
namespace {

NameSet set(const std::vector<std::string>& names) { return NameSet::parse(names).value(); }
bool holds(const std::string& entry, std::string_view name) {
  return set({entry}).contains(ServerName::parse(name).value());
}

TEST(NameSet, AHostIsThatHost) {
  EXPECT_TRUE(holds("nas.local", "nas.local"));
  EXPECT_TRUE(holds("NAS.Local.", "nas.local"));
  EXPECT_TRUE(holds("nas", "nas"));
  for (const char* other : {"as.local", "xnas.local", "a.nas.local", "nas.local.example", "local"})
    EXPECT_FALSE(holds("nas.local", other)) << other;
}

TEST(NameSet, BelowADomainIsEverythingBelow) {
  for (const char* domain : {".corp.example", "*.corp.example", "*.CORP.example."}) {
    EXPECT_TRUE(holds(domain, "a.corp.example")) << domain;
    EXPECT_TRUE(holds(domain, "a.b.corp.example")) << domain;
    for (const char* other : {"corp.example", "acorp.example", "example", "corp.example.org", "192.0.2.1"})
      EXPECT_FALSE(holds(domain, other)) << domain << " " << other;
  }
}

TEST(NameSet, AddressesAndPrefixes) {
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.8/31", "192.0.2.9"));
  EXPECT_FALSE(holds("192.0.2.8/31", "192.0.2.10"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(holds("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(holds("2001:db8::/32", "2001:db9::1"));
  EXPECT_TRUE(holds("[2001:db8::7]", "2001:DB8:0::7"));
  for (const char* name : {"2001:db8::1", "host.example"}) EXPECT_FALSE(holds("0.0.0.0/0", name)) << name;
  EXPECT_FALSE(holds("::/0", "192.0.2.1"));
}

TEST(NameSet, AnyOfThemIsEnough) {
  NameSet names = set({"nas.local", ".corp.example", "192.0.2.7"});
  for (const char* name : {"nas.local", "a.corp.example", "192.0.2.7"})
    EXPECT_TRUE(names.contains(ServerName::parse(name).value())) << name;
  EXPECT_FALSE(names.contains(ServerName::parse("other.local").value()));
}

TEST(NameSet, OneWayOfWriting) {
  NameSet names =
      set({"Nas.local", "*.corp.example", ".CORP.example", "2001:DB8:0::/32", "192.0.2.7/32", "nas.local."});
  EXPECT_EQ(names.texts(), (std::vector<std::string>{".corp.example", "192.0.2.7", "2001:db8::/32", "nas.local"}));
  EXPECT_EQ(names, set({"192.0.2.7", "2001:db8::/32", "nas.local", ".corp.example"}));
  EXPECT_NE(names, set({"nas.local"}));
}

TEST(NameSet, AnythingElseIsRefused) {
  EXPECT_FALSE(NameSet::parse({}));
  for (const char* bad : {"",
                          ".",
                          "*",
                          "*.",
                          "a b",
                          "**.example",
                          "a.*.example",
                          "*x.example",
                          "*.192.0.2.1",
                          "host.example/24",
                          ".corp.example/24",
                          "192.0.2.0/33",
                          "192.0.2.0/",
                          "192.0.2.0/-1",
                          "192.0.2.0/24x",
                          "192.0.2.0/+24",
                          "2001:db8::/129",
                          "192.0.2.1/24",
                          "2001:db8::1/64",
                          "10.0.0.0/99999999999999999999",
                          "*.[2001:db8::1]"}) {
    Result<NameSet> result = NameSet::parse(std::vector<std::string>{"good.example", bad});
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().reason(), Reason::bad_config);
    EXPECT_EQ(to_text(*result.error().find("option")), "trust_anchors");
    EXPECT_EQ(to_text(*result.error().find("value")), bad);
  }
}

}  // namespace
}  // namespace handfast::x509
