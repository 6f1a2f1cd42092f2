#include "handshake/resume.h"

#include <algorithm>

#include <handfast/identity.h>

#include "base/contains.h"
#include "handshake/authenticate.h"

namespace handfast::handshake {

session::Session make_session(Clock& clock, const ConnectionInfo& info, const PeerValidity& validity,
                              std::int64_t authenticated, std::int64_t lifetime) {
  session::Session session;
  session.version = info.version;
  session.cipher_suite = info.cipher_suite;
  session.group = info.group;
  session.extended_master_secret = info.extended_master_secret;
  session.authenticated = authenticated;
  session.issued = clock.now_milliseconds();
  session.expires = session.issued + lifetime * 1000;
  session.server_name = info.server_name;
  session.application_protocol = info.application_protocol;
  session::PeerRecord& peer = session.peer;
  peer.certificates = info.peer_certificates;
  peer.certificate_sha256 = info.peer_certificate_sha256;
  peer.raw_public_key = info.peer_raw_public_key;
  peer.server_certificate_type = info.server_certificate_type;
  peer.client_certificate_type = info.client_certificate_type;
  peer.ocsp_response = info.ocsp_response;
  peer.signed_certificate_timestamps = info.signed_certificate_timestamps;
  peer.signature_scheme = info.peer_signature_scheme;
  peer.verified = info.peer_verified;
  peer.verification_error = verdict(info);
  peer.not_before = validity.not_before;
  peer.not_after = validity.not_after;
  return session;
}

std::optional<Error> verdict(const ConnectionInfo& info) {
  if (!info.verification_error) return std::nullopt;
  return Error(info.verification_error->alert(), info.verification_error->reason());
}

namespace {

/// Whether the config takes what the peer was known by. A key that was verified is still to be one of the trusted.
bool accepts_type(Engine& engine, const session::PeerRecord& peer, const Verification& how) {
  const CommonOptions& options = engine.common();
  const bool is_raw = !peer.raw_public_key.empty();
  if (!base::contains(options.peer_certificate_types, is_raw ? CertificateType::RawPublicKey : CertificateType::X509))
    return false;
  if (!is_raw || how.verifier || !peer.verified) return true;
  return base::contains(options.trusted_raw_public_keys, SpkiPin::of(peer.raw_public_key));
}

}  // namespace

bool still_accepts(Engine& engine, const session::PeerRecord& peer, const Verification& how) {
  const Authorization* rule = engine.common().authorization.get();
  if (!peer.has_certificate()) return !rule;
  if (!accepts_type(engine, peer, how)) return false;
  if (!peer.verified && how.options->unverified_peer == UnverifiedPeer::refuse) return false;
  const std::int64_t now = engine.common().clock->now();
  if (now < peer.not_before || now > peer.not_after) return false;
  if (rule) {
    if (peer.certificates.empty()) return false;  // of a hash it can't be asked
    const Result<Identity> identity = identity_of(peer.certificates.front());
    if (!identity || !rule->permits(*identity)) return false;
  }
  return true;
}

bool verifies_again(Engine& engine, const session::Session& session, const Verification& how) {
  const session::PeerRecord& peer = session.peer;
  // A proof that nothing was revoked, and a list that may say so, are of the day.
  const bool of_the_day =
      !how.verifier && (how.options->revocation == RevocationPolicy::require || how.options->revocation_lists);
  if (!peer.has_certificate() || !(of_the_day || how.reverify)) return true;
  if (peer.certificates.empty() && peer.raw_public_key.empty()) return false;
  if (how.verifier) return true;
  // Nobody revokes a key; and one that was verified is still trusted, as still_accepts has seen. Any other was not, and
  // is not now.
  if (!peer.raw_public_key.empty()) return peer.verified || !how.reverify;
  const Result<x509::Certificate> leaf = read_leaf(peer.certificates.front());
  return leaf && verify_certificates(engine, session.cipher_suite, *leaf, peer.certificates, peer.ocsp_response, how);
}

void resume(Engine& engine, const session::PeerRecord& peer, Resumption how) {
  ConnectionInfo& info = engine.info();
  info.resumption = how;
  info.peer_certificates = peer.certificates;
  info.peer_certificate_sha256 = peer.certificate_sha256;
  info.peer_raw_public_key = peer.raw_public_key;
  info.server_certificate_type = peer.server_certificate_type;
  info.client_certificate_type = peer.client_certificate_type;
  info.ocsp_response = peer.ocsp_response;
  info.signed_certificate_timestamps = peer.signed_certificate_timestamps;
  info.peer_signature_scheme = peer.signature_scheme;
  info.peer_verified = peer.verified;
  info.verification_error = peer.verification_error;
  engine.set_peer_validity({peer.not_before, peer.not_after});
  engine.tracer()([&] { return ResumptionEvent{how, SessionRefusal::none}; });
  if (peer.verification_error) tell_unverified(engine);
}

Flow<void> verify_again(Engine& engine, Verification how) {
  const bool can_ask = !engine.info().peer_certificates.empty() || !engine.info().peer_raw_public_key.empty();
  if (!how.reverify || !how.verifier || !can_ask) co_return;
  PeerKey key = co_await read_peer_key(engine.info());
  engine.info().verification_error.reset();
  engine.info().peer_verified = false;  // what the session says is asked anew
  co_await verify_peer(engine, key, how);
  engine.info().peer_verified = !engine.info().verification_error;
}

void tell_unverified(Engine& engine) {
  engine.tracer()([&] {
    const Error& error = *engine.info().verification_error;
    return DecisionEvent{
        "unverified_peer", "accepted", {std::string(code(error.reason())) + ": " + error.message()}, {}};
  });
}

void refuse(Engine& engine, SessionRefusal refusal) {
  engine.tracer()([&] { return ResumptionEvent{Resumption::none, refusal}; });
}

void decide_early_data(Engine& engine, EarlyData outcome) {
  engine.info().early_data = outcome;
  engine.tracer()([&] { return EarlyDataEvent{outcome}; });
}

}  // namespace handfast::handshake
