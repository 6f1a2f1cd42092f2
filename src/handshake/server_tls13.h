// The server's TLS 1.3 handshake (RFC 8446).
#pragma once

#include "handshake/flow.h"
#include "handshake/server.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

/// From the ClientHello on, which `message` holds and `hello` views; both are let go of on the way.
Flow<void> server_tls13(ServerEngine& engine, Msg& message, wire::ClientHello& hello);

}  // namespace handfast::handshake
