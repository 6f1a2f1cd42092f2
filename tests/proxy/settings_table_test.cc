// Table: every key that is not as it should be is told, with its place.
#include "proxy/settings/table.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "proxy/settings/file.h"

namespace handfast::test {
namespace {

using proxy::settings::Finding;
using proxy::settings::Findings;
using proxy::settings::Table;
using namespace std::chrono_literals;

/// "LINE:COLUMN problem | cure" of each.
std::vector<std::string> told(Findings findings) {
  sort(findings);
  std::vector<std::string> lines;
  for (const Finding& each : findings)
    lines.push_back(std::to_string(each.position.line) + ":" + std::to_string(each.position.column) + " " +
                    each.problem + " | " + each.cure);
  return lines;
}

TEST(SettingsTable, ReadsWhatIsThereAndLeavesTheRestAlone) {
  Findings findings;
  std::optional<Table> table = Table::parse(R"(
name = "shop"
one = "a"
many = ["a", "b"]
yes = true
count = 7
wait = 1.5
word = "json"
[sub]
x = "y"
[[list]]
[[list]]
)",
                                            findings);
  ASSERT_TRUE(table);
  std::string name, absent = "as it was";
  std::vector<std::string> one, many;
  bool yes = false;
  std::chrono::milliseconds wait{0}, longer{5};
  table->text("name", name);
  table->text("absent", absent);
  table->texts("one", one);
  table->texts("many", many);
  table->yes("yes", yes);
  table->seconds("wait", wait);
  table->seconds("longer", longer);
  EXPECT_EQ(name, "shop");
  EXPECT_EQ(absent, "as it was");
  EXPECT_EQ(one, std::vector<std::string>{"a"});
  EXPECT_EQ(many, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(yes);
  EXPECT_EQ(table->number("count", 0, 10), 7);
  EXPECT_EQ(wait, 1500ms);
  EXPECT_EQ(longer, 5ms);
  EXPECT_EQ(table->word("word", {"text", "json"}), 1U);
  ASSERT_EQ(table->tables("sub").size(), 1U);
  EXPECT_EQ(table->tables("list").size(), 2U);
  table->finish();
  EXPECT_TRUE(findings.empty()) << told(findings).front();
}

TEST(SettingsTable, TellsWhatIsWrongAndWhere) {
  Findings findings;
  std::optional<Table> table = Table::parse(
      "name = 1\n"
      "empty = \"\"\n"
      "many = [\"a\", 2]\n"
      "yes = \"true\"\n"
      "count = 11\n"
      "wait = -1\n"
      "word = \"xml\"\n"
      "sub = 3\n"
      "nmae = \"?\"\n",
      findings);
  ASSERT_TRUE(table);
  std::string name = "before", empty = "before";
  std::vector<std::string> many = {"before"};
  bool yes = false;
  std::chrono::milliseconds wait{3};
  table->text("name", name);
  table->text("empty", empty);
  table->texts("many", many);
  table->yes("yes", yes);
  EXPECT_EQ(table->number("count", 0, 10), std::nullopt);
  table->seconds("wait", wait);
  EXPECT_EQ(table->word("word", {"text", "json"}), std::nullopt);
  EXPECT_TRUE(table->tables("sub").empty());
  table->finish();
  EXPECT_EQ(name, "before");
  EXPECT_EQ(empty, "before");
  EXPECT_EQ(many, std::vector<std::string>{"before"});
  EXPECT_FALSE(yes);
  EXPECT_EQ(wait, 3ms);
  EXPECT_TRUE(refuse(findings));
  EXPECT_EQ(told(findings), (std::vector<std::string>{
                                "1:8 name is an integer. | Make it a text, in quotes.",
                                "2:9 empty is empty. | Leave it out, or say what it is.",
                                "3:14 many is an integer. | Make it an array of texts that are not empty.",
                                "4:7 yes is a text. | Make it true or false.",
                                "5:9 count is 11. | Make it at least 0 and at most 10.",
                                "6:8 wait is -1 seconds. | Make it 0, or at least 0.001 and at most thirty days.",
                                "7:8 word is \"xml\". | Make it one of these: text, json.",
                                "8:7 sub is an integer. | Make it a table: [[sub]].",
                                "9:1 There is no nmae here. | Was name meant?",
                            }));
}

TEST(SettingsTable, WhatIsNoTomlIsToldWithItsPlace) {
  Findings findings;
  EXPECT_FALSE(Table::parse("a = 1\nb = = 2\n", findings));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].position.line, 2U);
  findings.clear();
  EXPECT_FALSE(Table::open("/nowhere/handfast.toml", findings));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].problem.find("/nowhere/handfast.toml"), std::string::npos);
}

class SettingsFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "settings_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& text) {
    std::ofstream(folder_ / "handfast.toml") << text;
    return folder_ / "handfast.toml";
  }
  Findings check(const std::string& text) {
    Findings findings;
    const auto settings = proxy::settings::read(write(text), findings);
    proxy::Lasting lasting;
    load(settings, lasting, findings);
    return findings;
  }
  std::filesystem::path folder_;
};

TEST_F(SettingsFile, AnEmptyOneIsRefused) { EXPECT_TRUE(refuse(check(""))); }

TEST_F(SettingsFile, TwoListenersAtOneAddressAreRefused) {
  const std::string one = "[[passthrough]]\nfrom = \":8443\"\ndefault = \"127.0.0.1:1\"\n";
  EXPECT_FALSE(refuse(check(one)));
  EXPECT_EQ(told(check(one + one)), std::vector<std::string>{"4:1 :8443 is listened at twice. | Give one of the two "
                                                             "another address; the other is in line 1."});
}

TEST_F(SettingsFile, WhatAServiceRefusesStandsAtItsKey) {
  const auto lines = told(check("[[passthrough]]\nfrom = \":8443\"\ndefault = \"127.0.0.1:1\"\nroute = [\"x\"]\n"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("4:9 route: ")) << lines[0];
}

TEST_F(SettingsFile, LimitsOfTheFileHoldForAListenerThatSaysNothingElse) {
  Findings findings;
  const auto settings = proxy::settings::read(write("[limits]\nper_address = 5\nconnections = 9\n"
                                                    "[[passthrough]]\nfrom = \":0\"\ndefault = \"127.0.0.1:1\"\n"
                                                    "[passthrough.limits]\nconnections = 3\n"),
                                              findings);
  proxy::Lasting lasting;
  const auto listeners = load(settings, lasting, findings);
  ASSERT_EQ(listeners.size(), 1U) << told(findings).front();
  EXPECT_EQ(listeners[0].service->limits().per_address, 5U);
  EXPECT_EQ(listeners[0].service->limits().connections, 3U);
}

TEST_F(SettingsFile, WeaknessesAreAllowedAndTold) {
  const Findings findings = check(
      "[[passthrough]]\nfrom = \":8443\"\ndefault = \"127.0.0.1:1\"\naccept_proxy = \"0.0.0.0/0\"\n"
      "[passthrough.limits]\nhandshake_timeout = 0\n");
  EXPECT_FALSE(refuse(findings));
  EXPECT_EQ(findings.size(), 2U);
}

TEST_F(SettingsFile, ABlockThatContainsThisMachineDoesNotOpenIt) {
  for (const auto& [allow, told] :
       {std::pair{"0.0.0.0/0", 0U}, std::pair{"::/0", 0U}, std::pair{"127.0.0.0/8", 1U}, std::pair{"::1", 1U}}) {
    const Findings findings = check(std::string("[[forward]]\nlisten = \"127.0.0.1:0\"\nallow = \"") + allow + "\"\n");
    EXPECT_EQ(findings.size(), told) << allow;
  }
}

TEST_F(SettingsFile, WhatAnInterceptingListenerNamesIsWatched) {
  Findings findings;
  const auto settings = proxy::settings::read(
      write("[[intercept]]\nlisten = \"127.0.0.1:0\"\nca = \"trust.pem\"\nca_dir = \"authority\"\n"
            "[[intercept.rule]]\nmap_file = \"page.html\"\n"),
      findings);
  for (const char* name : {"trust.pem", "ca.crt", "ca.key", "page.html"})
    EXPECT_TRUE(std::ranges::any_of(settings.files, [&](const auto& file) { return file.filename() == name; })) << name;
}

TEST_F(SettingsFile, ALimitThatIsWrongIsToldOnce) {
  const Findings findings =
      check("[limits]\nhandshake_timeout = \"ten\"\n[[passthrough]]\nfrom = \":0\"\ndefault = \"127.0.0.1:1\"\n");
  EXPECT_TRUE(refuse(findings));
  EXPECT_EQ(findings.size(), 1U);
}

TEST_F(SettingsFile, ForARunTheFirstErrorSaysWhereTheOthersAre) {
  proxy::Lasting lasting;
  const std::string path = write("wrkers = 1\nlgo = \"x\"\n[[intercept]]\nlisten = \":0\"\nca = \"trust.pem\"\n");
  proxy::Files files;
  const auto made = proxy::settings::make_from(path)(lasting, files);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason(), Reason::bad_config);
  EXPECT_EQ(handfast::to_text(*made.error().find("problem")), "line 1: There is no wrkers here. And 1 more.");
  // One of these may be what is mended.
  for (const char* name : {"handfast.toml", "trust.pem"})
    EXPECT_TRUE(std::ranges::any_of(files, [&](const auto& file) { return file.filename() == name; })) << name;
}

}  // namespace
}  // namespace handfast::test
