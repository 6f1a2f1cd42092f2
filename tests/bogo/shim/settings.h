// From flags to a connection's configuration.
#pragma once

#include <memory>
#include <vector>

#include <handfast/config.h>
#include <handfast/connection.h>

#include "flags.h"
#include "outside.h"
#include "recorder.h"
#include "sessions.h"

namespace handfast::bogo {

/// The last traffic secrets, as the key log tells them.
struct TrafficSecrets final : KeyLog {
  Buffer client;
  Buffer server;
  void log(std::string_view label, Bytes client_random, Bytes secret) override;
};

/// A certificate or a pre-shared key; neither where the runner gave no key.
struct Proof {
  SharedCredential certificate;
  PreSharedKey::Shared psk;
};

struct Settings {
  /// As the runner numbers them; the one without -new-...-credential is the last.
  std::vector<Proof> proofs;
  std::shared_ptr<Recorder> trace = std::make_shared<Recorder>();
  std::shared_ptr<const Chooser> chooser;
  std::shared_ptr<Verifier> verifier;
  std::shared_ptr<TrafficSecrets> secrets = std::make_shared<TrafficSecrets>();
  std::shared_ptr<const ClientConfig> client;  ///< one of the two
  std::shared_ptr<const ServerConfig> server;

  /// A new connection with them.
  Connection connect(const Flags& flags) const;
};

/// Of the connection that `sessions` has begun. `flags` outlive what comes of them. Throws Unimplemented for versions,
/// suites, groups, schemes and keys that are not there, and Failure for a configuration that is refused.
Settings make_settings(const Flags& flags, const Sessions& sessions);

}  // namespace handfast::bogo
