// What only the outside can answer: a signature, a decryption, a choice of credential, a verdict on a chain, a session.
//
// Local keys, the config's own credentials and the built-in verification answer at once and raise no Need. What the
// config marks as external does: the connection then stops at that point, `Connection::need` says what it waits for,
// and whoever drives it gives the answer with `Connection::answer`, whenever it has one. A Need owns its data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/credential.h>
#include <handfast/error.h>
#include <handfast/session.h>
#include <handfast/types.h>

namespace handfast {

/// A signature over `message` (RFC 8446, section 4.4.3; RFC 5246, sections 7.4.3 and 7.4.8), by a key that is not
/// local.
struct SignRequest {
  std::shared_ptr<const PrivateKey> key;
  SignatureScheme scheme;
  Buffer message;
};
struct SignAnswer {
  Result<Buffer> signature;
};

/// An extension that the client's certificate is to have (RFC 8446, section 4.2.5), both in DER.
struct OidFilter {
  Buffer oid;
  Buffer values;
};

/// What the peer told of itself before a credential had to be chosen: a server hears it in the ClientHello, a client in
/// the CertificateRequest (there only the version, and what stands here from `signature_schemes` on).
struct PeerOffer {
  ProtocolVersion version{};                       ///< the one that was chosen: Credential::schemes depends on it
  std::string server_name;                         ///< canonical; empty where there was none
  std::vector<std::string> application_protocols;  ///< ALPN, in the peer's order
  std::vector<CipherSuite> cipher_suites;
  std::vector<ProtocolVersion> versions;
  std::vector<NamedGroup> groups;
  std::vector<SignatureScheme> signature_schemes;    ///< signature_algorithms, in the peer's order, or what it means
                                                     ///< that a client of TLS 1.2 does not send it: SHA-1
  std::vector<SignatureScheme> certificate_schemes;  ///< signature_algorithms_cert; empty where there was none
  std::vector<Buffer> certificate_authorities;       ///< distinguished names, DER
  /// ClientCertificateTypes of a CertificateRequest of TLS 1.2 (RFC 5246, section 7.4.4): 1 is rsa_sign, 64 ecdsa_sign.
  std::vector<std::uint8_t> certificate_types;
  std::vector<OidFilter> oid_filters;  ///< all of them are to be met: Credential::meets_filter
  /// What the credential has to be (RFC 7250); in the client's order where we are the server. Those that are not known
  /// here are left out.
  std::vector<CertificateType> credential_types{CertificateType::X509};
  /// Identifiers that a client asks for: CredentialExtras::trust_anchor_id. A ClientHello has room for tens of
  /// thousands; here stand the first `max_trust_anchors` of them.
  std::vector<Buffer> trust_anchors;
  static constexpr std::size_t max_trust_anchors = 512;
};

/// Which credential to use. A null answer: a client goes on without one, a server ends with handshake_failure
/// (unrecognized_name where the peer named a server).
struct CredentialRequest {
  PeerOffer offer;
};
struct CredentialAnswer {
  Result<std::shared_ptr<const Credential>> credential;
};

/// Whether the peer's chain, or its raw public key, is to be trusted.
struct VerifyRequest {
  Side peer;                  ///< whose chain it is
  std::string server_name;    ///< what the client asked for; empty when the peer is a client
  std::vector<Buffer> chain;  ///< DER, as sent, leaf first
  Buffer ocsp_response;       ///< stapled; empty where there was none
  Buffer raw_public_key;      ///< SubjectPublicKeyInfo in DER; where there is one there is no chain (RFC 7250)
};
struct VerifyAnswer {
  Result<void> verdict;
};

/// The session of that ID, from a store that does not answer at once.
struct SessionRequest {
  std::shared_ptr<SessionStore> store;
  Buffer id;
  SessionUse use;
};
/// Nothing: there is none, or the store could not be asked, or did not answer in time. Then the handshake goes on in
/// full, and so it does where the session is of no use.
struct SessionAnswer {
  std::optional<Buffer> session;
};

/// PrivateKey::decrypt by a key that is not local (RFC 5246, section 7.4.7.1).
struct DecryptRequest {
  std::shared_ptr<const PrivateKey> key;
  Buffer ciphertext;
};
/// What the key has answered. Wiped when it goes, whether it was of use or came too late.
struct DecryptAnswer {
  std::optional<Buffer> block;

  DecryptAnswer() noexcept = default;
  explicit DecryptAnswer(std::optional<Buffer> answered) noexcept : block(std::move(answered)) {}
  DecryptAnswer(const DecryptAnswer&) = default;
  DecryptAnswer(DecryptAnswer&&) noexcept = default;
  DecryptAnswer& operator=(DecryptAnswer other) noexcept {
    block.swap(other.block);
    return *this;
  }
  ~DecryptAnswer();
};

/// One outstanding question; at most one at a time.
struct Need {
  std::uint64_t id;  ///< to be named in the answer
  std::variant<SignRequest, CredentialRequest, VerifyRequest, SessionRequest, DecryptRequest> request;
};
using Answer = std::variant<SignAnswer, CredentialAnswer, VerifyAnswer, SessionAnswer, DecryptAnswer>;

/// Chooses credentials outside of the engine; `Stream` calls it. `done` once, at once or later, from any thread.
class CredentialChooser {
 public:
  virtual ~CredentialChooser() = default;
  virtual void choose(CredentialRequest request, std::function<void(CredentialAnswer)> done) const = 0;
  /// As ChainVerifier::policy_name: which credentials it gives, and so which hosts a server is.
  virtual std::string policy_name() const { return {}; }
};

/// Verifies chains outside of the engine, instead of the built-in verification. `done` as above.
class ChainVerifier {
 public:
  virtual ~ChainVerifier() = default;
  virtual void verify(VerifyRequest request, std::function<void(VerifyAnswer)> done) const = 0;
  /// Names the rules that it verifies by, for sessions: those of one name are resumed under every verifier of the same
  /// name, on other hosts and after a reload too. Empty: sessions are resumed under this very config alone.
  virtual std::string policy_name() const { return {}; }
};

}  // namespace handfast
