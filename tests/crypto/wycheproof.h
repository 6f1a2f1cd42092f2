// Wycheproof and ACVP files, case by case.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "crypto/algorithm.h"
#include "support/json.h"

namespace handfast::test {

/// Calls `check(group, test)` for each case of wycheproof/<name>.json.
template <typename Check>
void each_wycheproof(const std::string& name, Check&& check) {
  const Json file = read_json("wycheproof/" + name + ".json");
  for (const Json& group : file.at("testGroups")) {
    for (const Json& test : group.at("tests")) {
      SCOPED_TRACE(name + " tcId " + test.at("tcId").dump() + " " + test.value("comment", ""));
      check(group, test);
    }
  }
}

inline bool is_valid(const Json& test) { return test.at("result") == "valid"; }
inline bool has_flag(const Json& test, const std::string& flag) {
  for (const Json& each : test.at("flags"))
    if (each == flag) return true;
  return false;
}

/// Calls `check(set, group, test, expected)` for each case of <name>.vectors.json that has an answer in
/// <name>.expected.json. ACVP keeps questions and answers apart and matches them by number.
template <typename Check>
void each_acvp(const std::string& name, Check&& check) {
  const Json questions = read_json(name + ".vectors.json");
  const Json answers = read_json(name + ".expected.json");
  for (std::size_t s = 1; s < questions.size(); ++s) {  // the first element describes the session
    std::map<int, const Json*> expected;
    for (const Json& group : answers.at(s).at("testGroups"))
      if (group.at("tests").is_array())
        for (const Json& test : group.at("tests")) expected[test.at("tcId").get<int>()] = &test;
    for (const Json& group : questions.at(s).at("testGroups")) {
      if (!group.at("tests").is_array()) continue;
      for (const Json& test : group.at("tests")) {
        SCOPED_TRACE(name + " tcId " + test.at("tcId").dump());
        if (auto found = expected.find(test.at("tcId").get<int>()); found != expected.end())
          check(questions.at(s), group, test, *found->second);
      }
    }
  }
}

/// A hash as Wycheproof ("SHA-256") or ACVP ("SHA2-256") spells it; none for those that Handfast does not have.
inline std::optional<crypto::HashAlgorithm> hash_named(const std::string& name) {
  using enum crypto::HashAlgorithm;
  static const std::map<std::string, crypto::HashAlgorithm> names = {
      {"SHA-1", sha1},      {"SHA-256", sha256},  {"SHA-384", sha384},  {"SHA-512", sha512},
      {"SHA2-256", sha256}, {"SHA2-384", sha384}, {"SHA2-512", sha512},
  };
  if (auto found = names.find(name); found != names.end()) return found->second;
  return std::nullopt;
}

}  // namespace handfast::test
