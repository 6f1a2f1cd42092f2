// From flags to a connection's configuration.
#pragma once

#include <memory>
#include <vector>

#include <handfast/config.h>
#include <handfast/connection.h>

#include "flags.h"
#include "outside.h"

namespace handfast::bogo {

/// The last traffic secrets, as the key log tells them.
struct TrafficSecrets final : KeyLog {
  Buffer client;
  Buffer server;
  void log(std::string_view label, Bytes client_random, Bytes secret) override;
};

struct Settings {
  /// As the runner numbers them; the one without -new-x509-credential is the last. Null where the runner gave no key.
  std::vector<SharedCredential> credentials;
  std::shared_ptr<const Chooser> chooser;
  std::shared_ptr<const Verifier> verifier;
  std::shared_ptr<TrafficSecrets> secrets = std::make_shared<TrafficSecrets>();
  std::shared_ptr<const ClientConfig> client;  ///< one of the two
  std::shared_ptr<const ServerConfig> server;

  /// A new connection with them.
  Connection connect(const Flags& flags) const;
};

/// `flags` outlive what comes of them. Throws Unimplemented for versions, suites, groups, schemes and keys that are not
/// there, and Failure for a configuration that is refused.
Settings make_settings(const Flags& flags);

/// Whether the flags allow a version below TLS 1.2.
bool allows_old_versions(const Flags& flags);

}  // namespace handfast::bogo
