// The server's TLS 1.2 handshake (RFC 5246, section 7.3), with ECDHE (RFC 8422) or RSA key exchange.
#pragma once

#include "handshake/flow.h"
#include "handshake/server.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

/// From the ClientHello on, which `message` holds and `hello` views; both are let go of on the way.
Flow<void> server_tls12(ServerEngine& engine, Msg& message, wire::ClientHello& hello);

}  // namespace handfast::handshake
