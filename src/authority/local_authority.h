// A certificate authority of one's own, kept in a folder: made at the first start, loaded afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/random.h>

#include "authority/mint.h"

namespace handfast::authority {

/// Where it is kept if nobody says otherwise: $XDG_DATA_HOME/handfast, else ~/.local/share/handfast. Fails with
/// bad_config, evidence `option` = "ca-dir", `problem`, `remedy`, where neither is known.
Result<std::filesystem::path> default_folder();

/// Two files, ca.crt and ca.key. The key is never shown, and an authority that is there is never overwritten: who has
/// been trusted once is trusted for years.
///
/// Whoever is told to trust it trusts whoever has its key. So it is refused where others could read the key (any right
/// of group or others), or put another one there (a folder that they may write to). Immutable, shared by all threads.
class LocalAuthority {
 public:
  using Shared = std::shared_ptr<const LocalAuthority>;

  /// Loads it, or makes it where neither file is there: P-256, valid from a day before `now` (clocks differ) for 10
  /// years, CA with pathLenConstraint 0, for keyCertSign and cRLSign, under a name that no other has. The folder is
  /// made with mode 0700, the key with 0600. Any number of processes may do this at once: all get the same one.
  ///
  /// `ca.crt` may hold another authority's certificate, and behind it those up to its root. `now`: seconds since 1970.
  /// Fails, with evidence `path` and `remedy`, with file_not_readable, bad_pem, bad_certificate, bad_private_key,
  /// key_does_not_match, not_a_ca, certificate_expired, certificate_not_yet_valid, and with bad_config, evidence
  /// `option` = "ca-dir", `problem`: one file without the other, rights as above, a folder that can't be made.
  static Result<Shared> open(const std::filesystem::path& folder, std::int64_t now, Random& random);

  Issuer issuer() const noexcept { return {identity_.certificate, identity_.key}; }
  const x509::Certificate& certificate() const noexcept { return identity_.certificate; }
  /// The certificates to be sent behind a leaf, DER: none where it is a root.
  const std::vector<Buffer>& chain() const noexcept { return chain_; }
  /// Its certificate alone, to be trusted, in PEM.
  std::string certificate_pem() const;
  /// Where that is.
  const std::filesystem::path& certificate_path() const noexcept { return path_; }
  /// Whether it was not there before.
  bool is_new() const noexcept { return is_new_; }

 private:
  LocalAuthority(Identity identity, std::vector<Buffer> chain, std::filesystem::path path) noexcept;
  static Result<std::shared_ptr<LocalAuthority>> load(const std::filesystem::path& folder, std::int64_t now);
  Identity identity_;
  std::vector<Buffer> chain_;
  std::filesystem::path path_;
  bool is_new_ = false;
};

}  // namespace handfast::authority
