// Leaves that were minted, kept for the next connection to the same origin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <handfast/config.h>

#include "authority/leaf.h"
#include "authority/mint_budget.h"

namespace handfast::authority {

struct LeafCacheOptions {
  std::size_t capacity = 1000;  ///< leaves; the one that was used longest ago goes first
  MintLimits mint;
  /// What clients are answered with, but for its credentials, whose place the leaf takes, and its `sessions.context`:
  /// each leaf has its own, so that no session outlives the verdict that it was made under. Its clock and random
  /// generator are the cache's too.
  ServerOptions server;
};

/// Thread-safe. Whoever asks for a leaf that is being minted waits for it (some 300 us) and gets the same one.
class LeafCache {
 public:
  static Result<std::unique_ptr<LeafCache>> make(LocalAuthority::Shared authority, LeafCacheOptions options);

  /// A config with a leaf for `origin`, which was asked for as `asked`, shown as `showing`: a leaf that is there
  /// already, if the same certificate and verdict went into it and it does not expire soon, else a new one. `client` is
  /// who pays for it (MintLimits). Fails with internal_error, rejected_by_config, evidence `problem`, past these
  /// limits, and as `mint_leaf` and ServerConfig::make do.
  Result<std::shared_ptr<const ServerConfig>> get(const x509::CertificateView& origin, const x509::ServerName& asked,
                                                  Showing showing, std::string_view client);

  std::size_t size() const;
  const LocalAuthority& authority() const noexcept { return *authority_; }

 private:
  struct Slot {
    std::mutex minting;  ///< held by whoever mints it
    std::shared_ptr<const ServerConfig> config;
    std::int64_t usable_until = 0;
  };
  using Entry = std::pair<std::string, std::shared_ptr<Slot>>;

  LeafCache(LocalAuthority::Shared authority, UntrustedAuthority untrusted, LeafCacheOptions options);
  std::shared_ptr<Slot> find(std::string_view key);
  std::shared_ptr<Slot> insert(std::string key);
  Result<void> fill(Slot& slot, const LeafPlan& plan, std::string_view key, std::int64_t now) const;

  LocalAuthority::Shared authority_;
  UntrustedAuthority untrusted_;
  LeafCacheOptions options_;
  MintBudget budget_;
  mutable std::mutex mutex_;
  std::list<Entry> recent_;  ///< the latest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> entries_;
};

}  // namespace handfast::authority
