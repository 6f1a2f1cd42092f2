#include "handshake/resume.h"

#include <algorithm>

#include <handfast/identity.h>

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
  peer.ocsp_response = info.ocsp_response;
  peer.signed_certificate_timestamps = info.signed_certificate_timestamps;
  peer.signature_scheme = info.peer_signature_scheme;
  peer.verified = info.peer_verified;
  peer.not_before = validity.not_before;
  peer.not_after = validity.not_after;
  return session;
}

bool still_accepts(Engine& engine, const session::PeerRecord& peer) {
  const Authorization* rule = engine.common().authorization.get();
  if (peer.certificates.empty()) return !rule;
  const std::int64_t now = engine.common().clock->now();
  if (now < peer.not_before || now > peer.not_after) return false;
  if (rule) {
    const Result<Identity> identity = identity_of(peer.certificates.front());
    if (!identity || !rule->permits(*identity)) return false;
  }
  return true;
}

bool verifies_again(Engine& engine, const session::PeerRecord& peer, const Verification& how) {
  // A proof that nothing was revoked, and a list that may say so, are of the day.
  const bool of_the_day = how.options->revocation == RevocationPolicy::require || how.options->revocation_lists;
  if (peer.certificates.empty() || how.verifier || !(of_the_day || how.reverify)) return true;
  const Result<x509::Certificate> leaf = read_leaf(peer.certificates.front());
  return leaf && verify_certificates(engine, *leaf, peer.certificates, peer.ocsp_response, how);
}

void resume(Engine& engine, const session::PeerRecord& peer, Resumption how) {
  ConnectionInfo& info = engine.info();
  info.resumption = how;
  info.peer_certificates = peer.certificates;
  info.ocsp_response = peer.ocsp_response;
  info.signed_certificate_timestamps = peer.signed_certificate_timestamps;
  info.peer_signature_scheme = peer.signature_scheme;
  info.peer_verified = peer.verified;
  engine.set_peer_validity({peer.not_before, peer.not_after});
  engine.tracer()([&] { return ResumptionEvent{how, SessionRefusal::none}; });
}

Flow<void> verify_again(Engine& engine, Verification how) {
  if (!how.reverify || !how.verifier || engine.info().peer_certificates.empty()) co_return;
  x509::Certificate leaf = co_await read_leaf(engine.info().peer_certificates.front());
  co_await verify_chain(engine, leaf, how);
}

void refuse(Engine& engine, SessionRefusal refusal) {
  engine.tracer()([&] { return ResumptionEvent{Resumption::none, refusal}; });
}

void decide_early_data(Engine& engine, EarlyData outcome) {
  engine.info().early_data = outcome;
  engine.tracer()([&] { return EarlyDataEvent{outcome}; });
}

}  // namespace handfast::handshake
