// Sessions to test with.
#pragma once

#include <numeric>
#include <string>
#include <utility>

#include <handfast/session.h>

#include "session/client_session.h"
#include "session/session.h"

namespace handfast::test {

/// Every field is something else than what it is by default.
inline session::Session full_session() {
  session::Session session;
  session.version = ProtocolVersion::tls1_3;
  session.cipher_suite = CipherSuite::TLS_AES_256_GCM_SHA384;
  session.group = NamedGroup::x25519;
  session.secret = base::Secret(std::size_t{48});
  std::iota(session.secret.writable().begin(), session.secret.writable().end(), std::uint8_t{0x51});
  session.extended_master_secret = true;
  session.authenticated = 1'700'000'000'001;
  session.issued = 1'700'000'100'002;
  session.expires = 1'700'007'200'003;
  session.ticket_age_add = 0xfedcba98;
  session.max_early_data = 16384;
  session.server_name = "example.com";
  session.application_protocol = "h2";
  session.peer.certificates.push_back({0x30, 0x03, 0x02, 0x01, 0x01});
  session.peer.certificates.push_back({0x30, 0x00});
  session.peer.ocsp_response = {1, 2, 3};
  session.peer.signed_certificate_timestamps = {4, 5};
  session.peer.signature_scheme = SignatureScheme::ecdsa_secp256r1_sha256;
  session.peer.verified = true;
  session.peer.not_before = 1'600'000'000;
  session.peer.not_after = 1'800'000'000;
  return session;
}

/// One of a peer that was not verified, and of whose certificates a hash was kept.
inline session::Session hashed_session() {
  session::Session session = full_session();
  session.peer.certificates.clear();
  session.peer.certificate_sha256.emplace().fill(0x77);
  session.peer.verified = false;
  session.peer.verification_error = Error(Alert::unknown_ca, Reason::unknown_issuer);
  return session;
}

/// One of a peer that has shown a raw public key, and was shown one.
inline session::Session raw_public_key_session() {
  session::Session session = full_session();
  session.peer.certificates.clear();
  session.peer.raw_public_key = {0x30, 0x03, 0x02, 0x01, 0x02};
  session.peer.server_certificate_type = CertificateType::RawPublicKey;
  session.peer.client_certificate_type = CertificateType::RawPublicKey;
  return session;
}

/// The shortest that there is.
inline session::Session least_session() {
  session::Session session;
  session.version = ProtocolVersion::tls1_2;
  session.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
  session.secret = base::Secret(Buffer{0xaa});
  return session;
}

/// Of TLS 1.3, with a ticket; `number` tells it from others.
inline session::ClientSession client_session(std::uint8_t number = 1) {
  session::ClientSession saved;
  saved.session = full_session();
  saved.ticket = {number, 8, 9};
  saved.key.server_name = saved.session.server_name;
  saved.key.port = 443;
  saved.key.policy.fill(0x33);
  saved.resumption_across_names = true;
  return saved;
}

/// Of TLS 1.2, with a session ID.
inline session::ClientSession client_session_tls12(std::uint8_t number = 1) {
  session::ClientSession saved;
  saved.session = full_session();
  saved.session.version = ProtocolVersion::tls1_2;
  saved.session.cipher_suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
  saved.session_id = {number, 8, 9};
  saved.key.server_name = saved.session.server_name;
  return saved;
}

inline SavedSession saved(session::ClientSession content) {
  return SavedSession(std::make_shared<const session::ClientSession>(std::move(content)));
}

}  // namespace handfast::test
