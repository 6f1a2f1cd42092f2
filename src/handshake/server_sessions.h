// The sessions of a server, in either version: how they are given out, found again, and held against what they are
// bound to. Nothing here fails a handshake: what is missing, or of no use, costs the resumption.
#pragma once

#include <cstdint>
#include <memory>

#include <handfast/bytes.h>
#include <handfast/session.h>

#include "crypto/cipher_suite.h"
#include "handshake/flow.h"
#include "handshake/server.h"
#include "session/session.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

/// The ID of a session in the store: as long as the one of TLS 1.2 may be, and shorter than any ticket that holds one.
inline constexpr std::size_t stored_session_id_size = 32;

/// A fresh ID for a session of this connection. It tells the version, so that nobody who has seen an ID of TLS 1.2 can
/// use the session up as a PSK of TLS 1.3.
Buffer make_session_id(ServerEngine& engine);

/// Null: there is none.
using FoundSession = std::unique_ptr<session::Session>;
/// The session in a ticket that holds it; null for any other bytes, and under any other policy or host name.
FoundSession open_ticket(ServerEngine& engine, Bytes ticket);
/// The session of that ID in the store, where it is one of this connection's version. The view is valid until the flow
/// has returned.
Flow<FoundSession> find_session(ServerEngine& engine, Bytes id, SessionUse use);

/// Whether it may be resumed in this connection, as far as the version's own rules go: `none`, or why not.
SessionRefusal check_session(ServerEngine& engine, const session::Session& session);

/// Whether a ticket may be promised, to a client of TLS 1.2. One that seals outside says no only when it is asked for
/// one; then what was promised comes empty (RFC 5077, section 3.3).
bool issues_tickets(ServerEngine& engine);
/// Whether one that was opened is under a key that issues no more, and renewed in TLS 1.2 (RFC 5077, section 3.3). Of
/// one that was sealed outside that is not known.
bool wants_renewal(ServerEngine& engine, Bytes ticket);
/// A ticket that holds the session; empty where there is none to be made: no key issues, or it would be too long, or
/// who seals outside gives none of use.
Buffer make_ticket(ServerEngine& engine, const session::Session& session);
/// The same for a session that is resumed, good from now on for `lifetime` seconds.
Buffer renew_ticket(ServerEngine& engine, const session::Session& session, std::int64_t lifetime);
/// Keeps the session under an ID; false where it can't be.
bool store_session(ServerEngine& engine, Bytes id, const session::Session& session);

/// For how many seconds from now a session of a full handshake at `authenticated` (milliseconds since 1970) is good; 0
/// where it is at its end.
std::int64_t lifetime_left(ServerEngine& engine, std::int64_t authenticated);

/// NewSessionTicket (RFC 8446, section 4.6.1), as many as the config says, for a client that could resume with them.
void send_session_tickets(ServerEngine& engine, const crypto::SuiteParts& suite,
                          const base::Secret& resumption_master_secret, std::int64_t authenticated);
/// Whether there will be any.
bool sends_session_tickets(ServerEngine& engine, const wire::ClientHello& hello);

}  // namespace handfast::handshake
