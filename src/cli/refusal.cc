// Why a server of ours does not begin, in the doctor's words.
#include "cli/refusal.h"

#include <fmt/format.h>

#include <cstdio>

#include <unistd.h>

namespace handfast::cli {

using doctor::ExitCode;

int refuse(const doctor::Verdict& verdict) {
  std::fputs(doctor::verdict_text(verdict, doctor::style_of(STDERR_FILENO)).c_str(), stderr);
  return static_cast<int>(verdict.exit_code);
}

int refuse(const std::string& address, const NetError& error) {
  if (error.tls() != nullptr) return refuse(doctor::judge_config(*error.tls()));
  doctor::Verdict verdict;
  verdict.exit_code = ExitCode::network;
  verdict.set(doctor::Finding::cannot_listen);
  verdict.summary = fmt::format("It is not possible to listen on {}.", address);
  verdict.found = error.message();
  verdict.advice = {
      "Another program may have that port (ss -ltnp shows which); ports below 1024 want privileges; port 0 "
      "takes any that is free."};
  return refuse(verdict);
}

}  // namespace handfast::cli
