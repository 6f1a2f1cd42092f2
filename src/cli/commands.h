// The subcommands: each file adds its own to the program.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace handfast::cli {

/// What a subcommand does once its arguments are read; gives the exit code (docs/exit-codes.md).
using Command = std::function<int()>;

/// Each adds a subcommand to `program`; if the user names it, `chosen` becomes what it does.
void add_connect(CLI::App& program, Command& chosen);
void add_serve(CLI::App& program, Command& chosen);
void add_cert(CLI::App& program, Command& chosen);
void add_explain(CLI::App& program, Command& chosen);
void add_reverse(CLI::App& program, Command& chosen);
void add_forward(CLI::App& program, Command& chosen);
void add_tunnel(CLI::App& program, Command& chosen);
void add_passthrough(CLI::App& program, Command& chosen);
void add_intercept(CLI::App& program, Command& chosen);
void add_demo(CLI::App& program, Command& chosen);
void add_run(CLI::App& program, Command& chosen);
void add_check(CLI::App& program, Command& chosen);
/// `foreign`: somebody else's command with its arguments, which stood behind a `--`.
void add_lab(CLI::App& program, Command& chosen, std::vector<std::string> foreign);

}  // namespace handfast::cli
