// handfast lab: servers with every fault there is, on loopback, and what clients make of them.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "base/replace_file.h"
#include "cli/commands.h"
#include "cli/tls_flags.h"
#include "doctor/json.h"
#include "doctor/lab/lab.h"
#include "doctor/lab/report.h"
#include "doctor/lab/scenario.h"
#include "doctor/lab/trial.h"
#include "doctor/process.h"
#include "doctor/style.h"
#include "doctor/verdict.h"

namespace handfast::cli {
namespace {

namespace lab = doctor::lab;
using doctor::ExitCode;
using lab::Lab;
using lab::Scenario;

constexpr const char* lab_examples = R"(Examples:
  handfast lab list
      What there is, without starting any of it.
  handfast lab up
      All of it, until Ctrl-C: where, what is wrong there, and what to type.
  handfast lab up expired wrong-name --port 9000
      These alone, on ports that stay the same.
  handfast lab test
      Whether `handfast connect` says of each what is true.
  handfast lab test -- curl
      What curl says of each, beside what is true. Also openssl, gnutls-cli,
      sslscan and testssl.sh, which are given what they need.
  handfast lab test expired -- wget --ca-certificate {ca} https://{host}:{port}/
      Any other program: {url}, {host}, {port}, {address} (127.0.0.1:PORT),
      {ca}, {cert} and {key} (of a client) are filled in.

Names end in .localhost, which is this machine. Every server listens on
127.0.0.1 alone, with certificates by an authority that is made anew each time:
nobody but who is given its ca.pem trusts it.

Exit codes: 0 all as it should be; 1 `connect` said something else than it
should; 2 usage, or a COMMAND that is not found; 3 a port is taken.)";

struct LabFlags {
  std::vector<std::string> names;
  std::vector<std::string> command;  ///< somebody else's
  std::string folder;
  std::uint16_t port = 0;
  unsigned jobs = 8;
  bool json = false;
};

Result<std::vector<const Scenario*>> chosen_scenarios(const LabFlags& flags) {
  std::vector<const Scenario*> out;
  for (const std::string& name : flags.names) {
    const Scenario* scenario = lab::find_scenario(name);
    if (scenario == nullptr)
      return fail(Error(Alert::internal_error, Reason::bad_config)
                      .with("option", std::string("lab"))
                      .with("problem", fmt::format("there is no scenario \"{}\"", doctor::printable(name)))
                      .with("remedy", std::string("Their names: handfast lab list")));
    out.push_back(scenario);
  }
  if (out.empty())
    for (const Scenario& scenario : lab::scenarios()) out.push_back(&scenario);
  return out;
}

int refuse(const Error& error) {
  const doctor::Verdict verdict = doctor::judge_config(error);
  std::fputs(doctor::verdict_text(verdict, doctor::style_of(STDERR_FILENO)).c_str(), stderr);
  return static_cast<int>(verdict.exit_code);
}

int refuse(const NetError& error) {
  if (const Error* why = error.tls()) return refuse(*why);
  fmt::print(stderr, "The lab can't listen: {}. Without --port it takes ports that are free.\n", error.message());
  return static_cast<int>(ExitCode::network);
}

/// Where files for clients go: a folder that vanishes with the process, or one that was named.
class Folder {
 public:
  static Result<Folder> open(const std::string& named) {
    Folder out;
    if (named.empty()) {
      out.temporary_ = std::make_unique<doctor::TemporaryFolder>();
      out.path_ = out.temporary_->path();
      return out;
    }
    std::error_code error;
    std::filesystem::create_directories(named, error);
    if (error)
      return fail(
          Error(Alert::internal_error, Reason::file_not_readable).with("path", named).with("error", error.message()));
    out.path_ = std::filesystem::absolute(named);
    // Its files have names that a reader's own may have: client.key, ca.pem.
    if (!std::filesystem::is_empty(out.path_, error) && !std::filesystem::exists(out.path_ / mark))
      return fail(Error(Alert::internal_error, Reason::bad_config)
                      .with("option", "--dir")
                      .with("value", named)
                      .with("problem", "the folder holds files that are not the lab's")
                      .with("remedy", "Name a folder that is empty, or not there yet."));
    if (const std::string problem =
            base::replace_file((out.path_ / mark).string(), "Files of handfast lab.\n", base::FileAccess::owner);
        !problem.empty())
      return fail(Error(Alert::internal_error, Reason::file_not_readable).with("path", named).with("error", problem));
    return out;
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  /// Says that what stands beside it may be overwritten.
  static constexpr const char* mark = "handfast-lab.txt";

  Folder() = default;
  std::unique_ptr<doctor::TemporaryFolder> temporary_;
  std::filesystem::path path_;
};

int list(const LabFlags& flags) {
  const auto wanted = chosen_scenarios(flags);
  if (!wanted) return refuse(wanted.error());
  std::fputs(
      flags.json ? lab::list_json(*wanted).c_str() : lab::list_text(*wanted, doctor::style_of(STDOUT_FILENO)).c_str(),
      stdout);
  return static_cast<int>(ExitCode::ok);
}

int up(const LabFlags& flags) {
  const auto wanted = chosen_scenarios(flags);
  if (!wanted) return refuse(wanted.error());
  const auto folder = Folder::open(flags.folder);
  if (!folder) return refuse(folder.error());

  // The lab's thread leaves these two to this one, which waits for them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);

  const auto started = Lab::start(*wanted, {flags.port}, folder->path());
  if (!started) return refuse(started.error());
  std::fputs(
      flags.json ? lab::up_json(**started).c_str() : lab::up_text(**started, doctor::style_of(STDOUT_FILENO)).c_str(),
      stdout);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  return static_cast<int>(ExitCode::ok);
}

int test(const LabFlags& flags) {
  const auto wanted = chosen_scenarios(flags);
  if (!wanted) return refuse(wanted.error());
  if (!flags.command.empty() && flags.command.front().find('/') == std::string::npos &&
      !doctor::is_installed(flags.command.front()))
    return refuse(Error(Alert::internal_error, Reason::bad_config)
                      .with("option", std::string("lab test"))
                      .with("problem", doctor::printable(flags.command.front()) + " is not found on PATH"));
  const auto folder = Folder::open({});
  if (!folder) return refuse(folder.error());
  const auto started = Lab::start(*wanted, {}, folder->path());
  if (!started) return refuse(started.error());
  const doctor::Style style = doctor::style_of(STDOUT_FILENO);
  if (!flags.command.empty()) {
    const std::vector<lab::ToolTrial> trials = lab::try_tool(**started, flags.command, flags.jobs);
    std::fputs(flags.json ? lab::tool_json(flags.command, trials).c_str() : lab::tool_text(trials, style).c_str(),
               stdout);
    return static_cast<int>(ExitCode::ok);
  }
  const std::vector<lab::Trial> trials = lab::try_connect(**started, flags.jobs);
  std::fputs(flags.json ? lab::trial_json(trials).c_str() : lab::trial_text(trials, style).c_str(), stdout);
  const bool good = std::ranges::all_of(trials, [](const lab::Trial& trial) { return trial.complaints.empty(); });
  return static_cast<int>(good ? ExitCode::ok : ExitCode::internal);
}

CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description, LabFlags& flags) {
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("scenarios", flags.names, "These alone; all of them where none is named")
      ->type_name("SCENARIO...");
  command->add_flag("--json", flags.json, "The same as JSON (docs/json.md)");
  command->footer(lab_examples);
  return command;
}

}  // namespace

void add_lab(CLI::App& program, Command& chosen, std::vector<std::string> foreign) {
  auto flags = std::make_shared<LabFlags>();
  CLI::App* command = program.add_subcommand("lab", "Servers with every fault there is, to try clients on");
  command->require_subcommand(1);
  command->footer(lab_examples);
  add(*command, "list", "Their names, and what is wrong with each", *flags)->callback([flags, &chosen] {
    chosen = [flags] { return list(*flags); };
  });

  CLI::App* starting = add(*command, "up", "Start them, and say where they are, until Ctrl-C", *flags);
  starting
      ->add_option("--port", flags->port, "Ports from this one on, always in the same order; else any that are free")
      ->type_name("BASE")
      ->check(CLI::Range(1024, 65000).description(""));
  starting
      ->add_option("--dir", flags->folder, "Where ca.pem and the clients' files go, and stay; else to /tmp for a while")
      ->type_name("DIR");
  starting->callback([flags, &chosen] { chosen = [flags] { return up(*flags); }; });

  CLI::App* testing = add(*command, "test", "Try `handfast connect`, or another COMMAND, on each of them", *flags);
  testing->add_option("--jobs", flags->jobs, "So many at a time")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 64).description(""));
  testing->callback([flags, &chosen, foreign = std::move(foreign)] {
    flags->command = foreign;
    chosen = [flags] { return test(*flags); };
  });
}

}  // namespace handfast::cli
