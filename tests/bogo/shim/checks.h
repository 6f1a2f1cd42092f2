// What the flags expect of a connection, at each point where it is known.
#pragma once

#include <string>

#include <handfast/connection.h>

#include "flags.h"
#include "sessions.h"
#include "settings.h"

namespace handfast::bogo {

/// Throws Failure with that text where it does not hold, as all of these do.
void expect(bool holds, const std::string& otherwise);

/// What the handshake came to, when it is over, or, with False Start, as far as it is.
void check_handshake(const Flags& flags, const Settings& settings, const Sessions& sessions,
                     const Connection& connection);
/// What a client foretells that has offered early data and has no answer yet.
void check_early_offer(const Flags& flags, const ConnectionInfo& info);
/// The tickets of TLS 1.3 that a client has been given by the end.
void check_tickets(const Flags& flags, const Sessions& sessions, const ConnectionInfo& info);
/// All messages of the connection.
void check_messages(const Flags& flags, const Settings& settings);

}  // namespace handfast::bogo
