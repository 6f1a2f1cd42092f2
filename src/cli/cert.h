// What the commands under `handfast cert` share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <handfast/error.h>

#include "cli/commands.h"
#include "doctor/verdict.h"

namespace handfast::cli {

/// Each adds a command to `cert`.
void add_cert_inspect(CLI::App& cert, Command& chosen);
void add_cert_verify(CLI::App& cert, Command& chosen);
void add_cert_chain_fix(CLI::App& cert, Command& chosen);

/// Says why the arguments or a file were refused: for people on standard error, with `json` as an object of that schema
/// on standard output. Gives the exit code.
int refuse(const Error& error, const std::string& json_schema);

}  // namespace handfast::cli
