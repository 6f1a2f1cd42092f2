// The abbreviated handshake of a TLS 1.2 server (RFC 5246, section 7.3, figure 2; RFC 5077, figure 2).
#pragma once

#include <memory>

#include <handfast/bytes.h>
#include <handfast/session.h>

#include "handshake/flow.h"
#include "handshake/msg.h"
#include "handshake/server.h"
#include "session/session.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

struct ServerSession12 {
  std::unique_ptr<session::Session> session;  ///< never null
  Resumption how{};                           ///< by a ticket, or by a session ID
  bool renews_ticket = false;                 ///< its key opens tickets only
};

/// The session that the client offers, by a ticket or by an ID, where it may be resumed; else null: then the handshake
/// goes on in full. Fails with handshake_failure, no_extended_master_secret where the session has it and the hello has
/// it not (RFC 7627, section 5.3).
Flow<std::unique_ptr<ServerSession12>> choose_session(ServerEngine& engine, const wire::ClientHello& hello);

/// From the ServerHello to the end.
Flow<void> resume_tls12(ServerEngine& engine, Msg& message, const wire::ClientHello& hello,
                        const ServerSession12& session);

}  // namespace handfast::handshake
