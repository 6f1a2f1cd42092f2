// Why a server of ours does not begin.
#pragma once

#include <string>

#include <handfast/net_error.h>

#include "doctor/verdict.h"

namespace handfast::cli {

/// Prints the verdict on standard error and gives its exit code.
int refuse(const doctor::Verdict& verdict);
/// The same of what kept it from listening at `address`: an Error of its configuration, or of the socket.
int refuse(const std::string& address, const NetError& error);

}  // namespace handfast::cli
