// The tables of handfast.toml, one kind of listener each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxy/limits.h"
#include "proxy/settings/file.h"
#include "proxy/settings/table.h"

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

/// A weakness where everybody may say whom a connection is from.
void find_open_senders(Table& table, const std::vector<std::string>& accept_proxy);

/// Each reads one table, finds what is weak in it, and says how its service is made.
Way read_reverse(Table table, const Surroundings& around);
Way read_passthrough(Table table, const Surroundings& around);

}  // namespace handfast::proxy::settings
