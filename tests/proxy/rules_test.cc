// Rules: which requests they fit, what they do, and which are none.
#include "proxy/rules.h"

#include <gtest/gtest.h>

#include "proxy/patterns.h"
#include "support/temporary_folder.h"

namespace handfast::proxy {
namespace {

RuleSet make(const std::vector<RuleOptions>& options) {
  Result<RuleSet> set = RuleSet::make(options);
  EXPECT_TRUE(set) << set.error().message();
  return set ? *std::move(set) : RuleSet();
}
RulePlan plan(const RuleSet& rules, const std::string& host, const std::string& path, const std::string& method = "GET",
              const http::Fields& fields = {}) {
  const x509::ServerName name = x509::ServerName::parse(host).value();
  return rules.plan({name, method, path, fields});
}
unsigned status(const RulePlan& plan) {
  const auto answer = plan.answer("GET");
  return answer ? answer->status : 0;
}

TEST(Rules, FitByHostPathMethodAndHeader) {
  const RuleSet rules = make({{.hosts = {"*.a.test", "b.test", "192.0.2.0/24"},
                               .path = "/api/*",
                               .methods = {"POST", "PUT"},
                               .header = "X-Kind: *secret*",
                               .block = 403}});
  const http::Fields secret = {{"x-kind", "a secret one"}};
  EXPECT_EQ(status(plan(rules, "www.a.test", "/api/x?y", "POST", secret)), 403u);
  EXPECT_EQ(status(plan(rules, "b.test", "/api/", "PUT", secret)), 403u);
  EXPECT_EQ(status(plan(rules, "192.0.2.9", "/api/", "PUT", secret)), 403u);
  EXPECT_TRUE(plan(rules, "a.test", "/api/x", "POST", secret).empty());
  EXPECT_TRUE(plan(rules, "b.test", "/app/x?/api/", "POST", secret).empty());
  EXPECT_TRUE(plan(rules, "b.test", "/api/x", "GET", secret).empty());
  EXPECT_TRUE(plan(rules, "b.test", "/api/x", "POST", {{"X-Kind", "open"}}).empty());
  EXPECT_TRUE(plan(rules, "b.test", "/api/x", "POST").empty());
}

TEST(Rules, APathIsTheSameHoweverItIsWritten) {
  const RuleSet rules = make({{.path = "/admin/*", .block = 403}});
  for (const char* path : {"/admin/x", "/%61dmin/x", "//admin/x", "/x/../admin/x", "/./admin/x", "/%2e/admin/",
                           "/x/%2e%2E/admin/x", "/admin//x", "/admin/../admin/x"})
    EXPECT_EQ(status(plan(rules, "a.test", path)), 403u) << path;
  for (const char* path : {"/adminx", "/x/admin/y", "/public?/admin/x", "/admin"})
    EXPECT_EQ(status(plan(rules, "a.test", path)), 0u) << path;
}

TEST(Rules, AllThatFitDoWhatTheySayUntilOneAnswers) {
  const RuleSet rules = make({{.set_request_header = {"X-One: 1"}},
                              {.hosts = {"other.test"}, .set_request_header = {"X-Other: 1"}},
                              {.set_request_header = {"X-Two: 2"}, .remove_request_header = {"x-old"}},
                              {.path = "/blocked", .block = 404},
                              {.set_request_header = {"X-Three: 3"}}});
  http::RequestHead head{"GET", "/", 1, {{"X-Old", "o"}, {"x-one", "before"}, {"X-One", "twice"}}};
  const RulePlan all = plan(rules, "a.test", "/");
  all.change(head);
  EXPECT_EQ(http::value_of(head.fields, "X-One"), "1");
  EXPECT_EQ(http::count(head.fields, "X-One"), 1u);
  EXPECT_EQ(http::value_of(head.fields, "X-Two"), "2");
  EXPECT_EQ(http::value_of(head.fields, "X-Three"), "3");
  EXPECT_EQ(http::find(head.fields, "X-Old"), nullptr);
  EXPECT_EQ(http::find(head.fields, "X-Other"), nullptr);
  EXPECT_EQ(all.first(), 1u);
  EXPECT_EQ(status(plan(rules, "a.test", "/blocked")), 404u);
}

TEST(Rules, AreHeldAgainstTheRequestAsItCame) {
  const RuleSet rules = make({{.set_request_header = {"X-Mark: 1"}}, {.header = "X-Mark", .block = 403}});
  EXPECT_EQ(status(plan(rules, "a.test", "/")), 0u);
  EXPECT_EQ(status(plan(rules, "a.test", "/", "GET", {{"x-mark", ""}})), 403u);
}

TEST(Rules, Redirect) {
  const RuleSet rules = make({{.hosts = {"old.test"}, .redirect = "https://new.test/"}});
  const auto answer = plan(rules, "old.test", "/").answer("GET");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302u);
  EXPECT_EQ(http::value_of(answer->fields, "Location"), "https://new.test/");
}

TEST(Rules, MapToAFile) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("answer.json", "{}");
  const RuleSet rules = make({{.path = "/data", .map_file = path}});
  const RulePlan mapped = plan(rules, "a.test", "/data");
  EXPECT_EQ(mapped.answer("GET")->body, "{}");
  EXPECT_EQ(http::value_of(mapped.answer("GET")->fields, "Content-Type"), "application/json");
  folder.write("answer.json", "new");
  EXPECT_EQ(mapped.answer("GET")->body, "new");
  EXPECT_EQ(mapped.answer("POST")->status, 405u);
  std::filesystem::remove(path);
  EXPECT_EQ(mapped.answer("GET")->status, 502u);
}

TEST(Rules, ReplaceInBodies) {
  const RuleSet rules =
      make({{.replace_in_request = {{"a", "aa"}}, .replace_in_response = {{"cat", "dog"}, {"og", "eer"}}},
            {.replace_in_response = {{"deer", ""}}}});
  const RulePlan all = plan(rules, "a.test", "/");
  EXPECT_EQ(all.rewrite_request("banana"), "baanaanaa");
  EXPECT_EQ(all.rewrite_response("cat, cats"), ", s");
  EXPECT_EQ(all.rewrite_response("none"), "none");
}

TEST(Rules, NoReplacementMakesABodyOfAnyLength) {
  const RuleSet rules = make({{.replace_in_response = {{"a", std::string(1000, 'a')}}}});
  const RulePlan all = plan(rules, "a.test", "/");
  EXPECT_EQ(all.rewrite_response("aa").size(), 2000u);
  const std::string long_body(100'000, 'a');
  EXPECT_EQ(all.rewrite_response(long_body), long_body);
}

TEST(Rules, WhereAResponseMayBeRewrittenItIsAskedForWholeAndAsItIs) {
  const RuleSet rules = make({{.path = "/page", .replace_in_response = {{"a", "b"}}}});
  http::RequestHead head{
      "GET", "/page", 1, {{"Accept-Encoding", "gzip, br"}, {"Range", "bytes=0-9"}, {"If-Range", "x"}}};
  plan(rules, "a.test", "/page").change(head);
  EXPECT_EQ(http::value_of(head.fields, "Accept-Encoding"), "identity");
  EXPECT_EQ(http::find(head.fields, "Range"), nullptr);
  EXPECT_EQ(http::find(head.fields, "If-Range"), nullptr);
  http::RequestHead other{"GET", "/else", 1, {{"Accept-Encoding", "gzip, br"}}};
  plan(rules, "a.test", "/else").change(other);
  EXPECT_EQ(http::value_of(other.fields, "Accept-Encoding"), "gzip, br");
}

TEST(Rules, OnlyWhatCanBeRewrittenIs) {
  const RuleSet rules = make({{.replace_in_request = {{"a", "b"}}, .replace_in_response = {{"a", "b"}}}});
  const RulePlan all = plan(rules, "a.test", "/");
  const auto rewrites = [&](unsigned code, http::Fields fields) {
    return all.rewrites_response({code, "", 1, std::move(fields)});
  };
  EXPECT_TRUE(rewrites(200, {}));
  EXPECT_TRUE(rewrites(200, {{"Content-Length", "4194304"}, {"Content-Encoding", "identity"}}));
  EXPECT_FALSE(rewrites(200, {{"Content-Length", "4194305"}}));
  EXPECT_FALSE(rewrites(200, {{"content-encoding", "gzip"}}));
  EXPECT_FALSE(rewrites(206, {}));
  EXPECT_TRUE(all.rewrites_request({"POST", "/", 1, {}}));
  EXPECT_FALSE(all.rewrites_request({"POST", "/", 1, {{"Content-Encoding", "br"}}}));
}

TEST(Rules, NoValidatorStaysOfABodyThatIsRewritten) {
  const RuleSet rules = make({{.set_response_header = {"X-By: rule"},
                               .remove_response_header = {"server"},
                               .replace_in_response = {{"a", "b"}}}});
  http::ResponseHead head{200, "OK", 1, {{"ETag", "\"x\""}, {"Digest", "d"}, {"Server", "s"}, {"Other", "o"}}};
  plan(rules, "a.test", "/").change(head);
  ASSERT_EQ(head.fields.size(), 2u);
  EXPECT_EQ(head.fields[0].name, "Other");
  EXPECT_EQ(http::value_of(head.fields, "X-By"), "rule");
  http::ResponseHead packed{200, "OK", 1, {{"ETag", "\"x\""}, {"Content-Encoding", "gzip"}}};
  plan(rules, "a.test", "/").change(packed);
  EXPECT_EQ(http::value_of(packed.fields, "ETag"), "\"x\"");
}

TEST(Rules, TellWhichHostsAreBlockedAltogether) {
  const RuleSet rules = make({{.hosts = {"part.test"}, .path = "/x", .block = 403},
                              {.hosts = {"whole.test"}, .block = 403},
                              {.hosts = {"led.test"}, .path = "/ok", .redirect = "/"},
                              {.hosts = {"led.test"}, .block = 403}});
  const auto blocks = [&](const char* host) { return rules.blocks(x509::ServerName::parse(host).value()); };
  EXPECT_TRUE(blocks("whole.test"));
  EXPECT_FALSE(blocks("part.test"));
  EXPECT_FALSE(blocks("led.test"));
  EXPECT_FALSE(blocks("other.test"));
}

/// Which option is refused; "none".
std::string refused(const RuleOptions& options) {
  const Result<RuleSet> set = RuleSet::make(std::vector{RuleOptions{.block = 403}, options});
  if (set) return "none";
  EXPECT_EQ(set.error().reason(), Reason::bad_config);
  for (const char* fact : {"problem", "value", "remedy"}) EXPECT_NE(set.error().find(fact), nullptr) << fact;
  std::string option = handfast::to_text(*set.error().find("option"));
  EXPECT_TRUE(option.starts_with("rule 2, ")) << option;
  return option.substr(8);
}

TEST(Rules, ThatCanNotBeMeantAreRefused) {
  EXPECT_EQ(refused({.block = 403}), "none");
  EXPECT_EQ(refused({}), "block");
  EXPECT_EQ(refused({.hosts = {"a.test"}}), "block");
  EXPECT_EQ(refused({.hosts = {"no host"}, .block = 403}), "hosts");
  EXPECT_EQ(refused({.path = "api", .block = 403}), "path");
  EXPECT_EQ(refused({.path = "/a?b", .block = 403}), "path");
  EXPECT_EQ(refused({.methods = {"GET,POST"}, .block = 403}), "methods");
  EXPECT_EQ(refused({.header = "a b: c", .block = 403}), "header");
  EXPECT_EQ(refused({.block = 200}), "block");
  EXPECT_EQ(refused({.block = 600}), "block");
  EXPECT_EQ(refused({.block = 403, .redirect = "/"}), "block");
  EXPECT_EQ(refused({.block = 403, .set_response_header = {"A: b"}}), "block");
  for (const char* url :
       {"javascript:alert(1)", "//elsewhere", "https://", "https:///x", "relative", "/a b", "/a\r\nb"})
    EXPECT_EQ(refused({.redirect = url}), "redirect") << url;
  EXPECT_EQ(refused({.map_file = "/nowhere/at/all"}), "map_file");
  EXPECT_EQ(refused({.map_file = "/"}), "map_file");
  EXPECT_EQ(refused({.set_request_header = {"Name"}}), "set_request_header");
  EXPECT_EQ(refused({.set_request_header = {"Na me: x"}}), "set_request_header");
  EXPECT_EQ(refused({.set_request_header = {"Name: x\r\ny"}}), "set_request_header");
  EXPECT_EQ(refused({.remove_request_header = {"Name: x"}}), "remove_request_header");
  EXPECT_EQ(refused({.replace_in_response = {{"", "x"}}}), "replace_in_response");
}

TEST(Rules, LeaveTheFramingAndTheHostAlone) {
  for (const char* name : {"Content-Length", "transfer-encoding", "Host", "Connection", "Upgrade", "TE", "Trailer"}) {
    EXPECT_EQ(refused({.set_request_header = {std::string(name) + ": 1"}}), "set_request_header");
    EXPECT_EQ(refused({.remove_response_header = {name}}), "remove_response_header");
  }
}

TEST(Rules, AreSoManyAtMost) {
  EXPECT_TRUE(RuleSet::make(std::vector<RuleOptions>(max_rules, {.block = 403})));
  EXPECT_FALSE(RuleSet::make(std::vector<RuleOptions>(max_rules + 1, {.block = 403})));
}

TEST(Glob, StarsAreAnything) {
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("/a/*", "/a/b/c"));
  EXPECT_TRUE(matches_glob("*b*b", "abbb"));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("/a/*", "/a"));
  EXPECT_FALSE(matches_glob("*.js", "x.json"));
  // Not for ever.
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "*a";
  EXPECT_FALSE(matches_glob(stars + "b", std::string(20000, 'a')));
}

TEST(Paths, AreNormalized) {
  EXPECT_EQ(normalized_path("/"), "/");
  EXPECT_EQ(normalized_path("/a/b"), "/a/b");
  EXPECT_EQ(normalized_path("/a/./b/../c"), "/a/c");
  EXPECT_EQ(normalized_path("/../../x"), "/x");
  EXPECT_EQ(normalized_path("/a/.."), "/");
  EXPECT_EQ(normalized_path("/a/b/.."), "/a/");
  EXPECT_EQ(normalized_path("/a%2fb"), "/a%2fb");
  EXPECT_EQ(normalized_path("/%7Euser%"), "/~user%");
  EXPECT_EQ(normalized_path("//a///b//"), "/a/b/");
  EXPECT_EQ(normalized_path("*"), "*");
}

}  // namespace
}  // namespace handfast::proxy
