// HAR files: whole after every entry, whatever is in it, and whatever becomes of the disk.
#include "proxy/har.h"

#include <gtest/gtest.h>

#include <csignal>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace handfast::proxy {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t no_bound = 0;

class HarTest : public testing::Test {
 protected:
  std::string path() const { return (folder_.folder() / "traffic.har").string(); }
  std::shared_ptr<HarFile> open() const { return HarFile::open(path(), "1.2.3").value(); }
  std::string text() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Json json() const { return Json::parse(text()); }
  std::string refusal() const {
    const auto opened = HarFile::open(path(), "1");
    if (opened) return "none";
    EXPECT_EQ(opened.error().reason(), Reason::bad_config);
    EXPECT_EQ(handfast::to_text(*opened.error().find("option")), "har");
    EXPECT_NE(opened.error().find("remedy"), nullptr);
    return handfast::to_text(*opened.error().find("problem"));
  }
  test::TemporaryFolder folder_;
};

HarEntry entry(std::string url = "https://a.test/path?x=1&y=a%20b+c&z") {
  HarEntry e;
  e.started = 1'790'000'000'123;
  e.timings = {.connect = 12, .ssl = 8, .send = 1, .wait = 20, .receive = 3};
  e.method = "GET";
  e.url = std::move(url);
  e.http_version = "HTTP/1.1";
  e.request_fields = {{"Host", "a.test"}, {"Cookie", "one=1; two=2"}};
  e.status = 200;
  e.reason = "OK";
  e.response_fields = {
      {"Content-Type", "text/plain"}, {"Set-Cookie", "id=7; Path=/; HttpOnly; Secure"}, {"Location", "/there"}};
  e.server_address = "192.0.2.1";
  e.connection = "4711";
  e.comment = "TLS 1.3";
  return e;
}

TEST_F(HarTest, IsAHarFileBeforeTheFirstEntry) {
  open();
  const Json log = json()["log"];
  EXPECT_EQ(log["version"], "1.2");
  EXPECT_EQ(log["creator"]["version"], "1.2.3");
  EXPECT_TRUE(log["entries"].empty());
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(HarTest, IsWholeAfterEachEntry) {
  const auto file = open();
  for (std::size_t i = 1; i <= 20; ++i) {
    ASSERT_FALSE(file->append(entry("https://a.test/" + std::to_string(i)), no_bound));
    const Json entries = json()["log"]["entries"];
    ASSERT_EQ(entries.size(), i);
    EXPECT_EQ(entries.back()["request"]["url"], "https://a.test/" + std::to_string(i));
  }
}

TEST_F(HarTest, GoesOnWithAFileOfOurs) {
  ASSERT_FALSE(open()->append(entry(), no_bound));
  ASSERT_FALSE(open()->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 2u);
}

TEST_F(HarTest, OverwritesNoOtherFile) {
  folder_.write("traffic.har", "precious");
  EXPECT_NE(refusal().find("no HAR file of this program's"), std::string::npos);
  EXPECT_EQ(text(), "precious");
  ASSERT_TRUE(std::filesystem::remove(path()));
  ASSERT_FALSE(open()->append(entry(), no_bound));
  const std::string whole = text();
  folder_.write("traffic.har", whole.substr(0, whole.size() - 2));
  EXPECT_NE(refusal().find("cut off"), std::string::npos);
}

TEST_F(HarTest, GoesOnWithNoneThatOthersMayRead) {
  open();
  for (const mode_t mode : {0640u, 0604u, 0602u}) {
    ASSERT_EQ(::chmod(path().c_str(), mode), 0);
    EXPECT_NE(refusal().find("others may read it"), std::string::npos) << mode;
  }
  ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
  EXPECT_EQ(refusal(), "none");
}

TEST_F(HarTest, IsWrittenByOneOnly) {
  const auto file = open();
  EXPECT_EQ(refusal(), "another process writes to it");
}

TEST_F(HarTest, RefusesWhatIsNoFile) {
  std::filesystem::create_directory(path());
  EXPECT_NE(refusal(), "none");
  std::filesystem::remove(path());
  std::filesystem::create_symlink(folder_.folder() / "elsewhere", path());
  EXPECT_NE(refusal(), "none");
}

TEST_F(HarTest, HasWhatTheFormatAsksFor) {
  HarBody asked(100);
  asked.add(as_bytes("q=1"));
  HarBody answered(100);
  answered.add(as_bytes("hel"));
  answered.add(as_bytes("lo"));
  HarEntry e = entry();
  e.method = "POST";
  e.request_body = &asked;
  e.response_body = &answered;
  e.request_fields.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  const Json j = Json::parse(har_entry_json(e));
  EXPECT_EQ(j["startedDateTime"], "2026-09-21T14:13:20.123Z");
  EXPECT_DOUBLE_EQ(j["time"], 36);
  EXPECT_EQ(j["serverIPAddress"], "192.0.2.1");
  EXPECT_EQ(j["connection"], "4711");
  EXPECT_EQ(j["comment"], "TLS 1.3");
  const Json& request = j["request"];
  EXPECT_EQ(request["httpVersion"], "HTTP/1.1");
  EXPECT_EQ(request["cookies"], Json::parse(R"([{"name":"one","value":"1"},{"name":"two","value":"2"}])"));
  EXPECT_EQ(request["queryString"], Json::parse(R"([{"name":"x","value":"1"},{"name":"y","value":"a b c"},
                                                    {"name":"z","value":""}])"));
  EXPECT_EQ(request["postData"]["text"], "q=1");
  EXPECT_EQ(request["bodySize"], 3);
  const Json& response = j["response"];
  EXPECT_EQ(response["status"], 200);
  EXPECT_EQ(response["content"]["text"], "hello");
  EXPECT_EQ(response["content"]["size"], 5);
  EXPECT_EQ(response["content"]["mimeType"], "text/plain");
  EXPECT_EQ(response["redirectURL"], "/there");
  EXPECT_EQ(response["cookies"][0]["name"], "id");
  EXPECT_EQ(response["cookies"][0]["path"], "/");
  EXPECT_EQ(response["cookies"][0]["httpOnly"], true);
  for (const char* key : {"blocked", "dns", "connect", "ssl", "send", "wait", "receive"})
    EXPECT_TRUE(j["timings"].contains(key));
  EXPECT_TRUE(j["cache"].is_object());
}

TEST_F(HarTest, BodiesThatAreNoTextAreInBase64) {
  for (const auto& [type, content] : {std::pair{"image/png", "text"}, std::pair{"text/plain", "\xff\xfe"}}) {
    HarBody body(100);
    body.add(as_bytes(content));
    HarEntry e = entry();
    e.response_fields = {{"content-type", type}};
    e.response_body = &body;
    const Json j = Json::parse(har_entry_json(e))["response"]["content"];
    EXPECT_EQ(j["encoding"], "base64") << type;
  }
}

TEST_F(HarTest, BodiesAreBounded) {
  HarBody body(7);
  body.add(as_bytes("h\xc3\xa9h\xc3\xa9"));
  body.add(as_bytes("\xc3\xa9!"));  // the bound cuts this character
  EXPECT_EQ(body.size(), 9u);
  EXPECT_EQ(body.kept().size(), 7u);
  body.add(as_bytes(std::string(100000, 'x')));
  EXPECT_EQ(body.kept().size(), 7u);
  HarEntry e = entry();
  e.response_body = &body;
  const Json content = Json::parse(har_entry_json(e))["response"]["content"];
  EXPECT_EQ(content["text"], "h\xc3\xa9h\xc3\xa9");
  EXPECT_EQ(content["size"], 100009);
  EXPECT_EQ(content["comment"], "the first 7 of 100009 bytes");
}

TEST_F(HarTest, WhateverAPeerSaysItIsJson) {
  const auto file = open();
  HarEntry e = entry("https://a.test/\"\\\x01\xff</script>");
  e.request_fields.push_back({"X", "\xff\xfe\"\n"});
  e.response_fields = {{"Content-Type", "\xc0"}, {"Set-Cookie", ";;=;"}, {"Set-Cookie", ""}};
  e.reason = "\x80";
  ASSERT_FALSE(file->append(e, no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 1u);
}

TEST_F(HarTest, ARequestWithoutAnAnswerIsOneToo) {
  HarEntry e = entry();
  e.status = 0;
  e.response_fields.clear();
  const Json j = Json::parse(har_entry_json(e));
  EXPECT_EQ(j["response"]["status"], 0);
  EXPECT_EQ(j["response"]["bodySize"], -1);
}

TEST_F(HarTest, AFullDiskIsToldOnceAndLosesOnlyWhatDoesNotFit) {
  const auto file = open();
  ASSERT_FALSE(file->append(entry(), no_bound));
  const std::string before = text();
  // As full as a disk: no file may grow past this.
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{before.size() + 100, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  EXPECT_TRUE(file->append(entry(), no_bound).has_value());
  EXPECT_EQ(text(), before);
  EXPECT_FALSE(file->append(entry(), no_bound).has_value());
  EXPECT_EQ(file->lost(), 2u);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, ignored);
  EXPECT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 2u);
}

TEST_F(HarTest, GrowsToItsBoundAndTellsOnce) {
  const auto file = open();
  ASSERT_FALSE(file->append(entry(), no_bound));
  const std::string before = text();
  const std::uint64_t bound = before.size() + 100;
  const auto why = file->append(entry(), bound);
  ASSERT_TRUE(why.has_value());
  EXPECT_NE(why->find(std::to_string(before.size() + 100) + " bytes"), std::string::npos) << *why;
  HarEntry least;
  EXPECT_FALSE(file->append(least, bound).has_value());
  EXPECT_EQ(text(), before);
  EXPECT_EQ(file->lost(), 2u);
  EXPECT_FALSE(file->append(entry(), no_bound).has_value());
  EXPECT_EQ(json()["log"]["entries"].size(), 2u);
  EXPECT_EQ(file->lost(), 2u);
}

TEST_F(HarTest, IsOpenedAnewWhereItWasMovedAwayOrEmptied) {
  const auto file = open();
  ASSERT_FALSE(file->append(entry("https://a.test/first"), no_bound));
  ASSERT_TRUE(file->reopen());  // it is where it was
  ASSERT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 2u);

  const std::filesystem::path moved = folder_.folder() / "traffic.har.1";
  std::filesystem::rename(path(), moved);
  ASSERT_TRUE(file->reopen());
  ASSERT_FALSE(file->append(entry("https://a.test/second"), no_bound));
  ASSERT_EQ(json()["log"]["entries"].size(), 1u);
  EXPECT_EQ(json()["log"]["entries"][0]["request"]["url"], "https://a.test/second");
  std::ifstream old(moved);
  EXPECT_EQ(Json::parse(old)["log"]["entries"].size(), 2u);

  std::filesystem::resize_file(path(), 0);
  ASSERT_TRUE(file->reopen());
  ASSERT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 1u);

  // Nobody has said that it was emptied, nor that something else is there.
  std::filesystem::resize_file(path(), 0);
  ASSERT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 1u);
  folder_.write("traffic.har", "precious");
  EXPECT_TRUE(file->append(entry(), no_bound));
  EXPECT_EQ(text(), "precious");
  folder_.write("traffic.har", "");
  ASSERT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(json()["log"]["entries"].size(), 1u);

  // What is there now is none of ours: the old one is gone on with.
  std::filesystem::rename(path(), moved);
  folder_.write("traffic.har", "precious");
  EXPECT_FALSE(file->reopen());
  EXPECT_FALSE(file->append(entry(), no_bound));
  EXPECT_EQ(text(), "precious");
}

TEST_F(HarTest, ManyThreadsMayWrite) {
  const auto file = open();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 50; ++n) file->append(entry(), no_bound);
      });
  }
  EXPECT_EQ(json()["log"]["entries"].size(), 200u);
}

}  // namespace
}  // namespace handfast::proxy
