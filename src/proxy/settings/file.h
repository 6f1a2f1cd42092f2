// handfast.toml: many listeners at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "proxy/run.h"
#include "proxy/service.h"
#include "proxy/settings/findings.h"
#include "proxy/settings/table.h"

namespace handfast::proxy::settings {

/// One listener: what its table comes to.
struct Way {
  std::string kind;  ///< "reverse"
  net::HostPort address;
  /// Loads what it names; its Errors have the key as evidence `option`, with hyphens in the place of underscores, and
  /// `table`, from 1, where it is one of several below the listener's own.
  std::function<Result<std::shared_ptr<const Service>>(Lasting&)> make;
  /// Finds the same wrong, and writes nothing; null: making it writes nothing either.
  std::function<Result<>()> check;
  Files files;                ///< that it names
  std::vector<Table> tables;  ///< where its keys stand: its own, then those below it
};

struct Settings {
  RunOptions run;
  std::vector<Way> ways;  ///< in the order of the file
  Files files;            ///< the configuration and all that it names, as far as it could be read
};

/// Reads a file. What is wrong or weak in it goes to `findings`; the settings are of use where none of them is an error
/// (`refuse`). Relative paths in the file are relative to its folder.
Settings read(const std::string& path, Findings& findings);

/// Loads all of it: certificates, keys and whatever else can only be found wrong then, into `findings`.
Listeners load(const Settings& settings, Lasting& lasting, Findings& findings);

/// What `load` would find, without anything that is written, and so beside a process that runs.
void check(const Settings& settings, Findings& findings);

/// For `run`: reads and loads it anew each time. Fails with bad_config, evidence `option` (the file), `problem`,
/// `remedy`, with the first of the errors.
Make make_from(std::string path);

}  // namespace handfast::proxy::settings
