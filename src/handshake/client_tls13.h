// The client's TLS 1.3 handshake (RFC 8446).
#pragma once

#include "handshake/client.h"
#include "handshake/flow.h"
#include "handshake/offer.h"

namespace handfast::handshake {

/// From the first answer on: a ServerHello or HelloRetryRequest of TLS 1.3.
Flow<void> client_tls13(ClientEngine& engine, Offer& offer, Msg answer);

}  // namespace handfast::handshake
