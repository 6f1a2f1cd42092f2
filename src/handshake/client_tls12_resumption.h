// The abbreviated handshake of a TLS 1.2 client (RFC 5246, section 7.3, figure 2; RFC 5077, figure 2).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "handshake/client.h"
#include "handshake/flow.h"
#include "handshake/msg.h"
#include "handshake/offer.h"
#include "schedule/transcript.h"
#include "wire/server_hello.h"
#include "wire/tls12/server_hello.h"

namespace handfast::handshake {

/// Whether the ServerHello resumes the session that was offered: it repeats the hello's session ID.
bool is_resumed(const Offer& offer, const wire::ServerHello& hello) noexcept;

/// From behind the ServerHello, which `message` is, to the end.
Flow<void> resume_tls12(ClientEngine& engine, Offer& offer, Msg& message, const wire::ServerHello& hello,
                        const wire::tls12::ServerHelloExtensions& extensions);

}  // namespace handfast::handshake
