// handfast-bench: what a handshake, a record and a connection cost, beside libssl and the bare cryptography.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <CLI/CLI.hpp>

#include "once.h"
#include "report.h"
#include "row.h"
#include "verify.h"

namespace {

using namespace handfast;
using namespace handfast::bench;

struct Arguments {
  bool json = false;
  bool quick = false;
  std::vector<std::string> names;
  std::vector<std::string> once;  ///< a case and a side
  bool floor = false;
  std::size_t count = 24;
};

/// What can be measured beside handshakes, by the names that `--case` takes.
constexpr const char* lifetime = "new-free";
constexpr const char* memory = "heap";
constexpr const char* bulk = "bulk";

const VerifyCase* find_verify_case(std::string_view name) {
  const auto found = std::ranges::find(verify_cases(), name, &VerifyCase::name);
  return found == verify_cases().end() ? nullptr : &*found;
}

Rows measure(const std::string& name, double seconds) {
  if (const VerifyCase* which = find_verify_case(name)) return measure_verification(*which, seconds);
  if (name == lifetime) return measure_lifetime(seconds / 4);
  if (name == memory) return measure_memory();
  if (name == bulk) return measure_bulk(seconds / 2);
  return measure_handshakes(find_case(name), seconds);
}

std::vector<std::string> verify_names() {
  std::vector<std::string> names;
  for (const VerifyCase& one : verify_cases()) names.emplace_back(one.name);
  return names;
}

std::vector<std::string> every_name() {
  std::vector<std::string> names;
  for (const Case& one : cases()) names.emplace_back(one.name);
  for (const VerifyCase& one : verify_cases()) names.emplace_back(one.name);
  names.insert(names.end(), {lifetime, memory, bulk});
  return names;
}

Side side_of(const std::string& text) {
  if (text == "server") return Side::server;
  if (text == "client") return Side::client;
  throw std::invalid_argument(fmt::format("{} is no side: say server or client", text));
}

std::size_t run_once(const Arguments& arguments) {
  const Side side = side_of(arguments.once[1]);
  if (const VerifyCase* which = find_verify_case(arguments.once[0])) {
    const TrustedChain chain = TrustedChain::make(which->key);
    const auto verifier = arguments.floor ? ChainVerifier::floor(chain, which->key) : ChainVerifier::handfast(chain);
    return run_verifier(*verifier, arguments.count);
  }
  const auto run = arguments.floor ? run_floor : run_ours;
  return run(find_case(arguments.once[0]), side, arguments.count);
}

int run(const Arguments& arguments) {
  if (!arguments.once.empty()) {
    fmt::print("{} done\n", run_once(arguments));
    return 0;
  }
  const double seconds = arguments.quick ? 0.5 : 4;
  Rows rows;
  for (const std::string& name : arguments.names) {
    const Rows more = measure(name, seconds);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  if (arguments.json) {
    print_json(stdout, rows);
    return 0;
  }
  fmt::print("AES-128-GCM, in memory, one thread, medians of alternating runs; {}\n\n",
             OpenSSL_version(OPENSSL_VERSION));
  print_table(stdout, rows);
  fmt::print(
      "\nCPU us: per handshake, construction and destruction included; per connection; per chain; per record.\n"
      "floor: the bare cryptography of the same; - floor: the median of the differences within a round.\n"
      "spread: half of the rounds lie within this part of the median.\n"
      "heap B: per connection, the caller's buffers apart.\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("What a TLS handshake costs: Handfast, the system's libssl, and the bare cryptography.");
  app.add_flag("--json", arguments.json, "print JSON and nothing else (bench/README.md has the keys)");
  app.add_flag("--quick", arguments.quick, "a few seconds instead of half a minute; the numbers are rougher");
  app.add_option("--case", arguments.names, "measure these alone")->check(CLI::IsMember(every_name()));
  app.add_option("--once", arguments.once, "CASE SIDE: only run our own, for callgrind (bench/instructions)")
      ->expected(2);
  app.add_flag("--floor", arguments.floor, "what --once runs is the bare cryptography");
  app.add_option("--count", arguments.count, "how many of them --once runs")->check(CLI::Range(1, 100000));
  app.add_subcommand("verify", "measure the verification of certificates alone")->fallthrough()->callback([&] {
    arguments.names = verify_names();
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arguments.names.empty()) arguments.names = every_name();
  // A busy server's heap does not shrink between two handshakes. Here all connections go at once, and pages that were
  // given back would be faulted in anew: up to half of what libssl's resumption costs.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  try {
    return run(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "handfast-bench: {}\n", error.what());
    return 1;
  }
}
