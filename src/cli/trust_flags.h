// The flags that say whom to trust.
#pragma once

#include <string>
#include <vector>

#include <handfast/error.h>
#include <handfast/trust.h>

namespace CLI {
class App;
}

namespace handfast::cli {

struct TrustFlags {
  std::vector<std::string> authorities = {};         ///< files and directories
  std::vector<std::string> scoped_authorities = {};  ///< "NAME[,NAME...]=FILE|DIR"
  std::vector<std::string> pins = {};                ///< files, directories, and keys as SpkiPin::parse takes them
  bool system = false;
};

/// Adds --ca, --ca-for, --system-ca and --pin to a subcommand; `flags` must outlive it.
void add_trust_flags(CLI::App& command, TrustFlags& flags);

/// Whom they say. Any one of the pins is enough: a pinned certificate is trusted as itself, beside the authorities,
/// whatever keys are pinned; of the authorities' paths each has to hold one of the pinned keys, if there are any. The
/// system's authorities are among them where they are asked for, and where no other authority is, unless
/// certificates alone are pinned. Fails as TrustAnchors' functions do, and with bad_config, its evidence `option` the
/// flag.
Result<TrustAnchors::Shared> trust_of(const TrustFlags& flags);

}  // namespace handfast::cli
