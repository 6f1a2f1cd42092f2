#include "handshake/server_sessions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/copy.h"
#include "base/reader.h"
#include "base/writer.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "schedule/secrets.h"
#include "session/ticket.h"
#include "wire/new_session_ticket.h"

namespace handfast::handshake {
namespace {

/// How far the clocks of those who share ticket keys may be apart, in milliseconds.
constexpr std::int64_t clock_tolerance = 10'000;

session::Binding finish(crypto::Hash hash) {
  const crypto::Digest digest = std::move(hash).finish();
  session::Binding binding;
  base::copy(digest.view(), binding);
  return binding;
}

/// What the sessions of this connection are bound to: the policy, and the host name.
Bytes policy(ServerEngine& engine) { return engine.config().session_policy(); }
Bytes host_name(ServerEngine& engine) {
  return engine.options().sessions.across_names ? Bytes() : as_bytes(engine.info().server_name);
}
crypto::Hash bind(ServerEngine& engine) {
  crypto::Hash hash(crypto::HashAlgorithm::sha256);
  hash.update(policy(engine));
  hash.update(host_name(engine));
  return hash;
}
session::Binding ticket_binding(ServerEngine& engine) { return finish(bind(engine)); }

/// Of one that stands in a store outside, its ID too, which is of one length: whatever a store gives out, it is what
/// was asked for or of no use.
session::Binding stored_binding(ServerEngine& engine, Bytes id) {
  crypto::Hash hash = bind(engine);
  hash.update(id);
  return finish(hash);
}

/// Where it is none, nobody has to know why.
FoundSession decode(Bytes encoded) {
  Result<session::Session> session = session::decode(encoded);
  if (!session) return nullptr;
  return std::make_unique<session::Session>(*std::move(session));
}

/// Who seals outside, or null.
TicketSealer* outside(ServerEngine& engine) {
  TicketKeys* keys = engine.options().sessions.ticket_keys.get();
  return keys ? keys->sealer() : nullptr;
}
/// The keys that are here; null where there are none, or they stay elsewhere.
std::shared_ptr<const TicketKeyRing> ring(ServerEngine& engine, std::int64_t now) {
  TicketKeys* keys = engine.options().sessions.ticket_keys.get();
  return keys && !keys->sealer() ? keys->ring(now) : nullptr;
}

std::optional<Buffer> open_here(ServerEngine& engine, const session::Binding& binding, Bytes sealed) {
  const std::int64_t now = engine.common().clock->now();
  const std::shared_ptr<const TicketKeyRing> keys = ring(engine, now);
  return keys ? session::open(*keys, now, binding, sealed) : std::nullopt;
}

/// What is longer is not sealed, nor taken for something that was.
bool is_too_long(ServerEngine& engine, Bytes bytes) { return bytes.size() > engine.common().limits.ticket; }

FoundSession open(ServerEngine& engine, const session::Binding& binding, Bytes sealed) {
  TicketSealer* sealer = outside(engine);
  std::optional<Buffer> opened = sealer ? sealer->open(sealed) : open_here(engine, binding, sealed);
  if (!opened) return nullptr;
  const base::SecretBuffer content(*std::move(opened));
  const Bytes session = sealer ? session::session_of(content.view(), binding) : content.view();
  return is_too_long(engine, session) ? nullptr : decode(session);
}

Buffer seal_here(ServerEngine& engine, const session::Binding& binding, Bytes session) {
  const std::int64_t now = engine.common().clock->now();
  const std::shared_ptr<const TicketKeyRing> keys = ring(engine, now);
  Buffer sealed;
  if (!keys || !session::seal(*keys, now, engine.random(), binding, session, sealed)) return {};
  return sealed;
}
Buffer seal_outside(TicketSealer& sealer, const session::Binding& binding, Bytes session, std::int64_t expires) {
  const base::SecretBuffer state = session::make_state(binding, session);
  return sealer.seal(state.view(), expires).value_or(Buffer());
}

/// Empty where nobody seals it, or it would be too long.
Buffer seal(ServerEngine& engine, const session::Binding& binding, const session::Session& session) {
  if (!engine.options().sessions.ticket_keys) return {};
  const base::SecretBuffer encoded(session::encode(session));
  if (encoded.view().empty() || is_too_long(engine, encoded.view())) return {};
  TicketSealer* sealer = outside(engine);
  Buffer sealed = sealer ? seal_outside(*sealer, binding, encoded.view(), session.expires / 1000)
                         : seal_here(engine, binding, encoded.view());
  if (is_too_long(engine, sealed)) sealed.clear();
  return sealed;
}

/// A session in this process' own memory stands behind what it is bound to as it is: nobody could change that.
FoundSession read_stored(ServerEngine& engine, Bytes bytes) {
  base::Reader reader(bytes);
  const Bytes expected = policy(engine);
  const bool is_bound = std::ranges::equal(reader.take(expected.size()), expected) &&
                        std::ranges::equal(reader.vector8(), host_name(engine));
  return is_bound && reader.ok() ? decode(reader.rest()) : nullptr;
}
base::SecretBuffer write_stored(ServerEngine& engine, Bytes encoded) {
  Buffer bytes;
  bytes.reserve(policy(engine).size() + 1 + host_name(engine).size() + encoded.size());
  base::Writer writer(bytes);
  writer.bytes(policy(engine));
  writer.vector8(host_name(engine));
  writer.bytes(encoded);
  return base::SecretBuffer(std::move(bytes));
}

std::uint8_t version_mark(ServerEngine& engine) {
  return static_cast<std::uint8_t>(std::to_underlying(engine.info().version) & 0xff);
}

bool stores_tickets(const ServerSessions& sessions) { return sessions.stored_tickets || !sessions.ticket_keys; }

/// The identity of a PSK: a ticket that holds the session, or an ID of the store.
Buffer make_identity(ServerEngine& engine, const session::Session& session) {
  if (!stores_tickets(engine.options().sessions)) return make_ticket(engine, session);
  Buffer id = make_session_id(engine);
  if (!store_session(engine, id, session)) id.clear();
  return id;
}

std::uint32_t random_number(Random& random) {
  std::array<std::uint8_t, 4> bytes;
  random.fill(bytes);
  base::Reader reader(bytes);
  return reader.u32();
}

}  // namespace

Buffer make_session_id(ServerEngine& engine) {
  Buffer id(stored_session_id_size);
  engine.random().fill(id);
  id.front() = version_mark(engine);
  return id;
}

FoundSession open_ticket(ServerEngine& engine, Bytes ticket) { return open(engine, ticket_binding(engine), ticket); }

Flow<FoundSession> find_session(ServerEngine& engine, Bytes id, SessionUse use) {
  FoundSession session;
  const std::shared_ptr<SessionStore>& store = engine.options().sessions.store;
  if (!store || id.size() != stored_session_id_size || id.front() != version_mark(engine)) co_return session;
  base::SecretBuffer stored = co_await look_up(engine, store, id, use);
  if (stored.view().empty()) co_return session;
  session =
      store->local() ? read_stored(engine, stored.view()) : open(engine, stored_binding(engine, id), stored.view());
  co_return session;
}

SessionRefusal check_session(ServerEngine& engine, const session::Session& session) {
  const ServerOptions& options = engine.options();
  if (session.version != engine.info().version) return SessionRefusal::version;
  const std::int64_t now = engine.common().clock->now_milliseconds();
  if (now >= session.expires || std::max(session.issued, session.authenticated) > now + clock_tolerance)
    return SessionRefusal::expired;
  // It was made under the same policy, but maybe for longer.
  if (lifetime_left(engine, session.authenticated) == 0) return SessionRefusal::expired;
  if (options.client_auth == ClientAuth::require && !session.peer.has_certificate())
    return SessionRefusal::peer_certificate;
  if (!still_accepts(engine, session.peer, verification(engine))) return SessionRefusal::peer_certificate;
  return SessionRefusal::none;
}

bool issues_tickets(ServerEngine& engine) {
  if (outside(engine)) return true;
  const std::int64_t now = engine.common().clock->now();
  const std::shared_ptr<const TicketKeyRing> keys = ring(engine, now);
  return keys && keys->issuing(now);
}

bool wants_renewal(ServerEngine& engine, Bytes ticket) {
  const std::int64_t now = engine.common().clock->now();
  const std::shared_ptr<const TicketKeyRing> keys = ring(engine, now);
  const TicketKey* issuing = keys ? keys->issuing(now) : nullptr;
  return issuing && !std::ranges::equal(issuing->name, ticket.first(issuing->name.size()));
}

Buffer make_ticket(ServerEngine& engine, const session::Session& session) {
  constexpr std::size_t longest = 0xffff;  // RFC 8446, section 4.6.1; RFC 5077, section 3.3
  Buffer ticket = seal(engine, ticket_binding(engine), session);
  // One as long as an ID would be looked up in the store.
  if (ticket.size() > longest || ticket.size() == stored_session_id_size) ticket.clear();
  return ticket;
}

Buffer renew_ticket(ServerEngine& engine, const session::Session& session, std::int64_t lifetime) {
  session::Session renewed = session.clone();
  renewed.issued = engine.common().clock->now_milliseconds();
  renewed.expires = renewed.issued + lifetime * 1000;
  renewed.application_protocol = engine.info().application_protocol;
  return make_ticket(engine, renewed);
}

bool store_session(ServerEngine& engine, Bytes id, const session::Session& session) {
  SessionStore& store = *engine.options().sessions.store;
  const std::int64_t expires = session.expires / 1000;
  MemorySessionStore* local = store.local();
  if (!local) {
    const Buffer sealed = seal(engine, stored_binding(engine, id), session);
    if (!sealed.empty()) store.put(id, sealed, expires);
    return !sealed.empty();
  }
  const base::SecretBuffer encoded(session::encode(session));
  if (encoded.view().empty()) return false;
  const base::SecretBuffer bound = write_stored(engine, encoded.view());
  local->put(id, bound.view(), expires);
  return true;
}

std::int64_t lifetime_left(ServerEngine& engine, std::int64_t authenticated) {
  const std::int64_t age = (engine.common().clock->now_milliseconds() - authenticated) / 1000;
  return std::max<std::int64_t>(engine.options().sessions.lifetime - std::max<std::int64_t>(age, 0), 0);
}

bool sends_session_tickets(ServerEngine& engine, const wire::ClientHello& hello) {
  const ServerSessions& sessions = engine.options().sessions;
  if (sessions.tickets == 0 || !(sessions.ticket_keys || sessions.store) || !hello.psk_key_exchange_modes) return false;
  return hello.psk_key_exchange_modes->contains(wire::PskKeyExchangeMode::psk_dhe_ke) ||
         (sessions.psk_ke && hello.psk_key_exchange_modes->contains(wire::PskKeyExchangeMode::psk_ke));
}

void send_session_tickets(ServerEngine& engine, const crypto::SuiteParts& suite,
                          const base::Secret& resumption_master_secret, std::int64_t authenticated) {
  const ServerSessions& sessions = engine.options().sessions;
  const std::int64_t lifetime = lifetime_left(engine, authenticated);
  if (lifetime == 0) return;
  session::Session session =
      make_session(*engine.common().clock, engine.info(), engine.peer_validity(), authenticated, lifetime);
  session.max_early_data = sessions.max_early_data;
  // A client that resumes has used up one.
  const std::uint8_t count = engine.info().resumption == Resumption::psk ? 1 : sessions.tickets;
  for (std::uint8_t nonce = 0; nonce < count; ++nonce) {
    session.secret = schedule::resumption_psk(suite.hash, resumption_master_secret, {&nonce, 1});
    session.ticket_age_add = random_number(engine.random());
    const Buffer identity = make_identity(engine, session);
    if (identity.empty()) return;
    wire::NewSessionTicket ticket;
    ticket.ticket_lifetime = static_cast<std::uint32_t>(lifetime);
    ticket.ticket_age_add = session.ticket_age_add;
    ticket.ticket_nonce = {&nonce, 1};
    ticket.ticket = identity;
    ticket.resumption_across_names = sessions.across_names;
    if (engine.options().grease) ticket.grease = wire::grease_value(identity.back());
    if (sessions.max_early_data != 0) ticket.max_early_data_size = sessions.max_early_data;
    Buffer message;
    if (!wire::write_new_session_ticket(message, ticket)) return;
    engine.send(Level::application, message);
  }
}

}  // namespace handfast::handshake
