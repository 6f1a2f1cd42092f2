// The flags that say how a peer's certificates are verified.
#pragma once

#include <optional>
#include <string>

#include <handfast/error.h>
#include <handfast/verification.h>

namespace CLI {
class App;
}

namespace handfast::cli {

struct VerificationFlags {
  std::optional<std::string> profile;  ///< "compatible" if not said
  std::optional<std::string> revocation;
  std::string lists;          ///< a file or directory of CRLs; empty: none
  std::string prefix = "--";  ///< of their names
};

/// Adds --profile, --revocation and --crl to a subcommand that verifies servers; `flags` must outlive it.
void add_verification_flags(CLI::App& command, VerificationFlags& flags);
/// The same as --client-profile, --client-revocation and --client-crl, to one that verifies clients.
void add_client_verification_flags(CLI::App& command, VerificationFlags& flags);

/// Reads them; CRLs without a word on revocation are `prefer`. Fails with bad_config, its evidence `option` the flag,
/// where lists are given that the policy does not look at, and as RevocationLists::from_path does.
Result<VerificationOptions> verification_of(const VerificationFlags& flags, RevocationPolicy unless_said);

}  // namespace handfast::cli
