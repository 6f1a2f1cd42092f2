// Which sessions a server gives, and what it takes of them.
#pragma once

#include <cstdint>
#include <optional>

#include <handfast/config.h>
#include <handfast/error.h>

namespace CLI {
class App;
}

namespace handfast::cli {

struct SessionFlags {
  std::uint32_t tickets = 2;
  std::optional<std::int64_t> lifetime;
  std::optional<std::uint32_t> early_data;
};

/// Adds --tickets, --ticket-lifetime and --early-data to a subcommand; `flags` must outlive it.
void add_session_flags(CLI::App& command, SessionFlags& flags);

/// Reads them into options: ticket keys that rotate, a store in memory, and with early data a strike register, all of
/// this process. `options` must have its versions already. Fails with bad_config, its evidence `option` the flag,
/// `problem` and `remedy`.
Result<> apply(const SessionFlags& flags, ServerOptions& options);

/// Fails in the same way for options that do not speak TLS 1.3, without which there is no --early-data.
Result<> check_early_data(const CommonOptions& options);

}  // namespace handfast::cli
