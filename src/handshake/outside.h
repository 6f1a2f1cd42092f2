// What only the outside can answer: asked inline where the config has the answer, else as a Need.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <handfast/credential.h>
#include <handfast/session.h>

#include "base/secret.h"
#include "handshake/client.h"
#include "handshake/engine.h"
#include "handshake/server.h"
#include "session/session.h"
#include "wire/certificate_request.h"
#include "wire/client_hello.h"
#include "wire/tls12/certificate_request.h"
#include "x509/certificate.h"
#include "x509/server_name.h"
#include "x509/verify.h"

namespace handfast::handshake {

/// A signature over `message` by the credential's key. Fails with internal_error, signing_failed.
Outside<Buffer> sign(Engine& engine, const Credential& credential, SignatureScheme scheme, Bytes message);

/// What the credential's key has made of a premaster secret that a client has encrypted (PrivateKey::decrypt); empty
/// where it could not. It never fails.
Outside<base::SecretBuffer> decrypt(Engine& engine, const Credential& credential, Bytes ciphertext);

/// The server's credential for a ClientHello, never null. Fails with unrecognized_name where the config asks for it,
/// handshake_failure, no_common_signature_scheme or no_matching_issuer.
Outside<std::shared_ptr<const Credential>> choose_credential(ServerEngine& engine, const wire::ClientHello& hello);

/// Whether the config would rather show the client one of its certificates, which the client would take, than use a
/// pre-shared key.
bool prefers_certificate(ServerEngine& engine, const wire::ClientHello& hello);

/// The identifiers of trust anchors that a client which asks is told to be available: those of the config, or of the
/// credentials that it could be shown under the name it asks for (draft-ietf-tls-trust-anchor-ids). Empty: nothing is
/// said.
std::vector<Buffer> available_trust_anchors(ServerEngine& engine, const wire::ClientHello& hello);

/// The client's credential for a CertificateRequest; null: it goes on without one.
Outside<std::shared_ptr<const Credential>> choose_credential(Engine& engine, const ClientOptions& options,
                                                             const wire::CertificateRequest& request);
Outside<std::shared_ptr<const Credential>> choose_credential(Engine& engine, const ClientOptions& options,
                                                             const wire::tls12::CertificateRequest& request);

/// What a peer is known by: the leaf of its chain, or its raw public key (RFC 7250).
class PeerKey {
 public:
  explicit PeerKey(x509::Certificate leaf) noexcept : leaf_(std::move(leaf)) {}
  explicit PeerKey(std::shared_ptr<const x509::SubjectPublicKeyInfo> raw) noexcept : raw_(std::move(raw)) {}
  /// Null where it is a raw public key.
  const x509::Certificate* leaf() const noexcept { return leaf_ ? &*leaf_ : nullptr; }
  const x509::SubjectPublicKeyInfo& info() const noexcept { return leaf_ ? (*leaf_)->public_key : *raw_; }

 private:
  std::optional<x509::Certificate> leaf_;
  std::shared_ptr<const x509::SubjectPublicKeyInfo> raw_;
};

/// How the peer's chain is to be verified.
struct Verification {
  const ChainVerifier* verifier;        ///< from outside, or nullptr:
  const TrustAnchors::Shared* anchors;  ///< then with these,
  const VerificationOptions* options;   ///< in this way
  const x509::ServerName* server_name;  ///< nullptr where the peer is a client
  bool reverify;                        ///< wholly, when a session is resumed
};
Verification verification(const ClientEngine& engine) noexcept;
Verification verification(const ServerEngine& engine) noexcept;

/// A chain that was verified: as it was sent, and the path that was found.
struct VerifiedCertificates {
  std::vector<x509::Certificate> sent;
  x509::VerifiedChain path;
};
/// The built-in verification of a chain, whose leaf was parsed already; `ocsp_response` is the leaf's staple, and
/// `suite` says by its key exchange what the leaf's key does or, in a session, has done. Tells the trace. Fails as
/// x509::verify does.
Result<VerifiedCertificates> verify_certificates(Engine& engine, CipherSuite suite, const x509::Certificate& leaf,
                                                 std::span<const Buffer> certificates, Bytes ocsp_response,
                                                 const Verification& how);

/// Whether what the peer has shown is the peer's: the chain in ConnectionInfo::peer_certificates, or the raw public
/// key, `key` being read from there. Refused as x509::verify fails; with certificate_unknown, unknown_public_key, or
/// unsupported_certificate, unsupported_certificate_key for a raw public key; or with whatever an external verifier
/// says.
Outside<Refusal> judge_peer(Engine& engine, const PeerKey& key, Verification how);

/// Whether a session's certificates, or its raw public key, are accepted once more, where the config wants it: by the
/// built-in verification (verifies_again), or by somebody outside.
Outside<bool> accepts_again(Engine& engine, const session::Session& session, Verification how);

/// The session of that ID; empty where there is none, or the store can't say. It never fails.
Outside<base::SecretBuffer> look_up(Engine& engine, const std::shared_ptr<SessionStore>& store, Bytes id,
                                    SessionUse use);

}  // namespace handfast::handshake
