// Which version is spoken: decided here and nowhere else (RFC 8446, sections 4.1.3 and 4.2.1 and appendix D; RFC 7507).
#pragma once

#include <span>

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "handshake/server.h"
#include "wire/client_hello.h"
#include "wire/server_hello.h"

namespace handfast::handshake {

/// Whether the config speaks it.
bool speaks(const CommonOptions& options, ProtocolVersion version) noexcept;
/// All that the config speaks, the highest first.
std::span<const ProtocolVersion> versions(const CommonOptions& options) noexcept;

/// ClientHello.legacy_version: the highest that the config speaks, but never more than TLS 1.2 (RFC 8446, section
/// 4.1.2).
ProtocolVersion legacy_version(const CommonOptions& options) noexcept;

/// The server's choice: the highest version of both. Fails with protocol_version, no_common_version, and with
/// inappropriate_fallback for a client that has fallen back behind what both speak.
Result<ProtocolVersion> choose_version(ServerEngine& engine, const wire::ClientHello& hello);
/// A server that speaks more than it has chosen says so in ServerHello.random, 32 bytes, which nobody can change
/// unseen.
void mark_downgrade(const CommonOptions& options, ProtocolVersion chosen, MutableBytes random) noexcept;

/// What the server chose, held against what was offered. Fails with illegal_parameter: wrong_version_selected, and
/// downgrade_detected for a server that speaks more; missing_extension for a HelloRetryRequest that names no version;
/// protocol_version: wrong_version_selected for one that is not spoken here, no_common_version for any below TLS 1.3
/// where a pre-shared key is required.
Result<ProtocolVersion> check_version(const ClientOptions& options, const wire::ServerHello& hello);

}  // namespace handfast::handshake
