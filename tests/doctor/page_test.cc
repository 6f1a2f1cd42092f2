#include "doctor/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "doctor/idle_peer.h"
#include "doctor/script.h"

namespace handfast::doctor {
namespace {

class PageTest : public testing::Test {
 protected:
  http::Response get(std::string accept, std::string target = "/", std::string method = "GET") const {
    std::vector<http::Field> fields;
    if (!accept.empty()) fields.push_back({"Accept", std::move(accept)});
    const http::Request request{std::move(method), std::move(target), std::move(fields), {}, peer_.peer};
    return handshake_page(request, script_.recording());
  }
  static std::string type(const http::Response& response) {
    for (const http::Field& field : response.fields)
      if (field.name == "Content-Type") return field.value;
    return {};
  }

  test::IdlePeer peer_;
  test::Script script_ = test::whole_handshake();
};

TEST_F(PageTest, IsTextWhereTheClientDoesNotCare) {
  for (const char* accept : {"", "*/*", "text/plain"}) {
    const http::Response page = get(accept);
    EXPECT_EQ(page.status, 200u);
    EXPECT_EQ(type(page), "text/plain; charset=utf-8");
    EXPECT_NE(page.body.find("CertificateVerify"), std::string::npos);
  }
}

TEST_F(PageTest, IsJsonWhereThatIsAskedFor) {
  const http::Response page = get("application/json");
  EXPECT_EQ(type(page), "application/json");
  const nlohmann::json json = nlohmann::json::parse(page.body);
  EXPECT_EQ(json["schema"], "handfast/handshake/1");
  EXPECT_EQ(json["ladder"].size(), 20u);
}

TEST_F(PageTest, IsHtmlForABrowserAndHoldsNoMarkupOfAPeer) {
  test::Script script(Side::server);
  script.add(DecisionEvent{"alpn", "<script>&\"", {}, {}});
  const http::Request request{"GET", "/", {{"Accept", "text/html,application/json;q=0.9"}}, {}, peer_.peer};
  const http::Response page = handshake_page(request, script.recording());
  EXPECT_EQ(type(page), "text/html; charset=utf-8");
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;script&gt;&amp;&quot;"), std::string::npos);
}

TEST_F(PageTest, NeverShowsASecret) {
  const test::Script script = test::derived_secrets(Secrets::shown);
  for (const char* accept : {"text/html", "application/json", "text/plain"}) {
    const http::Request request{"GET", "/", {{"Accept", accept}}, {}, peer_.peer};
    const std::string page = handshake_page(request, script.recording()).body;
    EXPECT_NE(page.find("master_secret"), std::string::npos) << accept;
    for (const char* secret : {"aaaaaaaa", "bbbbbbbb", "c1c1c1c1", "d2d2d2d2"})
      EXPECT_EQ(page.find(secret), std::string::npos) << accept;
  }
}

TEST_F(PageTest, ThereIsOnePageAndItIsOnlyRead) {
  EXPECT_EQ(get("", "/?a=b").status, 200u);
  EXPECT_EQ(get("", "/favicon.ico").status, 404u);
  EXPECT_EQ(get("", "/", "HEAD").status, 200u);
  EXPECT_EQ(get("", "/", "POST").status, 405u);
}

}  // namespace
}  // namespace handfast::doctor
