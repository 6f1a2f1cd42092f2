#include "proxy/pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace handfast::proxy {
namespace {

constexpr std::chrono::milliseconds sweep_interval{1'000};

}  // namespace

Pool::Pool(boost::asio::io_context& loop, Options options) : loop_(loop), options_(options) {}

std::optional<Leg> Pool::take(const PoolKey& key) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return std::nullopt;
  std::optional<Leg> taken;
  while (!taken && !found->second.empty()) {
    Waiting& last = found->second.back();
    if (last.until > Clock::now() && last.leg.quiet()) taken = std::move(last.leg).take();
    found->second.pop_back();
    --size_;
  }
  if (found->second.empty()) waiting_.erase(found);
  return taken;
}

void Pool::put(PoolKey key, RestingLeg leg, std::chrono::milliseconds patience) {
  patience = std::min(patience, options_.idle_timeout);
  if (size_ >= options_.connections || patience.count() <= 0) return;
  std::vector<Waiting>& of_key = waiting_[std::move(key)];
  if (of_key.size() >= options_.per_key) return;
  of_key.push_back({std::move(leg), Clock::now() + patience});
  ++size_;
  if (!timer_) sweep_later();
}

template <typename Predicate>
void Pool::forget_if(Predicate is_forgotten) {
  std::erase_if(waiting_, [&](const auto& of_key) {
    if (!is_forgotten(of_key.first)) return false;
    size_ -= of_key.second.size();
    return true;
  });
}

void Pool::forget(std::string_view scope) {
  forget_if([scope](const PoolKey& key) { return key.scope == scope; });
}

void Pool::forget(std::uint64_t owner) {
  forget_if([owner](const PoolKey& key) { return key.owner == owner; });
}

void Pool::clear() {
  timer_.reset();
  waiting_.clear();
  size_ = 0;
}

void Pool::sweep() {
  const Clock::time_point now = Clock::now();
  for (auto of_key = waiting_.begin(); of_key != waiting_.end();) {
    size_ -=
        std::erase_if(of_key->second, [&](Waiting& waiting) { return waiting.until <= now || !waiting.leg.quiet(); });
    of_key = of_key->second.empty() ? waiting_.erase(of_key) : std::next(of_key);
  }
  if (size_ > 0)
    sweep_later();
  else
    timer_.reset();
}

void Pool::sweep_later() {
  if (!timer_) timer_ = std::make_unique<boost::asio::steady_timer>(loop_);
  timer_->expires_after(sweep_interval);
  timer_->async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) sweep();
  });
}

}  // namespace handfast::proxy
