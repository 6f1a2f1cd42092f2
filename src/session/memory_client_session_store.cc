// A client's sessions in memory: servers from the last used to the one used longest ago, and at each its sessions, the
// newest first.
#include <handfast/session.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/copy.h"
#include "session/client_session.h"
#include "session/keyed_hash.h"

namespace handfast {
namespace {

struct Server {
  ClientSessionKey key;
  std::vector<SavedSession> sessions;  ///< the newest first; few, so that moving them costs nothing
};
using Servers = std::list<Server>;

/// Names may be chosen by whoever makes a proxy connect: hence the key.
struct HashOfKey {
  session::KeyedHash hash;
  std::size_t operator()(const ClientSessionKey* key) const noexcept {
    std::array<std::uint8_t, 8 + 2 + 32> fixed;
    MutableBytes rest = fixed;
    const std::uint64_t name = hash(as_bytes(key->server_name));
    for (std::size_t i = 0; i < 8; ++i) rest[i] = static_cast<std::uint8_t>(name >> (8 * i));
    rest[8] = static_cast<std::uint8_t>(key->port);
    rest[9] = static_cast<std::uint8_t>(key->port >> 8);
    base::copy(key->policy, rest.subspan(10));
    return hash(fixed);
  }
};
struct EqualKeys {
  bool operator()(const ClientSessionKey* a, const ClientSessionKey* b) const noexcept { return *a == *b; }
};
using Index = std::unordered_map<const ClientSessionKey*, Servers::iterator, HashOfKey, EqualKeys>;

bool is_single_use(const SavedSession& session) noexcept { return session.single_use(); }

/// Puts it first. Of TLS 1.2 it takes the place of the one before; of TLS 1.3 the oldest go.
void insert(std::vector<SavedSession>& sessions, SavedSession session, std::size_t per_server) {
  if (session.single_use()) {
    if (per_server == 0) return;
    sessions.insert(sessions.begin(), std::move(session));
    if (static_cast<std::size_t>(std::ranges::count_if(sessions, is_single_use)) > per_server)
      sessions.erase(std::ranges::find_if(sessions.rbegin(), sessions.rend(), is_single_use).base() - 1);
  } else {
    std::erase_if(sessions, std::not_fn(is_single_use));
    sessions.insert(sessions.begin(), std::move(session));
  }
}

/// What keeping it takes, but for constants.
std::size_t size_of(const SavedSession& saved) noexcept {
  const session::ClientSession& content = saved.content();
  const session::PeerRecord& peer = content.session.peer;
  std::size_t size = content.ticket.size() + peer.ocsp_response.size() + peer.signed_certificate_timestamps.size();
  for (const Buffer& certificate : peer.certificates) size += certificate.size();
  return size;
}

}  // namespace

/// What leaves it goes to `gone`, which the caller lets go of without the lock.
struct MemoryClientSessionStore::State {
  explicit State(Options options) : options(options), index(0, HashOfKey{session::KeyedHash(system_random())}) {}

  const Options options;
  mutable std::mutex mutex;
  Servers servers;  ///< the last used first; none is without a session
  Index index;

  void remove(Servers::iterator server, Servers& gone) noexcept {
    index.erase(&server->key);
    gone.splice(gone.begin(), servers, server);
  }
  void put(const ClientSessionKey& key, SavedSession session, Servers& gone);
};

void MemoryClientSessionStore::State::put(const ClientSessionKey& key, SavedSession session, Servers& gone) {
  if (options.servers == 0 || (options.per_server == 0 && session.single_use())) return;
  if (const Index::iterator found = index.find(&key); found != index.end()) {
    servers.splice(servers.begin(), servers, found->second);
    insert(servers.front().sessions, std::move(session), options.per_server);
    return;
  }
  Servers made;
  made.emplace_back().key = key;
  insert(made.front().sessions, std::move(session), options.per_server);
  while (servers.size() >= options.servers) remove(std::prev(servers.end()), gone);
  index.emplace(&made.front().key, made.begin());
  servers.splice(servers.begin(), made);
}

MemoryClientSessionStore::MemoryClientSessionStore(Options options) : state_(std::make_unique<State>(options)) {}
MemoryClientSessionStore::~MemoryClientSessionStore() = default;

std::optional<SavedSession> MemoryClientSessionStore::find(const ClientSessionKey& key) noexcept {
  Servers gone;
  std::lock_guard lock(state_->mutex);
  const Index::iterator found = state_->index.find(&key);
  if (found == state_->index.end()) return std::nullopt;
  const Servers::iterator server = found->second;
  state_->servers.splice(state_->servers.begin(), state_->servers, server);
  SavedSession session = server->sessions.front();
  if (session.single_use()) server->sessions.erase(server->sessions.begin());
  if (server->sessions.empty()) state_->remove(server, gone);
  return session;
}

void MemoryClientSessionStore::put(const ClientSessionKey& key, SavedSession session) noexcept {
  if (size_of(session) > state_->options.session_bytes) return;
  Servers gone;
  std::lock_guard lock(state_->mutex);
  try {
    state_->put(key, std::move(session), gone);
  } catch (...) {
    return;  // no memory: it is not kept
  }
}

void MemoryClientSessionStore::erase(const ClientSessionKey& key, const SavedSession& session) noexcept {
  Servers gone;
  std::lock_guard lock(state_->mutex);
  const Index::iterator found = state_->index.find(&key);
  if (found == state_->index.end()) return;
  const Servers::iterator server = found->second;
  std::erase_if(server->sessions, [&](const SavedSession& kept) { return &kept.content() == &session.content(); });
  if (server->sessions.empty()) state_->remove(server, gone);
}

std::size_t MemoryClientSessionStore::size() const noexcept {
  std::lock_guard lock(state_->mutex);
  std::size_t sum = 0;
  for (const Server& server : state_->servers) sum += server.sessions.size();
  return sum;
}

}  // namespace handfast
