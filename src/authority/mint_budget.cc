#include "authority/mint_budget.h"

#include <algorithm>

namespace handfast::authority {

void MintBudget::refill(Bucket& bucket, const MintRate& rate, std::uint64_t now) noexcept {
  if (now <= bucket.at) return;
  bucket.left = std::min(rate.burst, bucket.left + rate.per_second * static_cast<double>(now - bucket.at) / 1e9);
  bucket.at = now;
}

MintBudget::Bucket& MintBudget::bucket_of(std::string_view client, std::uint64_t now) {
  if (const auto found = clients_.find(client); found != clients_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->second;
  }
  if (recent_.size() >= std::max<std::size_t>(limits_.clients, 1)) {
    clients_.erase(recent_.back().first);
    recent_.pop_back();
  }
  recent_.emplace_front(std::string(client), Bucket{limits_.each.burst, now});
  clients_.emplace(recent_.front().first, recent_.begin());
  return recent_.front().second;
}

bool MintBudget::take(std::string_view client, std::uint64_t now) {
  const std::lock_guard lock(mutex_);
  Bucket& own = bucket_of(client, now);
  refill(own, limits_.each, now);
  refill(all_, limits_.all, now);
  if (own.left < 1 || all_.left < 1) return false;
  own.left -= 1;
  all_.left -= 1;
  return true;
}

}  // namespace handfast::authority
