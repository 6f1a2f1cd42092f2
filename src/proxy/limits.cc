// Admission: a count for the process, and one for each address, in shards with a lock of their own.
#include "proxy/limits.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "net/address_block.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::address;

struct Shard {
  std::mutex mutex;
  std::unordered_map<address, std::size_t> counts;
};

}  // namespace

address counted_as(const address& of) {
  const address plain = net::unmapped(of);
  if (!plain.is_v6()) return plain;
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6(bytes);
}

std::optional<std::chrono::milliseconds> parse_seconds(double seconds) noexcept {
  constexpr double least = 0.001;
  constexpr double most = 30.0 * 24 * 3600;
  if (seconds == 0) return std::chrono::milliseconds(0);
  if (!(seconds >= least && seconds <= most)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

struct Admission::State {
  std::atomic<std::size_t> connections{0};
  std::array<Shard, 16> shards;
  Shard& shard(const address& of) { return shards[std::hash<address>()(of) % shards.size()]; }
};

Admission::Admission() : state_(std::make_unique<State>()) {}
Admission::~Admission() = default;

Admission::Place& Admission::Place::operator=(Place&& other) noexcept {
  std::swap(admission_, other.admission_);
  std::swap(address_, other.address_);
  return *this;
}

Admission::Place::~Place() {
  if (!admission_) return;
  --admission_->state_->connections;
  admission_->leave(address_);
}

Admission::Verdict Admission::Place::count_as(const address& whose, const Limits& limits) {
  const address counted = counted_as(whose);
  if (!admission_ || counted == address_) return Verdict::admitted;
  if (!admission_->enter(counted, limits)) return Verdict::too_many_of_address;
  admission_->leave(std::exchange(address_, counted));
  return Verdict::admitted;
}

Admission::Admitted Admission::admit(const std::shared_ptr<Admission>& admission, const address& peer,
                                     const Limits& limits) {
  State& state = *admission->state_;
  // First what may fail for want of memory.
  const address counted = counted_as(peer);
  if (!admission->enter(counted, limits)) return {Verdict::too_many_of_address, {}};
  Place place(admission, counted);
  if (state.connections.fetch_add(1) >= limits.connections && limits.connections != 0) return {Verdict::too_many, {}};
  return {Verdict::admitted, std::move(place)};
}

bool Admission::enter(const address& counted, const Limits& limits) {
  Shard& shard = state_->shard(counted);
  const std::lock_guard lock(shard.mutex);
  std::size_t& count = shard.counts[counted];
  if (count >= limits.per_address && limits.per_address != 0) return false;
  ++count;
  return true;
}

void Admission::leave(const address& counted) noexcept {
  Shard& shard = state_->shard(counted);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.counts.find(counted);
  if (found != shard.counts.end() && --found->second == 0) shard.counts.erase(found);
}

std::size_t Admission::connections() const noexcept { return state_->connections; }

std::string_view name(Admission::Verdict verdict) noexcept {
  switch (verdict) {
    case Admission::Verdict::admitted: return "admitted";
    case Admission::Verdict::too_many: return "too many connections";
    case Admission::Verdict::too_many_of_address: return "too many connections of this address";
  }
  return "";
}

}  // namespace handfast::proxy
