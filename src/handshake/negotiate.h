// What a server chooses from a ClientHello (RFC 8446, section 4.1.1), each choice told to the trace.
#pragma once

#include <handfast/error.h>
#include <handfast/types.h>

#include "crypto/cipher_suite.h"
#include "handshake/engine.h"
#include "handshake/server.h"
#include "wire/client_hello.h"

namespace handfast::handshake {

/// Fails with protocol_version, no_common_version.
Result<ProtocolVersion> choose_version(ServerEngine& engine, const wire::ClientHello& hello);

/// Our preference decides unless the config says otherwise; a client that puts ChaCha20-Poly1305 first says that it has
/// no AES in hardware, and gets it. Fails with handshake_failure, no_common_cipher_suite.
Result<const crypto::SuiteParts*> choose_cipher_suite(ServerEngine& engine, const wire::ClientHello& hello);

struct GroupChoice {
  NamedGroup group;
  /// The client's share of that group; without one a HelloRetryRequest is due.
  std::optional<Bytes> key_exchange;
};
/// Our first group that the client supports, share or no share. Fails with missing_extension where supported_groups or
/// key_share is not there; handshake_failure, no_common_group; illegal_parameter, duplicate_key_share, or bad_extension
/// for more than 64 shares.
Result<GroupChoice> choose_group(ServerEngine& engine, const wire::ClientHello& hello);

/// The ALPN protocol, empty for none. Fails with no_application_protocol.
Result<std::string> choose_application_protocol(ServerEngine& engine, const wire::ClientHello& hello);

/// The scheme that `credential` signs with: its first that the peer accepts. Also holds a credential that came from
/// outside against the peer's certificate_authorities. Fails with handshake_failure, no_common_signature_scheme or
/// no_matching_issuer.
Result<SignatureScheme> choose_signature_scheme(Engine& engine, const Credential& credential,
                                                const wire::List<SignatureScheme>& accepted,
                                                const std::optional<wire::List<wire::Opaque16>>& authorities);

/// The canonical name in server_name, empty where there is none or it is an address (which RFC 6066 forbids). Fails
/// with illegal_parameter, bad_extension for a name that no host can have.
Result<std::string> read_server_name(const wire::ClientHello& hello);

}  // namespace handfast::handshake
