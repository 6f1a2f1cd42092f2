// The flags that clients and servers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <handfast/config.h>
#include <handfast/error.h>

namespace CLI {
class App;
}

namespace handfast::cli {

struct TlsFlags {
  std::optional<std::string> versions;
  std::optional<std::string> cipher_suites;
  std::optional<std::string> groups;
  std::optional<std::string> application_protocols;
  std::optional<std::string> key_log;
  bool require_extended_master_secret = false;
};

/// Adds --tls, --suites, --groups, --alpn, --require-ems and --keylog to a subcommand; `flags` must outlive it.
void add_tls_flags(CLI::App& command, TlsFlags& flags);

/// Reads them into options; what is not given stays as it is. Without --keylog the environment's SSLKEYLOGFILE counts.
/// Fails with bad_config, its evidence `option` the flag, and file_not_readable.
Result<> apply(const TlsFlags& flags, CommonOptions& options);

/// The same error, said of that flag: its evidence `option` is the flag.
Error of_flag(std::string_view flag, const Error& error);
/// The same error of an option that a configuration calls by its key, said of the flag of that name: "route" is
/// --route. One without evidence `option` stays as it is.
Error of_key(const Error& error);

}  // namespace handfast::cli
