// A proxy as a process: until a signal ends it, reloaded by another or by a file that has changed.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <handfast/error.h>
#include <handfast/net_error.h>

#include "proxy/lasting.h"
#include "proxy/log.h"
#include "proxy/server.h"

namespace handfast::proxy {

struct RunOptions {
  std::size_t workers = 0;  ///< 0: one a core
  std::string log;          ///< a file; empty: standard error
  LogFormat log_format = LogFormat::text;
  std::chrono::milliseconds drain_timeout{30'000};
};

/// What a configuration comes to.
struct Made {
  std::vector<Listener> listeners;
  /// What was read for it: certificates, keys, the configuration itself. When one of them changes it is made anew.
  std::vector<std::filesystem::path> files;
};
/// Reads all of it anew, in the thread that runs. What fails then changes nothing.
using Make = std::function<Result<Made>(Lasting&)>;

/// Listens, calls `listening` with the addresses, and serves. SIGHUP, or a file that has changed and then stood still
/// for a second, makes it anew (SIGHUP opens the log anew too); SIGTERM and SIGINT drain it, a second one ends it at
/// once. Where the first making fails, or listening does, it fails with that: an Error of TLS or configuration, or
/// Stage::listen, and then `failed_address` says which.
NetResult<> run(const RunOptions& options, const Make& make,
                const std::function<void(const std::vector<net::HostPort>&)>& listening, std::string& failed_address);

}  // namespace handfast::proxy
