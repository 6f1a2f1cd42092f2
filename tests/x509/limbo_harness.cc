// limbo-harness: speaks x509-limbo's protocol. A suite on stdin, a LimboResult on stdout: a line a case, in order.
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "x509/limbo.h"

namespace {

using handfast::Profile;
using namespace handfast::x509;
using limbo::Json;

/// A suite that is none: nothing is answered.
constexpr int malformed_suite = 2;

std::vector<Json> read_cases(std::istream& input) {
  Json suite = Json::parse(input);
  if (suite.at("version") != 1) throw std::runtime_error("version " + suite.at("version").dump() + ", not 1");
  auto cases = suite.at("testcases").get<std::vector<Json>>();
  for (const Json& testcase : cases)
    if (!testcase.is_object() || !testcase.at("id").is_string())
      throw std::runtime_error("a case without an id: " + testcase.dump().substr(0, 100));
  return cases;
}

/// One case that is not of the schema leaves the others their answers.
limbo::Verdict answer(const Json& testcase, Profile profile) {
  try {
    return limbo::run(testcase, profile);
  } catch (const Json::exception& error) {
    return {limbo::Answer::skipped, fmt::format("not of the schema: {}", error.what())};
  }
}

std::string result_line(const Json& testcase, const limbo::Verdict& verdict) {
  Json result = {{"id", testcase.at("id")}, {"actual_result", name(verdict.answer)}, {"context", nullptr}};
  if (!verdict.context.empty()) result["context"] = verdict.context;
  return result.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"What Handfast's verifier says of the cases of x509-limbo: suite on stdin, results on stdout."};
  std::string profile = "strict";
  app.add_option("--profile", profile, "strict or compatible")
      ->check(CLI::IsMember({"strict", "compatible"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::vector<Json> cases;
  try {
    cases = read_cases(std::cin);
  } catch (const std::exception& error) {
    fmt::print(stderr, "limbo-harness: no suite of x509-limbo on stdin: {}\n", error.what());
    return malformed_suite;
  }
  fmt::print(R"({{"version":1,"harness":"handfast-{}","results":[)", profile);
  const char* separator = "\n";
  for (const Json& testcase : cases) {
    limbo::Verdict verdict = answer(testcase, profile == "strict" ? Profile::strict : Profile::compatible);
    fmt::print("{}{}", separator, result_line(testcase, verdict));
    separator = ",\n";
  }
  fmt::print("\n]}}\n");
  return std::fflush(stdout) == 0 ? 0 : 1;
}
