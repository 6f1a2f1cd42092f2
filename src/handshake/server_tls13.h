// The server's TLS 1.3 handshake (RFC 8446).
#pragma once

#include "handshake/flow.h"
#include "handshake/server.h"
#include "schedule/transcript.h"
#include "wire/client_hello.h"
#include "wire/extension.h"

namespace handfast::handshake {

/// From the ClientHello on, which `message` holds and `hello` views; both are let go of on the way.
Flow<void> server_tls13(ServerEngine& engine, Msg& message, wire::ClientHello& hello);

/// Section 4.3.2. Gives the extensions that the client's Certificate may answer. `context` is empty in the handshake.
Result<wire::ExtensionSet> send_certificate_request(ServerEngine& engine, schedule::Transcript& transcript, Level level,
                                                    Bytes context);

}  // namespace handfast::handshake
