// What both sides do where a session is kept or resumed: the peer in it, and what is told of it.
#pragma once

#include <cstdint>

#include <handfast/session.h>

#include "handshake/engine.h"
#include "handshake/flow.h"
#include "handshake/outside.h"
#include "session/session.h"

namespace handfast::handshake {

/// A session with all that a connection knows, but its secret; good from now on, for `lifetime` seconds.
/// `authenticated` is the full handshake's moment, in milliseconds since 1970.
session::Session make_session(Clock& clock, const ConnectionInfo& info, const PeerValidity& validity,
                              std::int64_t authenticated, std::int64_t lifetime);

/// What the verification of the peer came to, without the evidence: a session tells no more of it.
std::optional<Error> verdict(const ConnectionInfo& info);

/// Whether a session's peer would be accepted today: it was verified, unless the config does without, its certificates
/// are still valid, and the config's rule lets it connect. All other rules are the policy that the session is bound to.
bool still_accepts(Engine& engine, const session::PeerRecord& peer, const Verification& how);
/// Whether the built-in verification still finds its certificates good, where that may have changed or `how` wants it
/// again: with revocation lists, or where proofs are required. Somebody outside is asked by accepts_again. Nobody finds
/// any good of which no more than a hash was kept.
bool verifies_again(Engine& engine, const session::Session& session, const Verification& how);

/// The session is resumed: ConnectionInfo says what is known of the peer from it, and the trace is told.
void resume(Engine& engine, const session::PeerRecord& peer, Resumption how);
/// On a client, whose server has resumed it already: where the config wants it, somebody outside verifies the session's
/// certificates once more; the built-in verification has done so before (still_accepts). Fails as verify_peer does.
Flow<void> verify_again(Engine& engine, Verification how);
/// Tells the trace that the peer was not verified, and goes on; ConnectionInfo says why.
void tell_unverified(Engine& engine);
/// Tells the trace that a session was not.
void refuse(Engine& engine, SessionRefusal refusal);
/// The same of early data, kept in ConnectionInfo too.
void decide_early_data(Engine& engine, EarlyData outcome);

}  // namespace handfast::handshake
