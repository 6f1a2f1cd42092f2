// The catalogue is whole: an entry for all that can go wrong, one for each, and in order.
#include "doctor/catalogue/catalogue.h"

#include <gtest/gtest.h>
#include <handfast/error.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/catalogue/families.h"
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
    const std::string known = name(alert);
    if (!known.starts_with("0x")) {
      EXPECT_EQ(find_entry("alert_" + known), entry) << known;
    }
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

TEST(Catalogue, HasNothingElse) {
  for (const Entry& entry : catalogue()) {
    const auto of_family = [&entry](const Family& family) { return entry.code.starts_with(family.prefix); };
    EXPECT_EQ(std::ranges::count_if(families(), of_family), 1) << entry.code;
    const bool is_alert = entry.code.starts_with("HF1");
    EXPECT_EQ(entry.word.starts_with("alert_"), is_alert || entry.word == "alert_received") << entry.code;
  }
}

/// Every text that a reader meets in an entry.
std::vector<std::string_view> texts(const Entry& entry) {
  std::vector<std::string_view> out = {entry.title, entry.meaning, entry.fault};
  for (const std::string_view text : {entry.check, entry.rfc})
    if (!text.empty()) out.push_back(text);
  for (const Cure& cure : entry.cures) out.insert(out.end(), {cure.where, cure.text});
  for (const Alias& alias : entry.aliases) out.insert(out.end(), {alias.program, alias.text});
  return out;
}

TEST(Catalogue, IsWritten) {
  for (const Entry& entry : catalogue()) {
    for (const std::string_view text : texts(entry)) {
      EXPECT_FALSE(text.empty()) << entry.code;
      EXPECT_NE(text.front(), '\n') << entry.code << ": " << text;
      EXPECT_NE(text.back(), '\n') << entry.code << ": " << text;
      EXPECT_EQ(text.find('\t'), text.npos) << entry.code << ": " << text;
      for (const std::string_view unfinished : {"TO"
                                                "DO",
                                                "FIX"
                                                "ME",
                                                "TB"
                                                "D",
                                                "lorem",
                                                "..."
                                                ". "})
        EXPECT_EQ(text.find(unfinished), text.npos) << entry.code << ": " << text;
      for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        EXPECT_FALSE(line.ends_with(' ')) << entry.code << ": " << line;
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      }
    }
    EXPECT_GE(entry.meaning.size(), 60u) << entry.code;
    EXPECT_NE(entry.title.back(), '.') << entry.code;
    EXPECT_TRUE(entry.fault.ends_with('.') || entry.fault.ends_with(')')) << entry.code;
  }
}

TEST(Catalogue, CuresNameWhereTheyBelong) {
  constexpr std::string_view known[] = {"nginx", "Apache httpd", "HAProxy", "Caddy", "client", "anywhere"};
  for (const Entry& entry : catalogue())
    for (const Cure& cure : entry.cures)
      EXPECT_NE(std::ranges::find(known, cure.where), std::end(known)) << entry.code << ": " << cure.where;
}

/// A code in a text leads to a page that is there.
TEST(Catalogue, ReferencesLeadSomewhere) {
  for (const Entry& entry : catalogue())
    for (const std::string_view text : texts(entry))
      for (std::size_t at = text.find("HF"); at != text.npos; at = text.find("HF", at + 1)) {
        const Entry* other = find_entry(text.substr(at, 6));
        ASSERT_NE(other, nullptr) << entry.code << ": " << text.substr(at, 6);
        EXPECT_NE(other, &entry) << entry.code << " refers to itself";
      }
}

/// What users meet has a cure for each of the four servers, where it is theirs to mend.
TEST(Catalogue, ServersAreMended) {
  for (const std::string_view word :
       {"missing_intermediate", "certificate_expired", "name_mismatch", "no_common_version", "no_common_cipher_suite",
        "unrecognized_name", "plain_http", "client_certificate_required", "no_application_protocol"})
    for (const std::string_view server : {"nginx", "Apache httpd", "HAProxy", "Caddy"}) {
      const auto cures = find_entry(word)->cures;
      EXPECT_NE(std::ranges::find(cures, server, &Cure::where), cures.end()) << word << ": " << server;
    }
}

TEST(Sayings, LeadToEntriesAndAreNotDoubled) {
  std::size_t count = 0;
  for (const Program& program : programs())
    for (const Saying& saying : program.sayings) {
      ++count;
      EXPECT_NE(find_entry(saying.code), nullptr) << program.name << ": " << saying.code;
      EXPECT_GE(saying.text.size(), 7u) << program.name << ": " << saying.text << " would be found anywhere";
      const auto same = [&saying](const Saying& other) {
        return other.code == saying.code && other.text == saying.text;
      };
      EXPECT_EQ(std::ranges::count_if(program.sayings, same), 1) << program.name << ": " << saying.text;
    }
  std::size_t aliases = 0;
  for (const Entry& entry : catalogue()) aliases += entry.aliases.size();
  EXPECT_EQ(aliases, count);
}

TEST(Catalogue, FindsByCodeInAnyCase) {
  EXPECT_EQ(find_entry("hf0213")->word, "name_mismatch");
  EXPECT_EQ(find_entry("name_mismatch")->code, "HF0213");
  EXPECT_EQ(find_entry("HF9999"), nullptr);
  EXPECT_EQ(find_entry(""), nullptr);
}

}  // namespace
}  // namespace handfast::doctor
