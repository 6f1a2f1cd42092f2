// What both sides of a TLS 1.3 handshake do: keys, Certificate, CertificateVerify, Finished.
#pragma once

#include <memory>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "crypto/cipher_suite.h"
#include "handshake/engine.h"
#include "handshake/flow.h"
#include "handshake/outside.h"
#include "schedule/secrets.h"
#include "schedule/transcript.h"
#include "wire/certificate.h"
#include "wire/extension.h"
#include "x509/certificate.h"

namespace handfast::handshake {

/// What is derived from the shared secret and ClientHello...ServerHello (RFC 8446, section 7.1).
struct HandshakeKeys {
  schedule::TrafficSecret client;
  schedule::TrafficSecret server;
  schedule::MasterSecret master;
};
/// From the early secret, with or without a PSK, and the (EC)DHE exchange, which is empty in psk_ke. Uses both up: they
/// are wiped on return.
HandshakeKeys derive_handshake_keys(Engine& engine, schedule::EarlySecret early_secret, base::Secret shared_secret,
                                    const schedule::Transcript& transcript);

/// What protects early data, from ClientHello alone. The early exporter goes to the engine. Tells the trace.
schedule::TrafficSecret derive_early_keys(Engine& engine, const schedule::EarlySecret& early_secret,
                                          const crypto::Digest& hello_hash);

/// What is derived from the master secret and ClientHello...server Finished. The exporter goes to the engine.
struct ApplicationKeys {
  schedule::TrafficSecret client;
  schedule::TrafficSecret server;
};
/// The caller wipes the master secret as soon as it needs it no more: a handshake that waits for the peer's Finished
/// holds it only where there will be tickets (section 7.1).
ApplicationKeys derive_application_keys(Engine& engine, const schedule::MasterSecret& master,
                                        const schedule::Transcript& transcript);
/// resumption_master_secret, once ClientHello...client Finished are in the transcript; wipes the master secret. Tells
/// the trace.
base::Secret derive_resumption_secret(Engine& engine, schedule::MasterSecret& master,
                                      const schedule::Transcript& transcript);

/// Parses a Certificate, which `message` is, and keeps what it brought in ConnectionInfo. `context`: that of the
/// request, empty during the handshake; `asked`: what its entries' extensions may answer.
Result<wire::Certificate> read_certificate(Engine& engine, const Msg& message, Bytes context,
                                           const wire::ExtensionSet& asked);
/// The peer's CertificateVerify (section 4.4.3); adds it to the transcript.
Result<void> check_certificate_verify(Engine& engine, schedule::Transcript& transcript, const PeerKey& key,
                                      const Msg& message);

/// Receives the peer's Certificate, which `message` is, and CertificateVerify (sections 4.4.2 and 4.4.3). `asked`:
/// what its entries' extensions may answer. False where the peer has no certificate: then there is no
/// CertificateVerify.
Flow<bool> authenticate_peer(Engine& engine, schedule::Transcript& transcript, Msg message, wire::ExtensionSet asked,
                             Verification how);

// Our messages of authentication: added to the transcript, for the caller to send.

/// Our Certificate, of the credential's type: without a chain where `credential` is null. `context` and `asked`: those
/// of the peer's CertificateRequest; what it asked for in its hello.
Result<Buffer> make_certificate(Engine& engine, schedule::Transcript& transcript, Bytes context,
                                const Credential* credential, const wire::Extensions& asked);
/// Our CertificateVerify.
Flow<Buffer> make_certificate_verify(Engine& engine, schedule::Transcript& transcript,
                                     std::shared_ptr<const Credential> credential, SignatureScheme scheme);
/// Our Finished, under the secret that protects it.
Buffer make_finished(schedule::Transcript& transcript, const schedule::TrafficSecret& secret);

/// The peer's Finished (section 4.4.4); adds it to the transcript. Fails with decrypt_error, bad_finished.
Result<void> check_finished(schedule::Transcript& transcript, const schedule::TrafficSecret& secret,
                            const Msg& message);

}  // namespace handfast::handshake
