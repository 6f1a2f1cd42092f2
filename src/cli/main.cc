// handfast: the program. It reads the command line and hands over to a subcommand.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/values.h"
#include "doctor/verdict.h"

namespace {

constexpr const char* main_examples = R"(Examples:
  handfast demo
      Watch handshakes between programs on this machine, message by message.
  handfast connect example.com
      Is that server's TLS all right? If not: what is wrong, what to do.
  handfast explain SSL_ERROR_BAD_CERT_DOMAIN
      What another program's message means, and how to mend it.
  handfast cert inspect server.pem
      What a certificate says, and what is weak in it.
  handfast serve --listen 127.0.0.1:8443
      A server that shows each visitor the handshake that just happened.
  handfast lab up
      Servers with every fault there is, to try clients on.

Every subcommand has its own --help, with examples.)";

/// How many of the arguments are ours. `handfast lab test -- COMMAND...` is the one place where what stands behind a
/// `--` is not.
int own_arguments(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "lab") return argc;
  return static_cast<int>(std::find(argv, argv + argc, std::string_view("--")) - argv);
}

int run(int argc, char** argv) {
  CLI::App program("The TLS handshake, end to end: watch it, test it, mend it.", "handfast");
  program.formatter(handfast::cli::make_help_formatter());
  program.set_version_flag("--version", "handfast " HANDFAST_VERSION, "Print the version");
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  program.footer(main_examples);
  handfast::cli::Command chosen;
  handfast::cli::add_connect(program, chosen);
  handfast::cli::add_serve(program, chosen);
  handfast::cli::add_reverse(program, chosen);
  handfast::cli::add_forward(program, chosen);
  handfast::cli::add_passthrough(program, chosen);
  handfast::cli::add_tunnel(program, chosen);
  handfast::cli::add_intercept(program, chosen);
  handfast::cli::add_cert(program, chosen);
  handfast::cli::add_explain(program, chosen);
  handfast::cli::add_demo(program, chosen);
  handfast::cli::add_run(program, chosen);
  handfast::cli::add_check(program, chosen);
  const int own = own_arguments(argc, argv);
  handfast::cli::add_lab(program, chosen, {argv + std::min(own + 1, argc), argv + argc});
  handfast::cli::refuse_empty_values(program);
  try {
    handfast::cli::check_arguments(own, argv);
    program.parse(own, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are no mistakes; everything else is one of usage.
    const bool asked = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    const std::vector<std::string> unknown = program.remaining();
    if (!asked && program.get_subcommands().empty() && !unknown.empty())
      fmt::print(stderr, "There is no command called {}.\n", unknown.front());
    program.exit(error);
    return static_cast<int>(asked ? handfast::doctor::ExitCode::ok : handfast::doctor::ExitCode::usage);
  }
  return chosen();
}

/// A standard descriptor that is closed would become that of a socket, and our words go to a peer.
void fill_standard_descriptors() {
  int unused = 0;
  do unused = ::open("/dev/null", O_RDWR);
  while (unused >= 0 && unused <= STDERR_FILENO);
  if (unused >= 0) ::close(unused);
}

/// Standard output is a pipe, and whoever reads it has had enough: `| head`.
bool reader_is_gone() noexcept {
  pollfd out{};
  out.fd = STDOUT_FILENO;
  out.events = POLLOUT;
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A peer or a pipe that has gone is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  fill_standard_descriptors();
  try {
    const int status = run(argc, argv);
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (written || reader_is_gone() || status != static_cast<int>(handfast::doctor::ExitCode::ok)) return status;
    fmt::print(stderr, "handfast: standard output can't be written\n");
    return static_cast<int>(handfast::doctor::ExitCode::internal);
  } catch (const std::exception& error) {
    fmt::print(stderr, "handfast: {}\n", error.what());
    return static_cast<int>(handfast::doctor::ExitCode::internal);
  }
}
