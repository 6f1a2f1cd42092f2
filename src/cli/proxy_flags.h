// The flags that every way of the proxy has, and how it is run.
#pragma once

#include <functional>

#include "proxy/limits.h"
#include "proxy/run.h"

namespace CLI {
class App;
}

namespace handfast::cli {

struct ProxyFlags {
  proxy::RunOptions run;
  proxy::Limits limits;
};

/// Adds --log, --log-format, --workers and those of the limits to a subcommand; `flags` must outlive it.
void add_proxy_flags(CLI::App& command, ProxyFlags& flags);

/// Runs it until a signal ends it; says on standard output where it listens, a line each. Gives the exit code, and says
/// why where it can't begin.
int run_proxy(const proxy::RunOptions& options, const proxy::Make& make);

}  // namespace handfast::cli
