// handfast run, handfast check: many listeners out of a file.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/proxy_flags.h"
#include "doctor/style.h"
#include "doctor/verdict.h"
#include "proxy/settings/file.h"
#include "proxy/settings/report.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;
using proxy::settings::Findings;
using proxy::settings::Settings;

constexpr const char* run_examples = R"(Examples:
  handfast check handfast.toml && handfast run handfast.toml
  kill -HUP PID
      Read it anew; a file of it that changes is read anew as well. Connections
      that are there go on under the old one. Where the new one is wrong,
      nothing changes, and the log says why.
  kill -TERM PID
      Accept nothing more, finish what was begun (drain_timeout), end.

What stands in the file: docs/handfast.toml, which is one.)";

constexpr const char* check_examples = R"(Examples:
  handfast check handfast.toml
      Everything that is wrong, with its line and its cure; then everything that
      is allowed and weak. Nothing is listened to.
  handfast check handfast.toml --json | jq '.findings[] | select(.kind == "error")'

Exit codes: 0 it can be run, weaknesses or not; 2 it is refused.)";

struct CheckFlags {
  std::string file;
  bool json = false;
};

Findings judge(const std::string& file, Settings& settings) {
  Findings findings;
  settings = proxy::settings::read(file, findings);
  check(settings, findings);
  proxy::settings::sort(findings);
  return findings;
}

int run(const std::string& file) {
  Settings settings;
  const Findings findings = judge(file, settings);
  if (refuse(findings)) {
    std::fputs(report_text(file, settings, findings, doctor::style_of(STDERR_FILENO)).c_str(), stderr);
    return static_cast<int>(ExitCode::usage);
  }
  return run_proxy(settings.run, proxy::settings::make_from(file));
}

int check(const CheckFlags& flags) {
  Settings settings;
  const Findings findings = judge(flags.file, settings);
  const std::string text = flags.json ? report_json(flags.file, settings, findings)
                                      : report_text(flags.file, settings, findings, doctor::style_of(STDOUT_FILENO));
  std::fputs(text.c_str(), stdout);
  return static_cast<int>(refuse(findings) ? ExitCode::usage : ExitCode::ok);
}

}  // namespace

void add_run(CLI::App& program, Command& chosen) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("run", "Run the proxies of a configuration file");
  command->add_option("FILE", *file, "The configuration, in TOML")->required();
  command->footer(run_examples);
  command->callback([file, &chosen] { chosen = [file] { return run(*file); }; });
}

void add_check(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* command = program.add_subcommand("check", "Say what is wrong or weak in a configuration file");
  command->add_option("FILE", flags->file, "The configuration, in TOML")->required();
  command->add_flag("--json", flags->json, "The same as JSON");
  command->footer(check_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return check(*flags); }; });
}

}  // namespace handfast::cli
