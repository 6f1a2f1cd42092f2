// The keys that seal tickets: made and rotated here, or handed in by somebody else.
#include <handfast/session.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <mutex>
#include <utility>

#include "base/copy.h"
#include "base/reader.h"
#include "base/secret.h"
#include "base/writer.h"
#include "session/errors.h"

namespace handfast {
namespace {

constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();

/// `time` and `span` later, or the end of time. `span` is not negative.
std::int64_t after(std::int64_t time, std::int64_t span) noexcept {
  return time > forever - span ? forever : time + span;
}

template <std::size_t size>
bool is_zero(const std::array<std::uint8_t, size>& bytes) noexcept {
  return bytes == std::array<std::uint8_t, size>{};
}

const TicketKey* issuing_of(const std::vector<TicketKey>& keys, std::int64_t now) noexcept {
  const TicketKey* found = nullptr;
  for (const TicketKey& key : keys)
    if (key.issues_from <= now && now < key.issues_until && now < key.opens_until &&
        (found == nullptr || found->issues_from < key.issues_from))
      found = &key;
  return found;
}

}  // namespace

TicketKey::~TicketKey() { base::wipe(secret.data(), secret.size()); }

const TicketKey* TicketKeyRing::issuing(std::int64_t now) const noexcept { return issuing_of(keys_, now); }

// A key opens before it issues, too: the clock of whoever shares it may be ahead of ours. Names are no secret.
const TicketKey* TicketKeyRing::opening(Bytes name, std::int64_t now) const noexcept {
  for (const TicketKey& key : keys_)
    if (now < key.opens_until && std::ranges::equal(key.name, name)) return &key;
  return nullptr;
}

// --- RotatingTicketKeys

struct RotatingTicketKeys::State {
  /// A ring, and from when until when nothing is due in it.
  struct Current {
    std::shared_ptr<const TicketKeyRing> ring;
    std::int64_t from = 0;
    std::int64_t until = 0;
    bool holds(std::int64_t now) const noexcept { return from <= now && now < until; }
  };

  Current read() noexcept {
    std::lock_guard lock(publishing);
    return current;
  }
  void rotate(std::int64_t now);
  void cover(std::vector<TicketKey>& keys, std::int64_t time);

  std::int64_t rotation = 0;
  std::int64_t ticket_lifetime = 0;
  std::shared_ptr<Random> random;
  std::mutex rotating;    ///< held while keys are made; who does not get it goes on with what there is
  std::mutex publishing;  ///< held while `current` is copied or swapped, and for nothing longer
  Current current;
};

/// Sees to it that some key issues at `time`. One that begins within a rotation of it begins sooner: so windows never
/// overlap, each is a rotation long or longer, and their number stays bounded however the clock jumps.
void RotatingTicketKeys::State::cover(std::vector<TicketKey>& keys, std::int64_t time) {
  if (issuing_of(keys, time) != nullptr) return;
  TicketKey* next = nullptr;
  for (TicketKey& key : keys)
    if (time < key.issues_from && key.issues_from <= after(time, rotation) && key.issues_from < key.issues_until &&
        (next == nullptr || key.issues_from < next->issues_from))
      next = &key;
  if (next != nullptr) {
    next->issues_from = time;
    return;
  }
  TicketKey key;
  key.issues_from = time;
  key.issues_until = after(time, rotation);
  key.opens_until = after(key.issues_until, ticket_lifetime);
  random->fill(key.name);
  random->fill(key.secret);
  // A generator that gives zeros is broken, and better than its tickets there are none.
  if (is_zero(key.name) || is_zero(key.secret)) return;
  keys.push_back(key);
}

void RotatingTicketKeys::State::rotate(std::int64_t now) {
  std::vector<TicketKey> keys;
  if (current.ring) {
    keys.reserve(current.ring->keys().size() + 2);
    // What issues so much later than `now` was made by a clock that was ahead; its tickets are from the future and of
    // no use. Twice the rotation, since a thread may ask for a `now` that is a little older than another's.
    for (const TicketKey& key : current.ring->keys())
      if (now < key.opens_until && key.issues_from <= after(after(now, rotation), rotation)) keys.push_back(key);
  }
  cover(keys, now);
  Current next;
  if (const TicketKey* issuing = issuing_of(keys, now)) {
    cover(keys, issuing->issues_until);
    issuing = issuing_of(keys, now);  // the vector may have moved
    next.from = issuing->issues_from;
    next.until = issuing->issues_until;
    for (const TicketKey& key : keys) next.until = std::min(next.until, key.opens_until);
  }
  next.ring = std::make_shared<const TicketKeyRing>(std::move(keys));
  // The old ring is wiped by whoever holds it last.
  std::lock_guard lock(publishing);
  std::swap(current, next);
}

RotatingTicketKeys::RotatingTicketKeys(Options options, std::shared_ptr<Random> random)
    : state_(std::make_unique<State>()) {
  // Far beyond any use, and sums of a few never pass 64 bits.
  constexpr std::int64_t longest = std::int64_t{1} << 40;
  // Each ticket that is opened looks for its key among all of them.
  constexpr std::int64_t most_keys = 256;
  state_->ticket_lifetime = std::clamp<std::int64_t>(options.ticket_lifetime, 0, longest);
  const std::int64_t shortest = std::max<std::int64_t>(1, state_->ticket_lifetime / most_keys);
  state_->rotation = std::clamp(options.rotation, shortest, longest);
  state_->random = random ? std::move(random) : std::shared_ptr<Random>(std::shared_ptr<void>(), &system_random());
}

RotatingTicketKeys::~RotatingTicketKeys() = default;

std::shared_ptr<const TicketKeyRing> RotatingTicketKeys::ring(std::int64_t now) noexcept {
  State& state = *state_;
  State::Current current = state.read();
  if (current.holds(now)) return std::move(current.ring);
  std::unique_lock lock(state.rotating, std::defer_lock);
  if (!current.ring)
    lock.lock();  // before the first ring there is nothing to go on with
  else if (!lock.try_lock())
    return std::move(current.ring);
  if (!state.read().holds(now)) {  // else another thread was faster
    try {
      state.rotate(now);
    } catch (...) {
      return std::move(current.ring);  // out of memory, or of randomness: what there was still opens its tickets
    }
  }
  return state.read().ring;
}

// --- SharedTicketKeys

struct SharedTicketKeys::State {
  std::mutex mutex;  ///< held while the pointer is copied or swapped
  std::shared_ptr<const TicketKeyRing> ring;
};

SharedTicketKeys::SharedTicketKeys() : state_(std::make_unique<State>()) {}
SharedTicketKeys::~SharedTicketKeys() = default;

Result<void> SharedTicketKeys::set(std::vector<TicketKey> keys) {
  std::vector<Bytes> names;
  names.reserve(keys.size());
  for (const TicketKey& key : keys) {
    if (is_zero(key.secret)) return session::bad_config("ticket_keys", "a secret is all zeros");
    if (is_zero(key.name)) return session::bad_config("ticket_keys", "a name is all zeros");
    if (key.issues_from > key.issues_until || key.issues_until > key.opens_until)
      return session::bad_config("ticket_keys", "the times of a key are out of order");
    names.emplace_back(key.name);
  }
  std::ranges::sort(names, [](Bytes a, Bytes b) { return std::ranges::lexicographical_compare(a, b); });
  if (std::ranges::adjacent_find(names, [](Bytes a, Bytes b) { return std::ranges::equal(a, b); }) != names.end())
    return session::bad_config("ticket_keys", "two keys have the same name");

  std::shared_ptr<const TicketKeyRing> ring = std::make_shared<const TicketKeyRing>(std::move(keys));
  std::lock_guard lock(state_->mutex);
  state_->ring.swap(ring);
  return {};
}

std::shared_ptr<const TicketKeyRing> SharedTicketKeys::ring(std::int64_t) noexcept {
  std::lock_guard lock(state_->mutex);
  return state_->ring;
}

// --- Keys in bytes
//
//   uint8 format = 1; { opaque name[16]; opaque secret[32]; int64 issues_from, issues_until, opens_until; } keys<..>

namespace {

constexpr std::uint8_t keys_format = 1;
constexpr std::size_t key_bytes = 16 + 32 + 3 * 8;

}  // namespace

Buffer export_keys(const TicketKeyRing& ring) {
  Buffer out;
  out.reserve(1 + key_bytes * ring.keys().size());  // a buffer that grows leaves secrets behind
  base::Writer w(out);
  w.u8(keys_format);
  for (const TicketKey& key : ring.keys()) {
    w.bytes(key.name);
    w.bytes(key.secret);
    w.u64(static_cast<std::uint64_t>(key.issues_from));
    w.u64(static_cast<std::uint64_t>(key.issues_until));
    w.u64(static_cast<std::uint64_t>(key.opens_until));
  }
  return out;
}

Result<void> SharedTicketKeys::set(Bytes exported) {
  base::Reader r(exported);
  if (r.u8() != keys_format) return session::malformed("ticket_keys", "format");
  if (r.size() % key_bytes != 0) return session::malformed("ticket_keys", "keys");
  std::vector<TicketKey> keys(r.size() / key_bytes);
  for (TicketKey& key : keys) {
    base::copy(r.take(key.name.size()), key.name);
    base::copy(r.take(key.secret.size()), key.secret);
    key.issues_from = static_cast<std::int64_t>(r.u64());
    key.issues_until = static_cast<std::int64_t>(r.u64());
    key.opens_until = static_cast<std::int64_t>(r.u64());
  }
  return set(std::move(keys));
}

}  // namespace handfast
