// Which flights of early data were seen (RFC 8446, section 8.2).
//
// A flight says when it arrives: A. It is fresh while |now - A| <= freshness, so once A + freshness has passed it need
// not be remembered: nobody can have it taken any more. The time of a machine may go back, though, and make fresh again
// what was forgotten. Hence each shard knows the latest A + freshness that it has forgotten; a flight that is not past
// it is unsure. So `first` is said of no flight twice, whatever the clock does; and it is not said of one that was
// refused before, since it came ahead of its time or there was no room: its client may have sent it again by now.
//
// Memory: 24 bytes a flight, whose pages are touched as flights come, and from the start 4 to 8 for its bucket.
#include <handfast/session.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <mutex>
#include <utility>

#include "session/keyed_hash.h"

namespace handfast {
namespace {

constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

/// |a - b|, which may be more than a signed number holds.
std::uint64_t distance(std::int64_t a, std::int64_t b) noexcept {
  const auto first = static_cast<std::uint64_t>(a), second = static_cast<std::uint64_t>(b);
  return a > b ? first - second : second - first;
}

/// `time` and `span` later, or the end of time. `span` is not negative.
std::int64_t after(std::int64_t time, std::int64_t span) noexcept {
  return time > forever - span ? forever : time + span;
}

/// A hash table of chains, in room that is set aside at the start.
///
/// A flight is known by 64 bits of its hash under a key that nobody knows. Two that share them (among 2^18 there are
/// two once in five hundred million times) cost the second its early data and nothing else.
class Shard {
 public:
  void reserve(std::size_t flights, std::uint64_t pause) {
    capacity_ = flights;
    pause_ = pause;
    seen_.reserve(flights);
    buckets_.assign(std::bit_ceil(std::max<std::size_t>(1, flights)), none);
  }

  /// Remembers it until `until` has passed, whatever it says of it.
  StrikeRegister::Verdict strike(std::uint64_t hash, std::int64_t until, std::int64_t now) noexcept {
    using enum StrikeRegister::Verdict;
    std::lock_guard lock(mutex_);
    if (find(hash, now)) return replayed;
    const bool may_be_forgotten = until <= forgotten_ || (ahead_from_ <= until && until <= ahead_to_);
    if (size_ == capacity_) sweep(now);
    if (size_ == capacity_) {
      pass_over(until);
      return unsure;
    }
    insert(hash, until);
    return may_be_forgotten ? unsure : first;
  }

  /// The same for one that comes before its time, and will be fresh some day. Such may wait for long: they get half of
  /// the room.
  void strike_ahead(std::uint64_t hash, std::int64_t until, std::int64_t now) noexcept {
    std::lock_guard lock(mutex_);
    if (find(hash, now)) return;
    if (size_ >= capacity_ / 2) sweep(now);
    if (size_ < capacity_ / 2) {
      insert(hash, until);
    } else {
      ahead_from_ = std::min(ahead_from_, until);
      ahead_to_ = std::max(ahead_to_, until);
    }
  }

  /// And of one that comes too late, which will be fresh again where the clock goes back.
  void strike_behind(std::int64_t until) noexcept {
    std::lock_guard lock(mutex_);
    pass_over(until);
  }

  std::size_t size() const noexcept {
    std::lock_guard lock(mutex_);
    return size_;
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  struct Seen {
    std::uint64_t hash;
    std::int64_t until;
    std::uint32_t next;  ///< of its chain, or of those that are free
  };

  std::uint32_t& bucket(std::uint64_t hash) noexcept { return buckets_[hash & (buckets_.size() - 1)]; }

  /// There is no room to remember it: whatever is fresh no longer than that one is unsure from now on.
  void pass_over(std::int64_t until) noexcept { forgotten_ = std::max(forgotten_, until); }

  /// Looks through its chain, and forgets on the way what is past.
  bool find(std::uint64_t hash, std::int64_t now) noexcept {
    for (std::uint32_t* link = &bucket(hash); *link != none;) {
      if (seen_[*link].hash == hash) return true;
      if (seen_[*link].until < now)
        forget(*link);
      else
        link = &seen_[*link].next;
    }
    return false;
  }

  /// `link` leads to it, and afterwards to the one behind it.
  void forget(std::uint32_t& link) noexcept {
    const std::uint32_t at = link;
    pass_over(seen_[at].until);
    link = seen_[at].next;
    seen_[at].next = free_;
    free_ = at;
    --size_;
  }

  void insert(std::uint64_t hash, std::int64_t until) noexcept {
    std::uint32_t& head = bucket(hash);
    std::uint32_t at = free_;
    if (at == none) {
      at = static_cast<std::uint32_t>(seen_.size());
      seen_.emplace_back();  // there is room
    } else {
      free_ = seen_[at].next;
    }
    seen_[at] = {hash, until, head};
    head = at;
    ++size_;
  }

  /// Forgets all that is past. It looks at everything, so not before something is, and in a flood not for each flight.
  void sweep(std::int64_t now) noexcept {
    if (now <= earliest_ || distance(now, swept_) < pause_) return;
    swept_ = now;
    earliest_ = forever;
    for (std::uint32_t& head : buckets_)
      for (std::uint32_t* link = &head; *link != none;)
        if (seen_[*link].until < now) {
          forget(*link);
        } else {
          earliest_ = std::min(earliest_, seen_[*link].until);
          link = &seen_[*link].next;
        }
  }

  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_ = none;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::int64_t forgotten_ = never;  ///< the latest `until` of what was forgotten, or passed over
  /// Of those ahead of their time that were passed over: from the earliest `until` to the latest.
  std::int64_t ahead_from_ = forever;
  std::int64_t ahead_to_ = never;
  std::int64_t earliest_ = never;  ///< the earliest `until` that the last sweep left
  std::int64_t swept_ = never;
  std::uint64_t pause_ = 0;  ///< between two sweeps
};

}  // namespace

struct StrikeRegister::State {
  State(std::size_t shards, std::int64_t freshness, std::int64_t began)
      : hash(system_random()), freshness(freshness), began(began), shards(shards) {}

  /// Whether a register before this one may have taken it: such a flight arrived before `began` + freshness, and is
  /// fresh no longer than that much again.
  bool may_be_older(std::int64_t issued, std::int64_t now) const noexcept {
    return issued < began && (now < began || distance(now, began) < 2 * static_cast<std::uint64_t>(freshness));
  }
  // Its buckets take the low bits.
  Shard& shard_of(std::uint64_t hashed) noexcept { return shards[(hashed >> 32) % shards.size()]; }

  const session::KeyedHash hash;
  const std::int64_t freshness;
  const std::int64_t began;
  std::vector<Shard> shards;
};

StrikeRegister::StrikeRegister(Options options, std::int64_t began) {
  // Shards of some size: flights fall upon them by chance, and one that is full is full for all that fall there.
  const std::size_t shards = options.flights < 4096 ? 1 : 16;
  constexpr std::size_t most = std::size_t{1} << 31;  // a chain's links have 32 bits
  const std::int64_t freshness = std::max<std::int64_t>(0, options.freshness);
  state_ = std::make_unique<State>(shards, freshness, began);
  for (Shard& shard : state_->shards)
    shard.reserve(std::min(options.flights / shards, most), static_cast<std::uint64_t>(freshness / 64));
}

StrikeRegister::~StrikeRegister() = default;

StrikeRegister::Verdict StrikeRegister::strike(Bytes flight, std::int64_t issued, std::int64_t arrives,
                                               std::int64_t now) noexcept {
  State& state = *state_;
  const std::uint64_t hash = state.hash(flight);
  if (distance(now, arrives) > static_cast<std::uint64_t>(state.freshness)) {
    const std::int64_t until = after(arrives, state.freshness);
    if (arrives > now)
      state.shard_of(hash).strike_ahead(hash, until, now);
    else
      state.shard_of(hash).strike_behind(until);
    return Verdict::stale;
  }
  // Whatever is said of it now, it is not to be taken later: a client whose early data was refused sends it once more,
  // as application data, and a replay of the flight would do it a second time.
  const Verdict verdict = state.shard_of(hash).strike(hash, after(arrives, state.freshness), now);
  return verdict == Verdict::first && state.may_be_older(issued, now) ? Verdict::unsure : verdict;
}

std::int64_t StrikeRegister::freshness() const noexcept { return state_->freshness; }

std::size_t StrikeRegister::size() const noexcept {
  std::size_t sum = 0;
  for (const Shard& shard : state_->shards) sum += shard.size();
  return sum;
}

}  // namespace handfast
