// The flags by which the ways of the proxy name certificates, and where they may go.
#pragma once

#include <string>
#include <vector>

#include <handfast/error.h>

#include "proxy/access.h"
#include "proxy/tls_files.h"

namespace CLI {
class App;
}

namespace handfast::cli {

struct CredentialFlags {
  std::vector<std::string> certificates = {};
  std::vector<std::string> keys = {};
};

/// Adds --cert and --key to a subcommand; `flags` must outlive it.
void add_credential_flags(CLI::App& command, CredentialFlags& flags, const std::string& words);
/// As they belong together. Fails with bad_config, its evidence `option` the flag.
Result<std::vector<proxy::CredentialFiles>> credentials_of(const CredentialFlags& flags);

/// Adds --allow and --deny; `access` must outlive the subcommand.
void add_access_flags(CLI::App& command, proxy::AccessOptions& access);

}  // namespace handfast::cli
