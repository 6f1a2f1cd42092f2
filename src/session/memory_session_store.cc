// Sessions of a server in memory: shards, in each of them a list from the last used to the one used longest ago, and an
// index into it.
#include <handfast/session.h>

#include <algorithm>
#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/secret.h"
#include "session/keyed_hash.h"

namespace handfast {
namespace {

struct Entry {
  Entry(std::uint64_t hash, Bytes id, Bytes session, std::int64_t expires)
      : hash(hash), id(id.begin(), id.end()), session(session.begin(), session.end()), expires(expires) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { base::wipe(session.data(), session.size()); }

  std::uint64_t hash;
  Buffer id;
  Buffer session;
  std::int64_t expires;
};

/// Of an entry: its ID, and what that hashes to.
struct Key {
  std::uint64_t hash;
  Bytes id;
};
struct HashOfKey {
  std::size_t operator()(const Key& key) const noexcept { return key.hash; }
};
struct EqualKeys {
  bool operator()(const Key& a, const Key& b) const noexcept {
    return a.hash == b.hash && std::ranges::equal(a.id, b.id);
  }
};

using Entries = std::list<Entry>;
using Index = std::unordered_map<Key, Entries::iterator, HashOfKey, EqualKeys>;

/// Beside ID and session: the nodes of list and index with their links, a bucket, and what malloc keeps of four pieces.
constexpr std::size_t held_by = sizeof(Entry) + sizeof(Index::value_type) + 5 * sizeof(void*) + 4 * 16;

std::size_t cost(std::size_t id, std::size_t session) noexcept { return held_by + id + session; }
std::size_t cost(const Entry& entry) noexcept { return cost(entry.id.size(), entry.session.size()); }

}  // namespace

/// What leaves it goes to `gone`, which the caller lets go of without the lock: wiping and freeing hold up nobody.
struct MemorySessionStore::Shard {
  mutable std::mutex mutex;
  Entries entries;  ///< the last used first
  Index index;
  std::size_t bytes = 0;

  void remove(Index::iterator found, Entries& gone) noexcept {
    const Entries::iterator entry = found->second;
    bytes -= cost(*entry);
    index.erase(found);
    gone.splice(gone.begin(), entries, entry);
  }
  void remove_oldest(Entries& gone) noexcept {
    const Entry& oldest = entries.back();
    remove(index.find(Key{oldest.hash, oldest.id}), gone);
  }
};

struct MemorySessionStore::State {
  explicit State(std::size_t shards) : hash(system_random()), shards(shards) {}
  session::KeyedHash hash;
  std::size_t entries_per_shard = 0;
  std::size_t bytes_per_shard = 0;
  std::vector<Shard> shards;

  // The index takes the low bits.
  Shard& shard_of(std::uint64_t hashed) noexcept { return shards[(hashed >> 32) % shards.size()]; }
};

MemorySessionStore::MemorySessionStore(Options options)
    // No more shards than entries: each holds one at least, and all of them no more than was asked for.
    : state_(std::make_unique<State>(std::max<std::size_t>(1, std::min(options.shards, options.entries)))) {
  state_->entries_per_shard = options.entries / state_->shards.size();
  state_->bytes_per_shard = options.bytes / state_->shards.size();
}

MemorySessionStore::~MemorySessionStore() = default;

std::optional<Buffer> MemorySessionStore::find_now(Bytes id, SessionUse use, std::int64_t now) noexcept {
  const std::uint64_t hash = state_->hash(id);
  Shard& shard = state_->shard_of(hash);
  Entries gone;
  std::lock_guard lock(shard.mutex);
  const Index::iterator found = shard.index.find(Key{hash, id});
  if (found == shard.index.end()) return std::nullopt;
  Entry& entry = *found->second;
  if (now >= entry.expires) {
    shard.remove(found, gone);
    return std::nullopt;
  }
  if (use == SessionUse::take) {
    shard.remove(found, gone);
    return std::move(entry.session);
  }
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  try {
    return entry.session;
  } catch (...) {  // no memory for a copy
    return std::nullopt;
  }
}

void MemorySessionStore::find(Buffer id, SessionUse use, std::function<void(std::optional<Buffer>)> done) {
  done(find_now(id, use, system_clock().now()));
}

void MemorySessionStore::put(Bytes id, Bytes session, std::int64_t expires) noexcept {
  const std::uint64_t hash = state_->hash(id);
  Shard& shard = state_->shard_of(hash);
  Entries gone;
  Entries made;
  try {
    made.emplace_back(hash, id, session, expires);
  } catch (...) {  // no memory: what was there under that ID is outdated all the same
    erase(id);
    return;
  }
  const Key key{hash, made.front().id};
  const std::size_t size = cost(made.front());
  std::lock_guard lock(shard.mutex);
  if (const Index::iterator found = shard.index.find(key); found != shard.index.end()) shard.remove(found, gone);
  if (state_->entries_per_shard == 0 || size > state_->bytes_per_shard) return;
  while (shard.entries.size() >= state_->entries_per_shard || shard.bytes > state_->bytes_per_shard - size)
    shard.remove_oldest(gone);
  try {
    shard.index.emplace(key, made.begin());
  } catch (...) {
    return;
  }
  shard.entries.splice(shard.entries.begin(), made);
  shard.bytes += size;
}

void MemorySessionStore::erase(Bytes id) noexcept {
  const std::uint64_t hash = state_->hash(id);
  Shard& shard = state_->shard_of(hash);
  Entries gone;
  std::lock_guard lock(shard.mutex);
  if (const Index::iterator found = shard.index.find(Key{hash, id}); found != shard.index.end())
    shard.remove(found, gone);
}

std::size_t MemorySessionStore::size() const noexcept {
  std::size_t sum = 0;
  for (const Shard& shard : state_->shards) {
    std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

std::size_t MemorySessionStore::bytes() const noexcept {
  std::size_t sum = 0;
  for (const Shard& shard : state_->shards) {
    std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

}  // namespace handfast
