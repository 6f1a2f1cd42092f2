// The flags that every way of the proxy has.
#include "cli/proxy_flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/refusal.h"
#include "doctor/verdict.h"
#include "net/address.h"

namespace handfast::cli {
namespace {

/// A flag in seconds, with a fraction if need be.
void add_seconds(CLI::App& command, const std::string& name, std::chrono::milliseconds& value,
                 const std::string& words) {
  command
      .add_option_function<double>(
          name,
          [name, &value](double seconds) {
            const auto good = proxy::parse_seconds(seconds);
            if (!good)
              throw CLI::ValidationError(name,
                                         fmt::format("{} seconds: expected is {}", seconds, proxy::expected_seconds));
            value = *good;
          },
          fmt::format("{}; {} if it is not given", words, static_cast<double>(value.count()) / 1e3))
      ->type_name("SECONDS");
}

template <typename Number>
void add_number(CLI::App& command, const std::string& name, Number& value, const std::string& unit,
                const std::string& words) {
  command.add_option(name, value, words)
      ->type_name(unit)
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}).description(""));
}

}  // namespace

void add_proxy_flags(CLI::App& command, ProxyFlags& flags) {
  proxy::Limits& limits = flags.limits;
  command
      .add_option("--log", flags.run.log,
                  "Where a line is written for each handshake and request; standard error "
                  "if it is not given")
      ->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--log-format",
          [&flags](const std::string& format) {
            flags.run.log_format = format == "json" ? proxy::LogFormat::json : proxy::LogFormat::text;
          },
          "How: text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}).description(""));
  add_number(command, "--workers", flags.run.workers, "N", "Threads, each with connections of its own; 0: one a core");
  add_number(command, "--max-connections", limits.connections, "N", "Connections at a time; 0: no limit");
  add_number(command, "--max-per-address", limits.per_address, "N",
             "Connections at a time of one address (of IPv6: of its /64); 0: no limit");
  constexpr std::size_t most_header_bytes = 1'000'000'000;
  command.add_option("--max-header", limits.header_bytes, "Bytes of one header of HTTP")
      ->type_name("BYTES")
      ->capture_default_str()
      ->check(CLI::Range(proxy::least_header_bytes, most_header_bytes).description(""));
  add_number(command, "--min-rate", limits.minimum_rate, "BYTES",
             "Bytes a second of a body, in each ten seconds that it is waited for; 0: no limit");
  add_seconds(command, "--handshake-timeout", limits.handshake_timeout, "For a whole handshake");
  add_seconds(command, "--header-timeout", limits.header_timeout, "For a whole header of HTTP");
  add_seconds(command, "--idle-timeout", limits.idle_timeout, "Between two requests, and for each piece of a body");
  add_seconds(command, "--tunnel-timeout", limits.tunnel_timeout, "For a tunnel in which nothing moves");
  add_seconds(command, "--connect-timeout", limits.connect_timeout,
              "To reach an origin, at whichever of its addresses");
  add_seconds(command, "--response-timeout", limits.response_timeout, "For an origin to begin its answer");
  add_seconds(command, "--drain-timeout", flags.run.drain_timeout, "For what was begun, when the process is to end");
}

int run_proxy(const proxy::RunOptions& options, const proxy::Make& make) {
  std::string failed_address;
  const auto tell = [](const std::vector<net::HostPort>& addresses) {
    for (const net::HostPort& address : addresses)
      fmt::print("listening on {}\n", net::to_text({address.host.empty() ? "*" : address.host, address.port}));
    std::fflush(stdout);
  };
  NetResult<> ended = proxy::run(options, make, tell, failed_address);
  if (!ended) return refuse(failed_address, ended.error());
  return static_cast<int>(doctor::ExitCode::ok);
}

}  // namespace handfast::cli
