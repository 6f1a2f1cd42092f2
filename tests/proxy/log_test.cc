// Log: what a line looks like, and a disk that is full.
#include "proxy/log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace handfast::test {
namespace {

using proxy::Log;
using proxy::LogFormat;

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "log_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/log"; }
  static std::string read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::string folder_;
};

TEST_F(LogTest, TextKeepsAPeersWordsInOneField) {
  auto log = Log::open(path(), LogFormat::text);
  ASSERT_TRUE(log);
  const std::vector<std::string> versions = {"TLS 1.3", "TLS 1.2"};
  (*log)->write((*log)
                    ->line("request")
                    .add("peer", "192.0.2.1:1")
                    .add("target", "/ a=b\n\x1b[31m\"")
                    .add("nothing", "")
                    .add("versions", versions)
                    .add("bytes", std::uint64_t{18446744073709551615U})
                    .add_milliseconds("ms", 1'234'567)
                    .add_yes("retried", true)
                    .add_yes("early", false));
  (*log)->flush();
  const std::string text = read(path());
  EXPECT_EQ(text.substr(text.find(' ')),
            " request peer=192.0.2.1:1 target=\"/ a=b\\x0a\\x1b[31m\\\"\" versions=\"TLS 1.3\",\"TLS 1.2\" "
            "bytes=18446744073709551615 ms=1.2 retried=yes\n");
  EXPECT_EQ(text.find('T'), 10U);
}

/// "2026-11-30T06:00:00.123Z", in milliseconds since 1970.
std::int64_t time_of(const std::string& line) {
  std::tm parts{};
  std::istringstream text(line);
  text >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S.");
  int milliseconds = -1;
  char z = 0;
  text >> milliseconds >> z;
  EXPECT_TRUE(text && z == 'Z') << line;
  return std::int64_t{timegm(&parts)} * 1000 + milliseconds;
}

TEST_F(LogTest, ALineHasTheTimeAtWhichItWasBegun) {
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  auto log = Log::open(path(), LogFormat::text);
  ASSERT_TRUE(log);
  std::vector<std::pair<std::int64_t, std::int64_t>> around;
  for (int i = 0; i < 12; ++i) {  // into the next second, at least
    const std::int64_t before = now();
    (*log)->write((*log)->line("tick"));
    around.emplace_back(before, now());
    std::this_thread::sleep_for(std::chrono::milliseconds(103));
  }
  (*log)->flush();
  std::ifstream lines(path());
  for (const auto& [before, after] : around) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_LE(before, time_of(line)) << line;
    EXPECT_GE(after, time_of(line)) << line;
  }
}

TEST_F(LogTest, TenthsAreRounded) {
  auto log = Log::open(path(), LogFormat::text);
  ASSERT_TRUE(log);
  proxy::LogLine line = (*log)->line("times");
  for (const std::uint64_t nanoseconds : {0U, 49'999U, 50'000U, 949'999U, 950'000U, 12'345'678U})
    line.add_milliseconds("ms", nanoseconds);
  (*log)->write(std::move(line));
  (*log)->flush();
  const std::string text = read(path());
  EXPECT_EQ(text.substr(text.find(" times")), " times ms=0.0 ms=0.0 ms=0.1 ms=0.9 ms=1.0 ms=12.3\n");
}

TEST_F(LogTest, NoWordOfAPeersEndsItsField) {
  auto log = Log::open(path(), LogFormat::text);
  ASSERT_TRUE(log);
  const std::vector<std::string> offered = {R"(\" client="CN=admin)", R"(\)"};
  (*log)->write((*log)->line("handshake").add("offered_alpn", offered).add("long", std::string(2000, ' ')));
  (*log)->flush();
  const std::string text = read(path());
  EXPECT_EQ(text.substr(text.find(" handshake")),
            R"( handshake offered_alpn="\\\" client=\"CN=admin","\\" long=")" + std::string(1024, ' ') + "...\"\n");
}

TEST_F(LogTest, JsonIsJsonWhateverAPeerSays) {
  auto log = Log::open(path(), LogFormat::json);
  ASSERT_TRUE(log);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<std::string> list = {"a\"b", all};
  (*log)->write(
      (*log)->line("handshake").add("sni", all).add("list", list).add("n", std::uint64_t{7}).add_yes("x", true));
  (*log)->flush();
  const nlohmann::json line = nlohmann::json::parse(read(path()));
  EXPECT_EQ(line["event"], "handshake");
  EXPECT_EQ(line["n"], 7);
  EXPECT_EQ(line["x"], true);
  EXPECT_EQ(line["list"][0], "a\"b");
  EXPECT_NE(line["sni"].get<std::string>().find("ABC"), std::string::npos);
}

TEST_F(LogTest, AFullDiskLosesLinesAndNothingElse) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "skipped: there is no /dev/full";
  auto log = Log::open("/dev/full", LogFormat::text);
  ASSERT_TRUE(log);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) (*log)->write((*log)->line("request").add("target", std::string(100, 'x')));
  (*log)->flush();
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_GT((*log)->lost(), 0U);
  EXPECT_NE(told.find("/dev/full"), std::string::npos);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
}

TEST_F(LogTest, IsOpenedAnewAfterRotation) {
  auto log = Log::open(path(), LogFormat::text);
  ASSERT_TRUE(log);
  (*log)->write((*log)->line("first"));
  (*log)->flush();
  std::filesystem::rename(path(), path() + ".1");
  ASSERT_TRUE((*log)->reopen());
  (*log)->write((*log)->line("second"));
  (*log)->flush();
  EXPECT_NE(read(path() + ".1").find("first"), std::string::npos);
  EXPECT_EQ(read(path() + ".1").find("second"), std::string::npos);
  EXPECT_NE(read(path()).find("second"), std::string::npos);
}

TEST_F(LogTest, WhatCannotBeOpenedIsSaid) {
  const auto log = Log::open(folder_, LogFormat::text);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().reason(), Reason::bad_config);
}

}  // namespace
}  // namespace handfast::test
