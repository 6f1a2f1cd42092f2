#include "authority/leaf_cache.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"

namespace handfast::authority {
namespace {

/// All that goes into a leaf, and nothing that a client could vary at will.
std::string key_of(const x509::CertificateView& origin, const LeafPlan& plan) {
  const crypto::Digest fingerprint = crypto::Hash::of(crypto::HashAlgorithm::sha256, origin.der);
  std::string key(as_text(fingerprint.view()));
  key.append(name(plan.showing)).append(" ").append(plan.added_name);
  return key;
}

/// A leaf that is valid now is given up a while before it ends: a connection may take some time. One that is not valid
/// is shown for what it is, now and later.
std::int64_t usable_until(const LeafPlan& plan, std::int64_t now) {
  const std::int64_t left = plan.options.not_after - now;
  if (plan.showing != Showing::trusted || left < 0) return now + 86400;
  return plan.options.not_after - std::min<std::int64_t>(left / 10 + 1, 3600);
}

Error too_many() {
  return Error(Alert::internal_error, Reason::rejected_by_config)
      .with("problem", "too many certificates were asked for at once");
}

}  // namespace

LeafCache::LeafCache(LocalAuthority::Shared authority, UntrustedAuthority untrusted, LeafCacheOptions options)
    : authority_(std::move(authority)),
      untrusted_(std::move(untrusted)),
      options_(std::move(options)),
      budget_(options_.mint) {}

Result<std::unique_ptr<LeafCache>> LeafCache::make(LocalAuthority::Shared authority, LeafCacheOptions options) {
  if (!options.server.clock) options.server.clock = {std::shared_ptr<void>(), &system_clock()};
  if (!options.server.random) options.server.random = {std::shared_ptr<void>(), &system_random()};
  options.server.credential_chooser = nullptr;
  Result<UntrustedAuthority> untrusted = UntrustedAuthority::make(options.server.clock->now(), *options.server.random);
  if (!untrusted) return fail(std::move(untrusted.error()));
  return std::unique_ptr<LeafCache>(new LeafCache(std::move(authority), std::move(*untrusted), std::move(options)));
}

std::shared_ptr<LeafCache::Slot> LeafCache::find(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->second;
}

std::shared_ptr<LeafCache::Slot> LeafCache::insert(std::string key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) return found->second->second;
  if (recent_.size() >= std::max<std::size_t>(options_.capacity, 1)) {
    entries_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(std::move(key), std::make_shared<Slot>());
  entries_.emplace(recent_.front().first, recent_.begin());
  return recent_.front().second;
}

Result<void> LeafCache::fill(Slot& slot, const LeafPlan& plan, std::string_view key, std::int64_t now) const {
  Result<std::shared_ptr<const Credential>> leaf = mint_leaf(plan, *authority_, untrusted_, *options_.server.random);
  if (!leaf) return fail(std::move(leaf.error()));
  ServerOptions server = options_.server;
  server.credentials = {*std::move(leaf)};
  server.sessions.context += key;
  Result<std::shared_ptr<const ServerConfig>> config = ServerConfig::make(std::move(server));
  if (!config) return fail(std::move(config.error()));
  slot.config = *std::move(config);
  slot.usable_until = usable_until(plan, now);
  return {};
}

Result<std::shared_ptr<const ServerConfig>> LeafCache::get(const x509::CertificateView& origin,
                                                           const x509::ServerName& asked, Showing showing,
                                                           std::string_view client) {
  const std::int64_t now = options_.server.clock->now();
  const LeafPlan plan = plan_leaf(origin, asked, showing, *authority_->certificate(), now);
  const std::string key = key_of(origin, plan);
  // Who may not have a new one displaces none of those that are there.
  std::shared_ptr<Slot> slot = find(key);
  const bool is_paid = !slot;
  if (!slot && !budget_.take(client, options_.server.clock->monotonic())) return fail(too_many());
  if (!slot) slot = insert(key);
  const std::lock_guard minting(slot->minting);
  if (slot->config && now < slot->usable_until) return slot->config;
  if (!is_paid && !budget_.take(client, options_.server.clock->monotonic())) return fail(too_many());
  if (Result<void> filled = fill(*slot, plan, key, now); !filled) return fail(std::move(filled.error()));
  return slot->config;
}

std::size_t LeafCache::size() const {
  const std::lock_guard lock(mutex_);
  return recent_.size();
}

}  // namespace handfast::authority
