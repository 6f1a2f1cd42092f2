// handfast demo: the guided tour, both its parts, and where to go from there.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include <unistd.h>

#include "cli/commands.h"
#include "doctor/tour.h"
#include "doctor/verdict.h"
#include "proxy/demo/four_ways.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;

constexpr const char* next_steps = R"(
Try next:
  handfast connect example.com    any server's handshake, explained
  handfast serve                  then: curl -k https://localhost:8443/
  handfast reverse --help         a proxy of your own, with examples
  handfast connect --help         every flag, with examples
)";

int demo(doctor::Secrets secrets) {
  const doctor::Style style = doctor::style_of(STDOUT_FILENO);
  doctor::TourStage stage(stdout, style);
  Result<> played = doctor::tour(stage, secrets);
  if (played) played = proxy::demo::four_ways(stage, secrets);
  if (!played) {
    std::fputs(doctor::verdict_text(doctor::judge_config(played.error()), style).c_str(), stderr);
    return static_cast<int>(ExitCode::internal);
  }
  std::fputs(next_steps, stdout);
  return static_cast<int>(stage.failures() == 0 ? ExitCode::ok : ExitCode::internal);
}

}  // namespace

void add_demo(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("demo", "Watch thirteen handshakes on this machine, four of them through a proxy");
  command->footer(R"(Nine between a client and a server, then one through each of the proxy's four
ways: who decrypts, whose certificate the client sees, what the log says.

It needs no network and no arguments, and takes a few seconds. Where openssl
and curl are installed, they play their part; else those scenes are passed over.)");
  auto keys = std::make_shared<bool>(false);
  command->add_flag("--keys", *keys, "Show the secrets in hexadecimal: whoever sees them can read that connection");
  command->callback([keys, &chosen] {
    chosen = [secrets = *keys ? doctor::Secrets::shown : doctor::Secrets::redacted] { return demo(secrets); };
  });
}

}  // namespace handfast::cli
