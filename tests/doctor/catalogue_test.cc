// The catalogue is whole: an entry for all that can go wrong, one for each, and in order.
#include "doctor/catalogue/catalogue.h"

#include <gtest/gtest.h>
#include <handfast/error.h>

#include <algorithm>
#include <string>
#include <utility>

#include "doctor/finding.h"

namespace handfast::doctor {
namespace {

TEST(Catalogue, HasEveryReason) {
  for (int i = 0; i <= std::to_underlying(Reason::bad_config); ++i) {
    const auto reason = static_cast<Reason>(i);
    const Entry* entry = find_entry(code(reason));
    ASSERT_NE(entry, nullptr) << code(reason) << ' ' << name(reason);
    EXPECT_EQ(entry->word, name(reason)) << code(reason);
    EXPECT_EQ(find_entry(name(reason)), entry) << name(reason);
  }
}

TEST(Catalogue, HasEveryFinding) {
  for (int i = 0; i <= std::to_underlying(Finding::split_hello_dropped); ++i) {
    const auto finding = static_cast<Finding>(i);
    const Entry* entry = find_entry(code(finding));
    ASSERT_NE(entry, nullptr) << code(finding) << ' ' << name(finding);
    EXPECT_EQ(entry->word, name(finding)) << code(finding);
    EXPECT_EQ(find_entry(name(finding)), entry) << name(finding);
  }
}

/// 52 is DTLS's alone; 60, 111 and 114 are of protocols that nobody speaks any more.
TEST(Catalogue, HasEveryAlertOfTheRegistry) {
  for (const int number : {0,  10, 20, 21, 22, 30, 40,  41,  42,  43,  44,  45,  46,  47,  48,  49,  50,  51, 52,
                           60, 70, 71, 80, 86, 90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 117, 120, 121}) {
    const auto alert = static_cast<Alert>(number);
    const Entry* entry = find_entry(code(alert));
    ASSERT_NE(entry, nullptr) << code(alert);
    // Those that have a name here are found as a verdict calls them.
    if (const std::string known = name(alert); !known.starts_with("0x"))
      EXPECT_EQ(find_entry("alert_" + known), entry) << known;
  }
}

TEST(Catalogue, IsSortedAndUnique) {
  const auto entries = catalogue();
  EXPECT_TRUE(std::ranges::is_sorted(entries, {}, &Entry::code));
  EXPECT_EQ(std::ranges::adjacent_find(entries, {}, &Entry::code), entries.end());
  for (const Entry& entry : entries) {
    EXPECT_EQ(std::ranges::count(entries, entry.word, &Entry::word), 1) << entry.word;
    EXPECT_EQ(std::ranges::count(entries, entry.title, &Entry::title), 1) << entry.title;
  }
}

TEST(Catalogue, FindsByCodeInAnyCase) {
  EXPECT_EQ(find_entry("hf0213")->word, "name_mismatch");
  EXPECT_EQ(find_entry("name_mismatch")->code, "HF0213");
  EXPECT_EQ(find_entry("HF9999"), nullptr);
  EXPECT_EQ(find_entry(""), nullptr);
}

}  // namespace
}  // namespace handfast::doctor
