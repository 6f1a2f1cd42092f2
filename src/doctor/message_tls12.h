// What TLS 1.2 has of its own in its messages: its hellos' extensions, and the messages that TLS 1.3 has otherwise or
// not at all.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "doctor/facts.h"
#include "doctor/message.h"
#include "wire/client_hello.h"
#include "wire/server_hello.h"

namespace handfast::doctor::tls12 {

/// The extensions and signals that concern TLS 1.2 only.
void read_client_hello(const wire::ClientHello& hello, Facts& facts);
Result<> read_server_hello(const wire::ServerHello& hello, MessageSummary& out);

/// The certificates of a Certificate, leaf first; empty where it does not parse.
std::vector<Bytes> certificates(Bytes body);

/// Reads a message that TLS 1.2 has in a form of its own, or TLS 1.1 and 1.0 in theirs, as `version` says. Nothing: it
/// has it as TLS 1.3 does.
std::optional<Result<>> read(ProtocolVersion version, HandshakeType type, Bytes body, MessageSummary& out);

}  // namespace handfast::doctor::tls12
