#include "handshake/outside.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "handshake/resume.h"
#include "x509/name.h"
#include "x509/verify.h"

namespace handfast::handshake {
namespace {

/// Where the certificates of a path stand, so that nobody keeps them twice.
ConnectionInfo::VerifiedPath place(const x509::VerifiedChain& verified, const std::vector<x509::Certificate>& sent,
                                   const TrustAnchors::Shared& anchors) {
  ConnectionInfo::VerifiedPath path;
  for (const x509::Certificate& certificate : verified.path) {
    const auto found = std::ranges::find(sent, certificate);
    if (found != sent.end()) {
      path.places.push_back(static_cast<std::uint16_t>(found - sent.begin()));
    } else {
      path.anchor = certificate.der();
      path.anchors = anchors;
    }
  }
  return path;
}

/// What the peer's key does in a handshake with that suite.
x509::KeyUsage leaf_usage(CipherSuite cipher_suite, const Verification& how) {
  const crypto::SuiteParts* suite = crypto::find_suite(cipher_suite);
  const bool decrypts = how.server_name && suite && !suite->has_forward_secrecy();
  return decrypts ? x509::KeyUsage::keyEncipherment : x509::KeyUsage::digitalSignature;
}

/// When all of them are valid.
PeerValidity validity(std::span<const x509::Certificate> certificates) {
  PeerValidity validity{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (const x509::Certificate& certificate : certificates) {
    validity.not_before = std::max(validity.not_before, certificate->not_before);
    validity.not_after = std::min(validity.not_after, certificate->not_after);
  }
  return validity;
}

constexpr PeerValidity always{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

/// RFC 7250, section 6: a raw public key says nothing of its holder, so it has to be known before. What is in a key
/// that is known is its owner's affair, but it has to be one that signatures can be verified with.
Result<void> verify_raw_public_key(Engine& engine, const x509::SubjectPublicKeyInfo& key) {
  if (!key.type)
    return fail(Error(Alert::unsupported_certificate, Reason::unsupported_certificate_key)
                    .with("algorithm", x509::oid_text(key.algorithm.oid)));
  const SpkiPin pin = SpkiPin::of(key.der);
  const std::vector<SpkiPin>& trusted = engine.common().trusted_raw_public_keys;
  const bool known = base::contains(trusted, pin);
  engine.tracer()([&] {
    DecisionEvent decision{"raw_public_key", known ? pin.text() : std::string(), {pin.text()}, {}};
    for (const SpkiPin& each : trusted) decision.supported.push_back(each.text());
    return decision;
  });
  if (known) return {};
  return fail(Error(Alert::certificate_unknown, Reason::unknown_public_key).with("pin", pin.text()));
}

/// The built-in verification, and what of it the connection is told.
Result<void> verify_now(Engine& engine, const x509::Certificate& leaf, const Verification& how) {
  const ConnectionInfo& info = engine.info();
  Result<VerifiedCertificates> verified =
      verify_certificates(engine, info.cipher_suite, leaf, info.peer_certificates, info.ocsp_response, how);
  if (!verified) return fail(std::move(verified.error()));
  engine.set_peer_validity(validity(verified->path.path));
  engine.info().path = place(verified->path, verified->sent, *how.anchors);
  return {};
}

}  // namespace

Result<VerifiedCertificates> verify_certificates(Engine& engine, CipherSuite suite, const x509::Certificate& leaf,
                                                 std::span<const Buffer> certificates, Bytes ocsp_response,
                                                 const Verification& how) {
  VerifiedCertificates verified;
  verified.sent.push_back(leaf);
  for (Bytes der : certificates.subspan(1)) {
    Result<x509::Certificate> certificate = x509::Certificate::parse(der);
    if (!certificate)
      return fail(std::move(certificate.error()).with("index", static_cast<std::int64_t>(verified.sent.size())));
    verified.sent.push_back(std::move(*certificate));
  }
  x509::Purpose purpose = x509::ClientAuth{};
  if (how.server_name) purpose = x509::ServerAuth{*how.server_name};
  // RFC 8446, section 4.2.3: signature_algorithms speaks for certificates too where there is no other list.
  const CommonOptions& options = engine.common();
  const std::span<const SignatureScheme> accepted =
      options.certificate_schemes.empty() ? options.signature_schemes : options.certificate_schemes;
  const x509::VerifyRequest request{
      .chain = verified.sent,
      .purpose = std::move(purpose),
      .anchors = **how.anchors,
      .now = options.clock->now(),
      .policy = {.profile = how.options->profile, .signature_schemes = accepted, .leaf_usage = leaf_usage(suite, how)},
      .revocation = {.policy = how.options->revocation,
                     .lists = how.options->revocation_lists.get(),
                     .ocsp_responses = {&ocsp_response, 1}}};
  std::optional<VerificationReport> report;
  if (engine.tracer()) report.emplace();
  Result<x509::VerifiedChain> path = x509::verify(request, report ? &*report : nullptr);
  engine.tracer()([&] { return VerificationEvent{&*report}; });
  if (!path) return fail(std::move(path.error()));
  verified.path = std::move(*path);
  return verified;
}

Outside<Buffer> sign(Engine& engine, const Credential& credential, SignatureScheme scheme, Bytes message) {
  if (const LocalKey* key = credential.local_key()) return Engine::answered(key->sign_now(scheme, message));
  return engine.ask<Buffer>(SignRequest{credential.key(), scheme, Buffer(message.begin(), message.end())});
}

Outside<base::SecretBuffer> decrypt(Engine& engine, const Credential& credential, Bytes ciphertext) {
  if (const LocalKey* key = credential.local_key())
    return Engine::answered<base::SecretBuffer>(base::SecretBuffer(key->decrypt_now(ciphertext).value_or(Buffer())));
  return engine.ask<base::SecretBuffer>(DecryptRequest{credential.key(), Buffer(ciphertext.begin(), ciphertext.end())});
}

Verification verification(const ClientEngine& engine) noexcept {
  const ClientOptions& options = engine.options();
  return {options.verifier.get(), &options.trust, &options.verification, &engine.server_name(),
          options.sessions.reverify};
}
Verification verification(const ServerEngine& engine) noexcept {
  const ServerOptions& options = engine.options();
  return {options.client_verifier.get(), &options.client_trust, &options.client_verification, nullptr,
          options.sessions.reverify};
}

namespace {

VerifyRequest verify_request(const Verification& how, const std::vector<Buffer>& chain, const Buffer& ocsp_response,
                             const Buffer& raw_public_key) {
  return {how.server_name ? Side::server : Side::client, how.server_name ? how.server_name->text() : std::string(),
          chain, ocsp_response, raw_public_key};
}

}  // namespace

Outside<bool> accepts_again(Engine& engine, const session::Session& session, Verification how) {
  const session::PeerRecord& peer = session.peer;
  if (!verifies_again(engine, session, how)) return Engine::answered<bool>(false);
  const bool can_ask = !peer.certificates.empty() || !peer.raw_public_key.empty();
  if (!how.verifier || !how.reverify || !can_ask) return Engine::answered<bool>(true);
  return engine.ask<bool>(verify_request(how, peer.certificates, peer.ocsp_response, peer.raw_public_key));
}

Outside<Refusal> judge_peer(Engine& engine, const PeerKey& key, Verification how) {
  const x509::Certificate* leaf = key.leaf();
  // Nobody says on what path somebody outside has verified it; and who was not verified has none.
  engine.set_peer_validity(leaf ? validity({leaf, 1}) : always);
  if (!how.verifier) {
    Result<void> verified = leaf ? verify_now(engine, *leaf, how) : verify_raw_public_key(engine, key.info());
    return Engine::answered<Refusal>(verified ? Refusal() : Refusal(std::move(verified.error())));
  }
  const ConnectionInfo& info = engine.info();
  return engine.ask<Refusal>(verify_request(how, info.peer_certificates, info.ocsp_response, info.peer_raw_public_key));
}

Outside<base::SecretBuffer> look_up(Engine& engine, const std::shared_ptr<SessionStore>& store, Bytes id,
                                    SessionUse use) {
  MemorySessionStore* local = store->local();
  if (!local) return engine.ask<base::SecretBuffer>(SessionRequest{store, Buffer(id.begin(), id.end()), use});
  return Engine::answered<base::SecretBuffer>(
      base::SecretBuffer(local->find_now(id, use, engine.common().clock->now()).value_or(Buffer())));
}

}  // namespace handfast::handshake
