#include "handshake/server_psk.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/contains.h"
#include "base/secret.h"
#include "handshake/negotiate.h"
#include "handshake/outside.h"
#include "handshake/resume.h"
#include "handshake/server_sessions.h"
#include "session/psk.h"

namespace handfast::handshake {
namespace {

using wire::PskKeyExchangeMode;

std::unexpected<Error> bad_binder() {
  return fail(Error(Alert::decrypt_error, Reason::bad_psk).with("field", "binder"));
}

/// A ClientHello as its binders see it (section 4.2.11.2): up to them.
Bytes truncated(const wire::ClientHello& hello, Bytes message) {
  return message.first(message.size() - (hello.pre_shared_key ? hello.pre_shared_key->binders_size() : 0));
}

/// PskBinderEntry of that index, which is there: there are as many as identities.
Bytes binder_at(const wire::OfferedPsks& offered, std::size_t index) {
  Bytes binder;
  for (const wire::PskBinderEntry& entry : offered.binders)
    if (index-- == 0) {
      binder = entry.binder;
      break;
    }
  return binder;
}

Result<void> check_binder(const ServerPsk& psk, const wire::OfferedPsks& offered, const crypto::Digest& hello_hash) {
  const crypto::Digest expected = psk.early_secret.binder(psk.kind, hello_hash.view());
  if (!base::equal_in_constant_time(binder_at(offered, psk.selected_identity), expected.view())) return bad_binder();
  return {};
}

/// The mode that both have, the one with a fresh key exchange before the other; nothing: no PSK can be taken.
std::optional<PskKeyExchangeMode> choose_mode(ServerEngine& engine, const wire::ClientHello& hello) {
  const wire::List<PskKeyExchangeMode>& modes = *hello.psk_key_exchange_modes;
  const bool ke = engine.options().sessions.psk_ke && modes.contains(PskKeyExchangeMode::psk_ke);
  const bool common_group =
      hello.key_share && hello.supported_groups && std::ranges::any_of(engine.common().groups, [&](NamedGroup group) {
        return hello.supported_groups->contains(group);
      });
  if (modes.contains(PskKeyExchangeMode::psk_dhe_ke) && (common_group || !ke)) return PskKeyExchangeMode::psk_dhe_ke;
  if (ke) return PskKeyExchangeMode::psk_ke;
  return std::nullopt;
}

/// A key from outside, and where the client offers it.
struct ExternalChoice {
  const PreSharedKey* key;
  const PreSharedKey::Parts* parts;
  std::uint16_t index;
};

/// Our first key for that hash that the client offers, if it does.
std::optional<ExternalChoice> find_external(ServerEngine& engine, const wire::OfferedPsks& offered,
                                            crypto::HashAlgorithm hash) {
  for (const PreSharedKey::Shared& key : engine.common().pre_shared_keys)
    for (const PreSharedKey::Parts& parts : key->parts()) {
      if (parts.hash != hash) continue;
      std::uint16_t index = 0;
      for (const wire::PskIdentity& identity : offered.identities) {
        if (std::ranges::equal(identity.identity, parts.identity)) return ExternalChoice{key.get(), &parts, index};
        if (++index == engine.common().limits.psk_identities) break;
      }
    }
  return std::nullopt;
}

/// A key for the suite that was chosen; else, since a key that both have comes before a suite that is liked better, for
/// the best suite of the other hash (section 4.2.11: the two have to fit).
std::optional<ExternalChoice> choose_external(ServerEngine& engine, const wire::ClientHello& hello,
                                              const crypto::SuiteParts*& suite) {
  using enum crypto::HashAlgorithm;
  std::optional<ExternalChoice> choice = find_external(engine, *hello.pre_shared_key, suite->hash);
  if (choice) return choice;
  const crypto::HashAlgorithm other = suite->hash == sha256 ? sha384 : sha256;
  choice = find_external(engine, *hello.pre_shared_key, other);
  const bool has_suite = std::ranges::any_of(engine.common().cipher_suites, [&](CipherSuite ours) {
    const crypto::SuiteParts& parts = *crypto::find_suite(ours);
    return parts.version == ProtocolVersion::tls1_3 && parts.hash == other && hello.cipher_suites.contains(ours);
  });
  if (!choice || !has_suite) return std::nullopt;
  suite = *choose_cipher_suite(engine, hello, crypto::any_key, other);
  return choice;
}

/// Section 4.2.11.1. The age is told modulo 2^32.
std::int64_t arrival(const session::Session& session, std::uint32_t obfuscated_ticket_age) {
  return session.issued + static_cast<std::int64_t>(obfuscated_ticket_age - session.ticket_age_add);
}

/// The session behind an identity, where it may be resumed in this connection. The trace is told where it is not.
Flow<FoundSession> find_resumable(ServerEngine& engine, Bytes identity, CipherSuite suite) {
  FoundSession session;
  if (identity.size() == stored_session_id_size)
    session = co_await find_session(engine, identity, SessionUse::take);
  else
    session = open_ticket(engine, identity);
  if (session) engine.note_allowed_early_data(session->max_early_data);
  SessionRefusal refusal = session ? check_session(engine, *session) : SessionRefusal::unknown;
  // The same hash would do (section 4.2.11), but what else has changed then?
  if (refusal == SessionRefusal::none && session->cipher_suite != suite) refusal = SessionRefusal::cipher_suite;
  if (refusal == SessionRefusal::none) co_return session;
  refuse(engine, refusal);
  session.reset();
  co_return session;
}

std::unique_ptr<ServerPsk> make_psk(Bytes identity, std::uint16_t index, schedule::PskKind kind,
                                    schedule::EarlySecret early_secret, const crypto::SuiteParts& suite) {
  auto psk = std::make_unique<ServerPsk>(std::move(early_secret));
  psk->suite = &suite;
  psk->selected_identity = index;
  psk->identity.assign(identity.begin(), identity.end());
  psk->kind = kind;
  return psk;
}

/// The first session that the client offers and that may be resumed.
Flow<std::unique_ptr<ServerPsk>> choose_session(ServerEngine& engine, const wire::OfferedPsks& offered,
                                                const crypto::SuiteParts& suite) {
  std::unique_ptr<ServerPsk> chosen;
  const ServerSessions& sessions = engine.options().sessions;
  if (!sessions.ticket_keys && !sessions.store) co_return chosen;
  std::uint16_t index = 0;
  for (const wire::PskIdentity& identity : offered.identities) {
    FoundSession session = co_await find_resumable(engine, identity.identity, suite.suite);
    if (session) {
      chosen = make_psk(identity.identity, index, schedule::PskKind::resumption,
                        schedule::EarlySecret::of(suite.hash, session->secret), suite);
      chosen->arrives = arrival(*session, identity.obfuscated_ticket_age);
      chosen->session = std::move(session);
      break;
    }
    if (++index == engine.common().limits.psk_identities) break;
  }
  co_return chosen;
}

/// Whether the flight comes for the first time. It is remembered whatever else is against it: a client whose early data
/// was rejected may send it once more, and a replay to whoever would take it would do it a second time.
EarlyData strike(ServerEngine& engine, const wire::ClientHello& hello, const ServerPsk& psk) {
  const ServerSessions& sessions = engine.options().sessions;
  // Section 8.1: a session that was taken out of our own store is good once, however late it comes. What a store
  // outside does is not known.
  if (psk.identity.size() == stored_session_id_size && sessions.store->local()) return EarlyData::accepted;
  StrikeRegister* strikes = sessions.strike_register.get();
  // A ticket of another config of the same policy may hold its session where ours do not.
  if (!strikes) return EarlyData::unsure;
  // Nobody can come back with it by then.
  if (psk.arrives - psk.session->expires > strikes->freshness()) return EarlyData::ticket_age_skew;
  switch (strikes->strike(binder_at(*hello.pre_shared_key, 0), psk.session->issued, psk.arrives,
                          engine.common().clock->now_milliseconds())) {
    case StrikeRegister::Verdict::first: return EarlyData::accepted;
    case StrikeRegister::Verdict::stale: return EarlyData::ticket_age_skew;
    case StrikeRegister::Verdict::replayed: return EarlyData::replayed;
    case StrikeRegister::Verdict::unsure: return EarlyData::unsure;
  }
  std::unreachable();
}

}  // namespace

crypto::Digest add_client_hello(schedule::Transcript& transcript, const wire::ClientHello& hello, Bytes message) {
  const Bytes bound = truncated(hello, message);
  transcript.add(bound);
  crypto::Digest hash;
  if (hello.pre_shared_key) hash = transcript.digest();
  transcript.add(message.subspan(bound.size()));
  return hash;
}

Flow<std::unique_ptr<ServerPsk>> choose_psk(ServerEngine& engine, const wire::ClientHello& hello, Bytes message,
                                            crypto::Digest hello_hash, const crypto::SuiteParts& suite) {
  std::unique_ptr<ServerPsk> chosen;
  if (!hello.pre_shared_key) co_return chosen;
  const wire::OfferedPsks& offered = *hello.pre_shared_key;
  std::optional<PskKeyExchangeMode> mode = choose_mode(engine, hello);
  if (!mode) {
    refuse(engine, SessionRefusal::psk_mode);
    co_return chosen;
  }
  const PreSharedKey* key = nullptr;
  chosen = co_await choose_session(engine, offered, suite);
  if (!chosen) {
    if (*mode == PskKeyExchangeMode::psk_dhe_ke && prefers_certificate(engine, hello)) co_return chosen;
    const crypto::SuiteParts* fitting = &suite;
    std::optional<ExternalChoice> external = choose_external(engine, hello, fitting);
    if (!external) co_return chosen;
    const PreSharedKey::Parts& parts = *external->parts;
    chosen = make_psk(parts.identity, external->index,
                      parts.imported ? schedule::PskKind::imported : schedule::PskKind::external,
                      schedule::EarlySecret::extracted(parts.hash, parts.early_secret), *fitting);
    key = external->key;
  }
  chosen->mode = *mode;
  if (chosen->suite->hash != suite.hash) hello_hash = crypto::Hash::of(chosen->suite->hash, truncated(hello, message));
  co_await check_binder(*chosen, offered, hello_hash);

  if (chosen->session) {
    // Section 4.2.10: early data is under the first PSK.
    if (hello.early_data && chosen->selected_identity == 0) chosen->struck = strike(engine, hello, *chosen);
    Verification how = verification(engine);
    bool accepted = co_await accepts_again(engine, *chosen->session, how);
    if (!accepted) {
      refuse(engine, SessionRefusal::peer_certificate);
      chosen.reset();
      co_return chosen;
    }
    // What nobody has shown to have is not told.
    const std::chrono::milliseconds skew(chosen->arrives - engine.common().clock->now_milliseconds());
    engine.info().ticket_age_skew = std::chrono::round<std::chrono::seconds>(skew).count();
    resume(engine, chosen->session->peer, Resumption::psk);
  } else {
    engine.info().psk_identity = key->identity();
    resume(engine, session::PeerRecord(), Resumption::external_psk);
  }
  co_return chosen;
}

Result<void> check_psk_again(ServerPsk& psk, const wire::ClientHello& second, const crypto::Digest& hello_hash) {
  if (!second.pre_shared_key)
    return wire::missing_extension(wire::MessageKind::client_hello, ExtensionType::pre_shared_key);
  // Those that the HelloRetryRequest's suite rules out may be gone, so that ours may have moved.
  std::uint16_t index = 0;
  for (const wire::PskIdentity& identity : second.pre_shared_key->identities) {
    if (std::ranges::equal(identity.identity, psk.identity)) {
      psk.selected_identity = index;
      return check_binder(psk, *second.pre_shared_key, hello_hash);
    }
    ++index;
  }
  return fail(
      Error(Alert::illegal_parameter, Reason::changed_hello).with("extension", name(ExtensionType::pre_shared_key)));
}

EarlyData consider_early_data(ServerEngine& engine, const wire::ClientHello& hello, const ServerPsk* psk) {
  const ServerSessions& sessions = engine.options().sessions;
  // Section 4.2.10: it is under the first PSK, and all that was agreed on with it.
  const bool resumed = psk && psk->session && psk->selected_identity == 0;
  if (sessions.max_early_data == 0) return EarlyData::disabled;
  if (!hello.pre_shared_key) return EarlyData::no_session_offered;
  if (!resumed) return EarlyData::session_not_resumed;
  // What the ticket allows has to be taken whole: a client that sends more than the config takes would be cut off.
  if (psk->session->max_early_data == 0 || psk->session->max_early_data > sessions.max_early_data)
    return EarlyData::unsupported_for_session;
  if (!hello.early_data) return EarlyData::peer_declined;
  if (psk->session->application_protocol != engine.info().application_protocol) return EarlyData::alpn_mismatch;
  return psk->struck;
}

}  // namespace handfast::handshake
