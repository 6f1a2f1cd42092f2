// The ServerHello of TLS 1.2, which full and abbreviated handshakes have in common (RFC 5246, section 7.4.1.3).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "handshake/server.h"
#include "schedule/tls12/secrets.h"
#include "schedule/transcript.h"
#include "wire/client_hello.h"
#include "wire/tls12/server_hello.h"

namespace handfast::handshake {

/// The extensions that are negotiated anew in every handshake, resumed or not: those of this connection.
wire::tls12::ServerHelloExtensions negotiate_extensions(ServerEngine& engine, const wire::ClientHello& hello);

/// Sends it, with a fresh random value, for the suite in ConnectionInfo. Gives both sides' random values.
Result<schedule::tls12::Randoms> send_server_hello(ServerEngine& engine, schedule::Transcript& transcript,
                                                   const wire::ClientHello& hello, Bytes session_id,
                                                   const wire::tls12::ServerHelloExtensions& extensions);

/// NewSessionTicket (RFC 5077, section 3.3); an empty ticket says that there is none after all.
Result<void> send_new_session_ticket(ServerEngine& engine, schedule::Transcript& transcript, Bytes ticket,
                                     std::int64_t lifetime);

}  // namespace handfast::handshake
