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
/// The same where its key is about to be used so. Fails with illegal_parameter, wrong_key_usage as well, for a key that
/// may not be.
Result<x509::Certificate> read_leaf(Bytes der, x509::KeyUsage usage);

/// Only a client's Certificate may be empty (RFC 8446, section 4.4.2.4; RFC 5246, section 7.4.2). Fails with
/// decode_error, no_certificate.
Result<void> check_authenticated(const ConnectionInfo& info);

/// The chain in ConnectionInfo::peer_certificates, whose leaf was parsed already, is to be that of the peer. Fails as
/// judge_chain refuses; where the config would have it go on, ConnectionInfo and the trace are told.
Flow<void> verify_chain(Engine& engine, const x509::Certificate& leaf, Verification how);

/// A signature that the peer has made with the leaf's key over `content`. Fails with illegal_parameter,
/// wrong_signature_scheme for a scheme that was not offered, that the version does not have, or that does not fit the
/// key; decrypt_error, bad_signature.
Result<void> check_signature(Engine& engine, const x509::Certificate& leaf, SignatureScheme scheme, Bytes content,
                             Bytes signature);

/// The chain was looked at, and the peer has proved its key: it is verified, where verify_chain did not find otherwise,
/// and of its certificates no more is kept than the config wants.
void mark_verified(Engine& engine);
/// The same of a peer that may connect, as the config's rule has it. Fails as `authorize` does.
Result<void> conclude_authentication(Engine& engine);

/// The client has answered without a certificate. A rule on who may connect can't be asked of nobody. Fails with
/// no_certificate: certificate_required (RFC 8446, section 4.4.2.4), in TLS 1.2, which has no such alert,
/// handshake_failure (RFC 5246, section 7.4.6).
Result<void> check_anonymous(const ServerOptions& options, ProtocolVersion version, ClientAuth demand);

}  // namespace handfast::handshake
