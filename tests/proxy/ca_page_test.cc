// The page of the proxy's authority: what is served under which name, and nothing of anybody's that is markup.
#include "proxy/ca_page.h"

#include <gtest/gtest.h>

#include <handfast/identity.h>

#include "authority/mint.h"
#include "support/random.h"
#include "x509/pem.h"

namespace handfast::proxy {
namespace {

constexpr std::int64_t now = 1'790'000'000;

class CaPageTest : public testing::Test {
 protected:
  CaPageTest()
      : ca_(authority::make_ca(authority::ca_options("<b>CA</b>", now, now + 86400), crypto::KeyType::p256, random_)
                .value()) {
    facts_.certificate = ca_.certificate.der();
    facts_.client = "192.0.2.1";
  }
  http::Response get(std::string_view path, std::string_view method = "GET") const {
    return ca_page(facts_, method, path);
  }
  static std::string field(const http::Response& response, std::string_view name) {
    for (const http::Field& field : response.fields)
      if (field.name == name) return field.value;
    return {};
  }
  bool page_has(std::string_view text) const { return get("/").body.find(text) != std::string::npos; }

  test::SeededRandom random_;
  authority::Identity ca_;
  CaPage facts_;
};

TEST_F(CaPageTest, GivesTheCertificateInPem) {
  const http::Response pem = get("/ca.crt");
  EXPECT_EQ(pem.status, 200u);
  EXPECT_EQ(field(pem, "Content-Type"), "application/x-x509-ca-cert");
  const auto blocks = x509::decode_pem(pem.body).value();
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].der, Buffer(ca_.certificate.der().begin(), ca_.certificate.der().end()));
  const http::Response der = get("/ca.der?now");
  EXPECT_EQ(Buffer(der.body.begin(), der.body.end()), blocks[0].der);
}

TEST_F(CaPageTest, ShowsTheFingerprint) {
  const Identity who = identity_of(ca_.certificate.der()).value();
  std::string print;
  for (const std::uint8_t byte : who.sha256) {
    char text[4];
    std::snprintf(text, sizeof text, print.empty() ? "%02X" : ":%02X", byte);
    print += text;
  }
  EXPECT_TRUE(page_has(print));
}

TEST_F(CaPageTest, HasNoScriptsAndTakesNone) {
  facts_.passthrough = {"<script>alert(1)</script>"};
  facts_.passes = {{"192.0.2.1", "\"><img src=x>.test", now, now + 1}};
  const http::Response page = get("/?<script>");
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<img"), std::string::npos);
  EXPECT_EQ(page.body.find("<b>CA"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;script&gt;"), std::string::npos);
  EXPECT_TRUE(field(page, "Content-Security-Policy").starts_with("default-src 'none'"));
}

TEST_F(CaPageTest, ShowsWhatIsLetPassToWhomItConcerns) {
  EXPECT_TRUE(page_has("every host is looked into"));
  facts_.passes = {{"192.0.2.1", "mine.test", now, now + 1}, {"192.0.2.2", "anothers.test", now, now + 1}};
  facts_.passthrough = {"*.bank.test"};
  EXPECT_TRUE(page_has("mine.test"));
  EXPECT_TRUE(page_has("*.bank.test"));
  EXPECT_FALSE(page_has("anothers.test"));
}

TEST_F(CaPageTest, HasNothingElse) {
  for (const char* path : {"/ca.key", "/favicon.ico", "", "//", "/ca.crt/"}) EXPECT_EQ(get(path).status, 404u) << path;
  EXPECT_EQ(get("/", "POST").status, 405u);
  EXPECT_EQ(field(get("/", "DELETE"), "Allow"), "GET, HEAD");
  EXPECT_EQ(get("/", "HEAD").status, 200u);
}

}  // namespace
}  // namespace handfast::proxy
