// What both sides of a handshake of TLS 1.2 or below do: keys, Certificate, Finished (RFC 5246, section 7.4; RFC 4346).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trace.h>

#include "base/secret.h"
#include "crypto/cipher_suite.h"
#include "handshake/engine.h"
#include "handshake/msg.h"
#include "schedule/tls12/secrets.h"
#include "schedule/transcript.h"
#include "session/session.h"
#include "wire/client_hello.h"
#include "wire/extension.h"
#include "wire/list.h"
#include "wire/tls12/certificate_request.h"
#include "x509/certificate.h"

namespace handfast::handshake::tls12 {

/// Both hellos' random values.
schedule::tls12::Randoms make_randoms(Bytes client, Bytes server) noexcept;

/// Without the extended master secret where the config requires it: fails with handshake_failure,
/// no_extended_master_secret (RFC 7627, sections 5.2 and 5.3). Otherwise it is noted in ConnectionInfo whether it
/// holds.
Result<void> agree_on_master_secret(Engine& engine, bool extended);
/// A first handshake's renegotiation_info is empty (RFC 5746, sections 3.4 and 3.6). Fails with handshake_failure,
/// bad_renegotiation_info.
Result<void> check_renegotiation_info(Bytes renegotiated_connection);
/// ec_point_formats names the uncompressed one, the only one that there is (RFC 8422, section 5.1.2). Fails with
/// illegal_parameter, bad_extension.
Result<void> check_point_formats(Bytes formats, wire::MessageKind message);

/// What the client accepts of signatures: without the extension, what SHA-1 has signed (RFC 5246, section 7.4.1.4.1),
/// and before TLS 1.2, whatever it says, what the version has.
wire::List<SignatureScheme> signature_algorithms(ProtocolVersion version, const wire::ClientHello& hello) noexcept;
/// What a server accepts of a client's.
wire::List<SignatureScheme> signature_algorithms(ProtocolVersion version,
                                                 const wire::tls12::CertificateRequest& request) noexcept;
/// The scheme of a signature by that key of the peer's: what was said, `algorithm`, or, before TLS 1.2, what such a key
/// signs with there. Fails with illegal_parameter, wrong_certificate_key for a key that signs nothing there.
Result<SignatureScheme> signature_scheme(ProtocolVersion version, const x509::SubjectPublicKeyInfo& key,
                                         SignatureScheme algorithm);

/// Whether a client's key that signs with that scheme is of one of these types (RFC 5246, section 7.4.4; RFC 8422,
/// section 5.5).
bool is_of_type(SignatureScheme scheme, const wire::List<wire::tls12::ClientCertificateType>& types) noexcept;

/// A Certificate, which `message` is, of the type that was agreed on, kept in ConnectionInfo. Fails as
/// wire::tls12::parse_certificate and parse_raw_public_key do.
Result<void> read_certificate(Engine& engine, const Msg& message);

/// Our Certificate (RFC 5246, section 7.4.2): without a chain where `credential` is null. Fails as
/// wire::tls12::write_certificate does.
Result<void> send_certificate(Engine& engine, schedule::Transcript& transcript, const Credential* credential);

/// The master secret, from the premaster secret, which is wiped on return, and, where it is the extended one,
/// ClientHello...ClientKeyExchange: then there is an exporter, which goes to the engine.
schedule::tls12::MasterSecret derive_master_secret(Engine& engine, const crypto::SuiteParts& suite,
                                                   base::Secret pre_master_secret,
                                                   const schedule::tls12::Randoms& randoms,
                                                   const schedule::Transcript& transcript);
/// The master secret of a session that is resumed. The exporter goes to the engine, as above.
schedule::tls12::MasterSecret resume_master_secret(Engine& engine, const crypto::SuiteParts& suite,
                                                   const session::Session& session,
                                                   const schedule::tls12::Randoms& randoms);
/// Tells the trace of the key block.
void tell_key_block(Engine& engine, const schedule::tls12::KeyBlock& keys);
/// From here on the records of that direction are protected with its keys. Fails as Transport::install does.
Result<void> install(Engine& engine, Direction direction, const crypto::SuiteParts& suite,
                     const schedule::tls12::KeyBlock& keys);

/// Our Finished.
void send_finished(Engine& engine, schedule::Transcript& transcript,
                   const schedule::tls12::MasterSecret& master_secret);
/// The peer's; adds it to the transcript. Fails with decrypt_error, bad_finished.
Result<void> check_finished(Engine& engine, schedule::Transcript& transcript,
                            const schedule::tls12::MasterSecret& master_secret, const Msg& message);

}  // namespace handfast::handshake::tls12
