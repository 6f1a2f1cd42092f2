// The tables of handfast.toml, one kind of listener each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxy/limits.h"
#include "proxy/settings/file.h"
#include "proxy/settings/table.h"
#include "proxy/tls_files.h"

namespace handfast::proxy::settings {

/// What all tables of a file share.
struct Surroundings {
  std::filesystem::path folder;  ///< of the file
  Limits limits;                 ///< of the file, for listeners that say nothing else

  /// The path that a key names, seen from the file.
  std::string resolve(const std::string& path) const;
};

/// Reads [limits] of the file or of one listener into `limits`.
void read_limits(Table& parent, Limits& limits);
/// Reads an address to listen at; without a good one, an error is among the findings.
net::HostPort read_address(Table& table, std::string_view key);

/// A path, or several, of the file's folder.
void read_path(Table& table, std::string_view key, const Surroundings& around, std::string& path);
void read_paths(Table& table, std::string_view key, const Surroundings& around, std::vector<std::string>& paths);
/// `cert` and `key`: as many of one as of the other, or no keys, which are in the same files then.
std::vector<CredentialFiles> read_credentials(Table& table, const Surroundings& around);
/// TLS towards clients: those, `client_ca` and `client_allow`; and towards origins: `ca`, `upstream_cert`,
/// `upstream_key`.
ServerTls read_server_tls(Table& table, const Surroundings& around);
OriginTls read_origin_tls(Table& table, const Surroundings& around);

/// Each reads one table, finds what is weak in it, and says how its service is made.
Way read_forward(Table table, const Surroundings& around);
Way read_intercept(Table table, const Surroundings& around);
Way read_passthrough(Table table, const Surroundings& around);
Way read_reverse(Table table, const Surroundings& around);
Way read_tunnel(Table table, const Surroundings& around);

}  // namespace handfast::proxy::settings
