// The client's TLS 1.3 handshake (RFC 8446).
#pragma once

#include "handshake/client.h"
#include "handshake/flow.h"
#include "handshake/offer.h"
#include "wire/server_hello.h"

namespace handfast::handshake {

/// From the first answer on, a ServerHello or HelloRetryRequest of TLS 1.3, which `message` holds and `hello` views.
Flow<void> client_tls13(ClientEngine& engine, Offer& offer, Msg& message, wire::ServerHello& hello);

}  // namespace handfast::handshake
