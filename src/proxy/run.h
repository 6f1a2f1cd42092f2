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

using Listeners = std::vector<Listener>;
using Files = std::vector<std::filesystem::path>;

/// Reads a configuration anew, in the thread that runs, and makes what it comes to. What fails then changes nothing.
/// `files`, empty before, gets what is read for it: certificates, keys, the configuration itself; where it fails, as
/// far as that is known. When one of them changes it is made anew.
using Make = std::function<Result<Listeners>(Lasting&, Files& files)>;

/// Listens, calls `listening` with the addresses, and serves. SIGHUP, or a file that has changed and then stood still
/// for a second, makes it anew (SIGHUP opens the log and HAR files anew too); a configuration that was refused is tried
/// again when a file of it changes, or one of the configuration that goes on; SIGTERM and SIGINT drain it, a second one
/// ends it at once. Where the first making fails, or listening does, it fails with that: an Error of TLS or
/// configuration, or Stage::listen, and then `failed_address` says which.
NetResult<> run(const RunOptions& options, const Make& make,
                const std::function<void(const std::vector<net::HostPort>&)>& listening, std::string& failed_address);

}  // namespace handfast::proxy
