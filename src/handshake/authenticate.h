// What is checked of a peer that authenticates, in either version.
#pragma once

#include <handfast/bytes.h>
#include <handfast/config.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "handshake/engine.h"
#include "handshake/flow.h"
#include "handshake/outside.h"
#include "x509/certificate.h"

namespace handfast::handshake {

/// The leaf, whoever verifies the chain. Fails with decode_error, bad_certificate.
Result<x509::Certificate> read_leaf(Bytes der);

/// What the peer has shown, which ConnectionInfo holds: its leaf, or its raw public key. Fails as read_leaf does.
Result<PeerKey> read_peer_key(const ConnectionInfo& info);
/// The same where the key is about to be used so. Fails with illegal_parameter, wrong_key_usage as well, for a leaf
/// that may not be; a raw public key may (RFC 7250, section 4.3).
Result<PeerKey> read_peer_key(const ConnectionInfo& info, x509::KeyUsage usage);

/// Only a client's Certificate may be empty (RFC 8446, section 4.4.2.4; RFC 5246, section 7.4.2). Fails with
/// decode_error, no_certificate.
Result<void> check_authenticated(const ConnectionInfo& info);

/// What the peer has shown, from which `key` was read, is to be the peer's. Fails as judge_peer refuses; where the
/// config would have it go on, ConnectionInfo and the trace are told.
Flow<void> verify_peer(Engine& engine, const PeerKey& key, Verification how);

/// A signature that the peer has made with that key over `content`. Fails with illegal_parameter,
/// wrong_signature_scheme for a scheme that was not offered, that the version does not have, or that does not fit the
/// key; decrypt_error, bad_signature.
Result<void> check_signature(Engine& engine, const PeerKey& key, SignatureScheme scheme, Bytes content,
                             Bytes signature);

/// What it has shown was looked at, and the peer has proved its key: it is verified, where verify_peer found nothing,
/// and of its certificates no more is kept than the config wants.
void mark_verified(Engine& engine);
/// The same of a peer that may connect, as the config's rule has it. Fails as `authorize` does.
Result<void> conclude_authentication(Engine& engine);

/// The client has answered without a certificate. A rule on who may connect can't be asked of nobody. Fails with
/// no_certificate: certificate_required (RFC 8446, section 4.4.2.4), in TLS 1.2, which has no such alert,
/// handshake_failure (RFC 5246, section 7.4.6).
Result<void> check_anonymous(const ServerOptions& options, ProtocolVersion version, ClientAuth demand);

}  // namespace handfast::handshake
