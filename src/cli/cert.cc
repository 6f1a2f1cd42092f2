// handfast cert: certificates in files and on servers.
#include "cli/cert.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>

#include <unistd.h>

#include "doctor/json.h"

namespace handfast::cli {

int refuse(const Error& error, const std::string& json_schema) {
  const doctor::Verdict verdict = doctor::judge_config(error);
  if (json_schema.empty())
    std::fputs(doctor::verdict_text(verdict, doctor::style_of(STDERR_FILENO)).c_str(), stderr);
  else
    std::fputs(doctor::dump({{"schema", json_schema}, {"verdict", doctor::verdict_json(verdict)}}).c_str(), stdout);
  return static_cast<int>(verdict.exit_code);
}

void add_cert(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand("cert", "Look at certificates, verify them, put a chain in order");
  command->require_subcommand(1);
  command->footer(R"(Examples:
  handfast cert inspect server.pem
  handfast cert inspect example.com:443
  handfast cert verify fullchain.pem --host example.com
  handfast cert chain-fix server.pem intermediates/ --out fullchain.pem

Every one has its own --help, with examples.)");
  add_cert_inspect(*command, chosen);
  add_cert_verify(*command, chosen);
  add_cert_chain_fix(*command, chosen);
}

}  // namespace handfast::cli
