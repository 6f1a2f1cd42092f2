#include "proxy/pinning.h"

#include <algorithm>

#include <boost/asio/error.hpp>

namespace handfast::proxy {
namespace {

/// A flight with a certificate of P-256 has more; a refusal of what the ClientHello offers is an alert of 7 bytes.
constexpr std::uint64_t least_with_certificate = 300;

}  // namespace

bool refuses_certificate(const NetError& handshake, std::uint64_t sent) noexcept {
  const Error* tls = handshake.tls();
  if (tls != nullptr && tls->reason() == Reason::alert_received) {
    const Alert alert = tls->alert();
    return alert == Alert::bad_certificate || alert == Alert::certificate_unknown || alert == Alert::unknown_ca;
  }
  if (sent < least_with_certificate) return false;
  if (tls != nullptr) return tls->reason() == Reason::truncated || tls->reason() == Reason::closed;
  // One that took its time has not refused anything.
  return handshake.transport() == boost::asio::error::connection_reset ||
         handshake.transport() == boost::asio::error::broken_pipe || handshake.transport() == boost::asio::error::eof;
}

template <typename Value>
Value* PinnedHosts::Recent<Value>::find(const Key& key) {
  const auto found = places.find(key);
  return found == places.end() ? nullptr : &found->second->second;
}

template <typename Value>
Value& PinnedHosts::Recent<Value>::put(Key key, Value value, std::size_t capacity) {
  erase(key);
  if (list.size() >= std::max<std::size_t>(capacity, 1)) {
    places.erase(list.back().first);
    list.pop_back();
  }
  list.emplace_front(std::move(key), std::move(value));
  places.emplace(list.front().first, list.begin());
  return list.front().second;
}

template <typename Value>
void PinnedHosts::Recent<Value>::erase(const Key& key) {
  const auto found = places.find(key);
  if (found == places.end()) return;
  const auto place = found->second;
  places.erase(found);
  list.erase(place);
}

bool PinnedHosts::refused(std::string_view client, std::string_view host, std::int64_t now) {
  if (options_.refusals == 0) return false;
  Key key(client, host);
  const std::lock_guard lock(mutex_);
  const Refusals* before = refusals_.find(key);
  const bool counts = before != nullptr && now - before->since <= options_.window.count();
  const Refusals refusals{counts ? before->count + 1 : 1, counts ? before->since : now};
  if (refusals.count < options_.refusals) {
    refusals_.put(std::move(key), refusals, options_.capacity);
    return false;
  }
  refusals_.erase(key);
  const Span* old = passes_.find(key);
  const bool is_new = old == nullptr || now > old->until;
  passes_.put(std::move(key), {now, now + options_.lifetime.count()}, options_.capacity);
  return is_new;
}

void PinnedHosts::accepted(std::string_view client, std::string_view host) {
  const Key key(client, host);
  const std::lock_guard lock(mutex_);
  refusals_.erase(key);
}

bool PinnedHosts::lets_pass(std::string_view client, std::string_view host, std::int64_t now) {
  const Key key(client, host);
  const std::lock_guard lock(mutex_);
  const Span* pass = passes_.find(key);
  if (pass == nullptr) return false;
  if (now <= pass->until) return true;
  passes_.erase(key);
  return false;
}

std::vector<PinnedHosts::Pass> PinnedHosts::passes(std::int64_t now) const {
  std::vector<Pass> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, pass] : passes_.list)
    if (now <= pass.until) out.push_back({key.first, key.second, pass.since, pass.until});
  return out;
}

}  // namespace handfast::proxy
