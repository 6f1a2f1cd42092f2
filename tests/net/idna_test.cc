// Internationalised names, from the keyboard to the certificate.
#include "net/idna.h"

#include <gtest/gtest.h>

#include "net/address.h"
#include "x509/server_name.h"

namespace handfast::net {
namespace {

std::string converted(std::string_view host) {
  Result<std::string> name = to_a_labels(host);
  return name ? *name : std::string(handfast::name(name.error().reason()));
}

TEST(Idna, ULabelsBecomeALabels) {
  EXPECT_EQ(converted("b\xc3\xbc\x63her.example"), "xn--bcher-kva.example");
  EXPECT_EQ(converted("B\xc3\x9c\x43HER.Example"), "xn--bcher-kva.example");   // case
  EXPECT_EQ(converted("bu\xcc\x88\x63her.example"), "xn--bcher-kva.example");  // u and a combining diaeresis
  EXPECT_EQ(converted("b\xc3\xbc\x63her\xe3\x80\x82"
                      "example"),
            "xn--bcher-kva.example");  // an ideographic full stop
  EXPECT_EQ(converted("stra\xc3\x9f"
                      "e.example"),
            "xn--strae-oqa.example");  // as IDNA 2008 has it, not 2003
  EXPECT_EQ(converted("\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88"), "xn--r8jz45g.xn--zckzah");
}

TEST(Idna, AsciiStaysWhatItIs) {
  for (const char* text :
       {"example.com", "Example.COM.", "xn--bcher-kva.example", "192.0.2.1", "2001:db8::1", "a_b", "", "a b", "-"})
    EXPECT_EQ(converted(text), text);
}

TEST(Idna, WhatIsNoNameIsRefused) {
  for (std::string_view text : {std::string_view("b\xfc\x63her.example"),  // Latin-1
                                std::string_view("\xcc\x88"
                                                 "a.example"),  // begins with a combining mark
                                std::string_view("a\xe2\x80\x8b\xc3\xbc\x00.example", 15),  // NUL
                                std::string_view("\xe2\x99\xa5.example")}) {                // a symbol is no letter
    Result<std::string> name = to_a_labels(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().reason(), Reason::bad_config);
    EXPECT_EQ(handfast::to_text(*name.error().find("option")), "server_name");
    EXPECT_NE(name.error().find("problem"), nullptr);
  }
  EXPECT_FALSE(to_a_labels(std::string(2000, '\xc3')));
}

TEST(Idna, AddressesAreReadWithIt) {
  Result<HostPort> address = parse_host_port("b\xc3\xbc\x63her.example:8443", 443);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "xn--bcher-kva.example");
  EXPECT_EQ(address->port, 8443);
  EXPECT_FALSE(parse_host_port("b\xfc\x63her.example", 443));
}

TEST(Idna, TheEngineTakesTheResult) {
  Result<std::string> name = to_a_labels("b\xc3\xbc\x63her.example");
  ASSERT_TRUE(name);
  EXPECT_EQ(x509::ServerName::parse(*name).value().text(), "xn--bcher-kva.example");
  EXPECT_FALSE(x509::ServerName::parse("b\xc3\xbc\x63her.example"));
}

}  // namespace
}  // namespace handfast::net
