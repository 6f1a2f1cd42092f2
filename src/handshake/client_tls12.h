// The client's TLS 1.2 handshake (RFC 5246, section 7.3), with ECDHE (RFC 8422) or RSA key exchange.
#pragma once

#include "handshake/client.h"
#include "handshake/flow.h"
#include "handshake/offer.h"
#include "wire/server_hello.h"

namespace handfast::handshake {

/// From the ServerHello on, which `message` holds and `hello` views.
Flow<void> client_tls12(ClientEngine& engine, Offer& offer, Msg& message, wire::ServerHello& hello);

}  // namespace handfast::handshake
