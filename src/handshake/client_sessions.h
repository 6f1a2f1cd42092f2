// The sessions of a client, in either version: chosen for an offer, and kept.
#pragma once

#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/info.h>
#include <handfast/session.h>

#include "handshake/client.h"
#include "handshake/engine.h"
#include "session/session.h"
#include "wire/new_session_ticket.h"

namespace handfast::handshake {

/// A session of the store that may be offered to this server today: of a version and with a suite that are spoken, not
/// expired, and with a certificate that would still be accepted.
std::optional<SavedSession> choose_session(ClientEngine& engine);

/// Whether early data goes with the offer of that session: `offered`, or why not.
EarlyData consider_early_data(ClientEngine& engine, const std::optional<SavedSession>& session);

/// Keeps a session of TLS 1.2, known by a ticket, or, where that is empty, by an ID. Without either there is none to
/// keep. `lifetime_hint` is in seconds, 0 where the server says nothing.
void keep_session(ClientEngine& engine, session::Session session, Bytes ticket, Bytes session_id,
                  std::uint32_t lifetime_hint);
/// TLS 1.3: what a NewSessionTicket gives, after the handshake (RFC 8446, section 4.6.1).
void keep_session(const ClientOptions& options, const ConnectionInfo& info, Resumable& resumable,
                  const wire::NewSessionTicket& ticket);

/// For how many seconds a client keeps a session of TLS 1.2 of which the server does not say.
inline constexpr std::int64_t default_lifetime = 7200;
/// And any session at most (section 4.6.1).
inline constexpr std::int64_t longest_lifetime = 7 * 24 * 3600;

}  // namespace handfast::handshake
