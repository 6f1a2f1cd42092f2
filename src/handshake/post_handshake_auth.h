// Authentication of a client after the handshake (RFC 8446, section 4.6.2): each exchange is a flow of its own.
#pragma once

#include <handfast/config.h>

#include "handshake/engine.h"
#include "handshake/flow.h"
#include "handshake/msg.h"
#include "handshake/server.h"
#include "schedule/transcript.h"

namespace handfast::handshake {

// `transcript` is that of ClientHello...client Finished (section 4.4). Application data passes while these flows wait
// for the outside, so they do that only where no message of theirs has begun: whatever comes is between messages.

/// Asks for a certificate and takes the answer in: first all of its messages, then the verdict on the chain.
Flow<void> request_certificate(ServerEngine& engine, schedule::Transcript transcript, ClientAuth demand);

/// Answers the CertificateRequest that `message` is: first the signature, then all messages at once, since nothing may
/// come between them.
Flow<void> answer_certificate_request(Engine& engine, const ClientOptions& options, schedule::Transcript transcript,
                                      Msg message);

}  // namespace handfast::handshake
