#include "handshake/client_sessions.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/version.h"
#include "schedule/secrets.h"
#include "session/client_session.h"

namespace handfast::handshake {
namespace {

/// So many tickets may be found outdated for one offer: a store may be anybody's.
constexpr int most_tries = 8;

SessionRefusal check(ClientEngine& engine, const SavedSession& saved) {
  const ClientOptions& options = engine.options();
  const session::Session& session = saved.content().session;
  if (!speaks(options, session.version)) return SessionRefusal::version;
  if (session.version < ProtocolVersion::tls1_3 && !saved.has_session_id() && !options.sessions.tls12_tickets)
    return SessionRefusal::declined;
  const bool offered = base::contains(options.cipher_suites, session.cipher_suite);
  if (!offered || !crypto::find_suite(session.cipher_suite, session.version)) return SessionRefusal::cipher_suite;
  const std::int64_t now = engine.common().clock->now_milliseconds();
  // A clock that was put back knows nothing of a ticket's age.
  if (now >= session.expires || now < session.issued) return SessionRefusal::expired;
  // Where no certificate is taken, none is that a store has kept.
  if (options.require_pre_shared_key && session.peer.has_certificate()) return SessionRefusal::peer_certificate;
  const Verification how = verification(engine);
  if (!still_accepts(engine, session.peer, how) || !verifies_again(engine, session, how))
    return SessionRefusal::peer_certificate;
  return SessionRefusal::none;
}

/// Whether nobody will ever resume it again, whatever the config and the clock.
bool is_past(ClientEngine& engine, const SavedSession& saved) {
  const session::Session& session = saved.content().session;
  const bool certified = session.peer.has_certificate();
  Clock& clock = *engine.common().clock;
  return clock.now_milliseconds() >= session.expires || (certified && clock.now() > session.peer.not_after);
}

}  // namespace

std::optional<SavedSession> choose_session(ClientEngine& engine) {
  ClientSessionStore* store = engine.options().sessions.store.get();
  if (!store) return std::nullopt;
  const ClientSessionKey key = engine.session_key();
  for (int tries = 0; tries < most_tries; ++tries) {
    std::optional<SavedSession> found = store->find(key);
    if (!found) return std::nullopt;
    const SessionRefusal refusal = check(engine, *found);
    if (refusal == SessionRefusal::none) {
      if (!found->single_use()) engine.set_kept_session(std::make_unique<KeptSession>(KeptSession{key, *found}));
      return found;
    }
    refuse(engine, refusal);
    if (is_past(engine, *found))
      store->erase(key, *found);
    else if (!found->single_use())
      return std::nullopt;
  }
  return std::nullopt;
}

EarlyData consider_early_data(ClientEngine& engine, const std::optional<SavedSession>& session) {
  const ClientOptions& options = engine.options();
  if (!options.sessions.early_data) return EarlyData::disabled;
  if (options.max_version < ProtocolVersion::tls1_3) return EarlyData::protocol_version;
  if (!session) return EarlyData::no_session_offered;
  if (session->version() < ProtocolVersion::tls1_3) return EarlyData::protocol_version;
  if (session->max_early_data() == 0) return EarlyData::unsupported_for_session;
  // RFC 8446, section 4.2.10: it speaks the session's protocol.
  const std::string& protocol = session->content().session.application_protocol;
  if (!protocol.empty() && !base::contains(options.application_protocols, protocol)) return EarlyData::alpn_mismatch;
  return EarlyData::offered;
}

void keep_session(ClientEngine& engine, session::Session session, Bytes ticket, Bytes session_id,
                  std::uint32_t lifetime_hint) {
  ClientSessionStore* store = engine.options().sessions.store.get();
  const bool too_long = ticket.size() > engine.common().limits.ticket;
  if (!store || too_long || (ticket.empty() && session_id.empty())) return;
  const std::int64_t lifetime =
      lifetime_hint == 0 ? default_lifetime : std::min<std::int64_t>(lifetime_hint, longest_lifetime);
  session.expires = std::min(session.issued + lifetime * 1000, session.authenticated + longest_lifetime * 1000);
  auto content = std::make_shared<session::ClientSession>();
  content->session = std::move(session);
  content->ticket.assign(ticket.begin(), ticket.end());
  if (ticket.empty()) content->session_id.assign(session_id.begin(), session_id.end());
  content->key = engine.session_key();
  const SavedSession saved(content);
  // Where it is renewed, the new ticket takes the place of the one that was offered.
  if (const auto offered = engine.take_kept_session()) store->erase(offered->key, offered->session);
  engine.set_kept_session(std::make_unique<KeptSession>(KeptSession{content->key, saved}));
  store->put(content->key, saved);
}

void keep_session(const ClientOptions& options, const ConnectionInfo& info, Resumable& resumable,
                  const wire::NewSessionTicket& ticket) {
  const Limits& limits = options.limits;
  if (ticket.ticket.size() > limits.ticket || resumable.tickets >= limits.tickets) return;
  // Section 4.6.1: 0 means that it is to be discarded at once.
  const std::int64_t lifetime = std::min<std::int64_t>(ticket.ticket_lifetime, longest_lifetime);
  if (lifetime == 0) return;
  ++resumable.tickets;
  auto content = std::make_shared<session::ClientSession>();
  session::Session& session = content->session;
  session = make_session(*options.clock, info, resumable.peer_validity, resumable.authenticated, lifetime);
  session.expires = std::min(session.expires, resumable.authenticated + longest_lifetime * 1000);
  const crypto::HashAlgorithm hash = crypto::find_suite(session.cipher_suite)->hash;
  session.secret = schedule::resumption_psk(hash, resumable.resumption_master_secret, ticket.ticket_nonce);
  session.ticket_age_add = ticket.ticket_age_add;
  // To a peer that was not verified none is sent: it would be said before anybody sees whom it is said to.
  session.max_early_data = info.verification_error ? 0 : ticket.max_early_data_size.value_or(0);
  content->ticket.assign(ticket.ticket.begin(), ticket.ticket.end());
  content->resumption_across_names = ticket.resumption_across_names;
  content->key = resumable.key;
  options.sessions.store->put(content->key, SavedSession(content));
}

}  // namespace handfast::handshake
