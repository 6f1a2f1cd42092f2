// What the two sides of a connection agreed on.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/credential.h>
#include <handfast/error.h>
#include <handfast/identity.h>
#include <handfast/session.h>
#include <handfast/trust.h>
#include <handfast/types.h>

namespace handfast {

/// What was agreed on. Fields are filled in as the handshake learns them, and changed by a client that authenticates
/// after it: views into them end with the call that learns of it.
struct ConnectionInfo {
  ProtocolVersion version{};
  CipherSuite cipher_suite{};
  NamedGroup group{};
  bool retried = false;                          ///< a HelloRetryRequest was sent or received
  std::string server_name;                       ///< SNI, canonical: what the client sent
  std::string application_protocol;              ///< ALPN; empty: none
  SignatureScheme peer_signature_scheme{};       ///< what the peer signed with; 0: it did not
  SignatureScheme own_signature_scheme{};        ///< what we signed with; 0: we did not
  std::shared_ptr<const Credential> credential;  ///< ours, where one was used
  std::vector<Buffer> peer_certificates;         ///< DER, as sent, leaf first; see KeptCertificates
  bool post_handshake_auth = false;              ///< the client may be asked for a certificate from now on
  bool extended_master_secret = false;           ///< of TLS 1.2 (RFC 7627)
  bool encrypt_then_mac = false;                 ///< of TLS 1.2 with a block cipher (RFC 7366)
  bool secure_renegotiation = false;             ///< of TLS 1.2: the peer knows RFC 5746
  bool peer_verified = false;                    ///< the chain was verified and the peer has proved its key
  /// Why the peer was not verified, where the handshake went on all the same (UnverifiedPeer::go_on); without evidence
  /// where a session was resumed.
  std::optional<Error> verification_error;
  /// Of the peer's leaf, where it is all that is kept of its certificates (KeptCertificates::sha256).
  std::optional<std::array<std::uint8_t, 32>> peer_certificate_sha256;
  /// The SubjectPublicKeyInfo in DER that the peer has shown instead of certificates (RFC 7250); it is always kept.
  Buffer peer_raw_public_key;
  /// What the server shows, and what the client does where it is asked (RFC 7250); of a session that is resumed, what
  /// was shown then. Of a client that may be asked later on, what it would show.
  CertificateType server_certificate_type = CertificateType::X509;
  CertificateType client_certificate_type = CertificateType::X509;
  /// draft-ietf-tls-trust-anchor-ids: the server has chosen its certificate by an identifier that the client sent; and,
  /// on a client, which identifiers the server says to have certificates for.
  bool matched_trust_anchor = false;
  std::vector<Buffer> available_trust_anchors;
  Resumption resumption = Resumption::none;  ///< then all that is known of the peer is the session's
  EarlyData early_data = EarlyData::disabled;
  std::int64_t ticket_age_skew = 0;      ///< seconds by which the client's account of the ticket's age is ahead of ours
  Buffer psk_identity;                   ///< of the external key that was used
  Buffer ocsp_response;                  ///< the peer's staple, not checked
  Buffer signed_certificate_timestamps;  ///< the peer's, not checked

  /// The path on which the peer's chain was verified.
  struct VerifiedPath {
    std::vector<std::uint16_t> places;            ///< in `peer_certificates`, the leaf's first
    Bytes anchor;                                 ///< in DER, where `anchors` holds it; empty: the last place is it
    std::shared_ptr<const TrustAnchors> anchors;  ///< keeps it alive
  };
  VerifiedPath path;
  /// The same as certificates in DER, from the leaf to the anchor; empty where nothing was verified, an external
  /// verifier did, which gives no path, or a session was resumed and not verified anew. Views into this ConnectionInfo
  /// and the anchors: those of a copy are its own.
  std::vector<Bytes> verified_path() const;

  /// The peer has shown a certificate or a raw public key, now or in the full handshake of the session; once the
  /// handshake is over it has proved to have its key.
  bool has_peer_certificate() const noexcept {
    return !peer_certificates.empty() || peer_certificate_sha256 || !peer_raw_public_key.empty();
  }
  /// Who the peer is, made from its leaf at each call: nothing where it was not verified, whatever it has sent, where
  /// its leaf was not kept, and of a raw public key, which says nothing of its holder.
  std::optional<Identity> peer_identity() const;
};

}  // namespace handfast
