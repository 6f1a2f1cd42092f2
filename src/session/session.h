// A session: what is kept of a connection so that another can be made from it, and its bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/secret.h"

namespace handfast::session {

/// What was learnt of the peer in the full handshake.
struct PeerRecord {
  std::vector<Buffer> certificates;  ///< DER, as sent, leaf first
  /// The leaf's, where that is all that was kept of them.
  std::optional<std::array<std::uint8_t, 32>> certificate_sha256;
  Buffer raw_public_key;  ///< SubjectPublicKeyInfo in DER, instead of certificates (RFC 7250)
  /// What the server has shown, and what the client has, or would have; whichever of the two is the peer.
  CertificateType server_certificate_type = CertificateType::X509;
  CertificateType client_certificate_type = CertificateType::X509;
  Buffer ocsp_response;
  Buffer signed_certificate_timestamps;
  SignatureScheme signature_scheme{};
  bool verified = false;
  /// Why it was not, where the handshake went on all the same; without evidence.
  std::optional<Error> verification_error;
  /// When all certificates of the path that was verified (of the leaf, where nobody knows the path) are valid, in
  /// seconds since 1970.
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;

  /// It has shown a certificate, or a raw public key.
  bool has_certificate() const noexcept {
    return !certificates.empty() || certificate_sha256 || !raw_public_key.empty();
  }
};

/// What both sides keep. Times are in milliseconds since 1970.
struct Session {
  ProtocolVersion version{};
  CipherSuite cipher_suite{};
  NamedGroup group{};
  base::Secret secret;                  ///< TLS 1.2: the master secret; TLS 1.3: the PSK
  bool extended_master_secret = false;  ///< TLS 1.2 (RFC 7627, section 5.3)
  std::int64_t authenticated = 0;       ///< the full handshake
  std::int64_t issued = 0;              ///< the ticket, or the session ID
  std::int64_t expires = 0;
  std::uint32_t ticket_age_add = 0;
  std::uint32_t max_early_data = 0;
  std::string server_name;           ///< SNI, canonical; on a client the name or address that it went to
  std::string application_protocol;  ///< ALPN
  PeerRecord peer;

  Session clone() const;
};

/// The session in bytes, all of them secret: the caller wipes them. Its lists are as long as wire/ lets them be; of one
/// that is longer no bytes come out.
Buffer encode(const Session& session);
/// Fails with decode_error, decode_error (evidence `message` = "session", `field`): whatever was not written by
/// `encode`, in this very format.
Result<Session> decode(Bytes bytes);

}  // namespace handfast::session
