// One canonical form of a name, and which certificates are its.
#include "x509/server_name.h"

#include "x509/pki.h"

namespace handfast::x509::test {
namespace {

TEST(ServerName, HasOneForm) {
  constexpr std::pair<const char*, const char*> names[] = {
      {"example.com", "example.com"},
      {"EXAMPLE.Com.", "example.com"},
      {"localhost", "localhost"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"foo_bar.example", "foo_bar.example"},
      {"3com.com", "3com.com"},
      {"192.0.2.1", "192.0.2.1"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"[::1]", "::1"},
  };
  for (auto [text, canonical] : names) {
    Result<ServerName> name = ServerName::parse(text);
    ASSERT_TRUE(name) << text << ": " << name.error().message();
    EXPECT_EQ(name->text(), canonical);
  }
  EXPECT_EQ(ServerName::parse("192.0.2.1")->ip().size(), 4u);
  EXPECT_EQ(ServerName::parse("::1")->ip().size(), 16u);
  EXPECT_TRUE(ServerName::parse("example.com")->ip().empty());
}

TEST(ServerName, RefusesWhatIsNone) {
  std::string long_label(64, 'a');
  std::string long_name;
  while (long_name.size() < 254) long_name += "abcdefg.";
  long_name += "com";
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string("a..b"),
                                  std::string(".a"),
                                  std::string("a b"),
                                  std::string("a:443"),
                                  std::string("-a.com"),
                                  std::string("a-.com"),
                                  std::string("*.example.com"),
                                  std::string("b\xc3\xbc"
                                              "cher.example"),
                                  std::string("1.2.3"),
                                  std::string("1.2.3.4.5"),
                                  std::string("256.1.1.1"),
                                  std::string("[192.0.2.1]"),
                                  std::string("fe80::1%eth0"),
                                  std::string("example.com.."),
                                  std::string("a\0b.com", 7),
                                  std::string("::1\0", 4),
                                  std::string("user@example.com"),
                                  long_label + ".com",
                                  long_name}) {
    Result<ServerName> name = ServerName::parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().reason(), Reason::bad_config);
    ASSERT_NE(name.error().find("problem"), nullptr);
  }
  EXPECT_NE(ServerName::parse("b\xc3\xbc"
                              "cher.example")
                .error()
                .message()
                .find("A-label"),
            std::string::npos);
}

TEST(ServerName, MatchesPatterns) {
  struct Row {
    const char* pattern;
    const char* host;
    bool matches;
  };
  for (auto [pattern, host, expected] : {
           Row{"example.com", "example.com", true},
           Row{"EXAMPLE.com", "example.com", true},
           Row{"example.com", "www.example.com", false},
           Row{"*.example.com", "www.example.com", true},
           Row{"*.EXAMPLE.com", "www.example.com", true},
           Row{"*.example.com", "example.com", false},
           Row{"*.example.com", "a.b.example.com", false},
           Row{"*.example.com", "xn--bcher-kva.example.com", true},
           Row{"*.com", "example.com", false},
           Row{"*", "localhost", false},
           Row{"*.", "localhost", false},
           Row{"*.*.com", "a.b.com", false},
           Row{"w*.example.com", "www.example.com", false},
           Row{"*w.example.com", "www.example.com", false},
           Row{"www.*.com", "www.example.com", false},
           Row{"example.com.", "example.com", false},
           Row{"", "example.com", false},
           Row{" example.com", "example.com", false},
       })
    EXPECT_EQ(matches_dns(pattern, host), expected) << pattern << " for " << host;
}

TEST(ServerName, AnAddressIsNeverAHostName) {
  // A dNSName that spells an address, next to a certificate that has the address.
  Buffer spelled = {0x30, 0x0b, 0x82, 0x09, '1', '9', '2', '.', '0', '.', '2', '.', '1'};
  CertificateOptions options = leaf({});
  options.common_name = "192.0.2.1";
  options.extensions = {{"2.5.29.17", false, spelled}};
  Identity as_text = root_of(options);
  Identity as_address = root_of(leaf({"192.0.2.1"}));
  ServerName name = ServerName::parse("192.0.2.1").value();
  EXPECT_FALSE(matches(*as_text.certificate, name));
  EXPECT_TRUE(matches(*as_address.certificate, name));
}

}  // namespace
}  // namespace handfast::x509::test
