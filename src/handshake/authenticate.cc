#include "handshake/authenticate.h"

#include <utility>

#include "base/contains.h"
#include "base/copy.h"
#include "crypto/hash.h"
#include "handshake/authorize.h"
#include "handshake/resume.h"
#include "x509/describe.h"
#include "x509/name.h"
#include "x509/public_key.h"

namespace handfast::handshake {

Result<x509::Certificate> read_leaf(Bytes der) {
  Result<x509::Certificate> leaf = x509::Certificate::parse(der);
  // A leaf that is no certificate is a Certificate message that does not decode.
  if (!leaf) {
    Error error(Alert::decode_error, Reason::bad_certificate);
    for (const Fact& fact : leaf.error().evidence()) error = std::move(error).with(fact.name, fact.value);
    return fail(std::move(error).with("index", 0));
  }
  return leaf;
}

namespace {

/// It owns its bytes.
struct RawPublicKey {
  Buffer der;
  x509::SubjectPublicKeyInfo info;
};

Result<PeerKey> read_raw_public_key(Bytes der) {
  auto key = std::make_shared<RawPublicKey>(RawPublicKey{{der.begin(), der.end()}, {}});
  if (!x509::parse_public_key(key->der, key->info))
    return fail(Error(Alert::decode_error, Reason::bad_certificate).with("field", "ASN1_subjectPublicKeyInfo"));
  const x509::SubjectPublicKeyInfo* info = &key->info;
  return PeerKey(std::shared_ptr<const x509::SubjectPublicKeyInfo>(std::move(key), info));
}

}  // namespace

Result<PeerKey> read_peer_key(const ConnectionInfo& info) {
  if (!info.peer_raw_public_key.empty()) return read_raw_public_key(info.peer_raw_public_key);
  Result<x509::Certificate> leaf = read_leaf(info.peer_certificates.front());
  if (!leaf) return fail(std::move(leaf.error()));
  return PeerKey(*std::move(leaf));
}

Result<PeerKey> read_peer_key(const ConnectionInfo& info, x509::KeyUsage usage) {
  Result<PeerKey> key = read_peer_key(info);
  if (!key || !key->leaf()) return key;
  const x509::CertificateView& leaf = **key->leaf();
  // It must be set where the extension is there (RFC 8446, section 4.4.2.2; RFC 5246, section 7.4.2).
  const auto& allowed = leaf.key_usage;
  if (allowed && !contains(*allowed, usage))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_key_usage)
                    .with("subject", x509::name_text(leaf.subject))
                    .with("required", x509::key_usages(usage).front()));
  return key;
}

Result<void> check_authenticated(const ConnectionInfo& info) {
  if (!info.has_peer_certificate()) return fail(Alert::decode_error, Reason::no_certificate);
  return {};
}

namespace {

/// What a refusal comes to under the config.
Result<void> take(Engine& engine, const Verification& how, Refusal& refusal) {
  if (!refusal) return {};
  if (how.options->unverified_peer == UnverifiedPeer::refuse) return fail(*std::move(refusal));
  engine.info().verification_error = std::move(refusal);
  tell_unverified(engine);
  return {};
}

/// KeptCertificates::sha256; a raw public key is not much larger than its hash.
void keep_hash(ConnectionInfo& info) {
  if (info.peer_certificates.empty()) return;
  const crypto::Digest hash = crypto::Hash::of(crypto::HashAlgorithm::sha256, info.peer_certificates.front());
  base::copy(hash.view(), info.peer_certificate_sha256.emplace());
  // Their room goes too, which `= {}` would leave.
  info.peer_certificates = std::vector<Buffer>();
  info.ocsp_response = Buffer();
  info.signed_certificate_timestamps = Buffer();
  info.path = ConnectionInfo::VerifiedPath();
}

}  // namespace

Flow<void> verify_peer(Engine& engine, const PeerKey& key, Verification how) {
  Refusal refusal = co_await judge_peer(engine, key, how);
  co_await take(engine, how, refusal);
}

Result<void> check_signature(Engine& engine, const PeerKey& key, SignatureScheme scheme, Bytes content,
                             Bytes signature) {
  // Before TLS 1.2 there was nothing to offer: who takes the version takes what it signs with.
  if (engine.info().version >= ProtocolVersion::tls1_2 && !base::contains(engine.common().signature_schemes, scheme))
    return fail(Error(Alert::illegal_parameter, Reason::wrong_signature_scheme).with("signature_scheme", name(scheme)));
  const Side signer = engine.peer();
  auto verified = x509::verify_signature(key.info(), engine.info().version, signer, scheme, content, signature);
  if (verified) engine.info().peer_signature_scheme = scheme;
  return verified;
}

void mark_verified(Engine& engine) {
  ConnectionInfo& info = engine.info();
  info.peer_verified = !info.verification_error;
  if (engine.common().kept_certificates == KeptCertificates::sha256) keep_hash(info);
}

Result<void> conclude_authentication(Engine& engine) {
  if (auto authorized = authorize(engine); !authorized) return authorized;
  mark_verified(engine);
  return {};
}

Result<void> check_anonymous(const ServerOptions& options, ProtocolVersion version, ClientAuth demand) {
  if (demand != ClientAuth::require && !options.authorization) return {};
  const bool has_alert = version == ProtocolVersion::tls1_3;
  return fail(has_alert ? Alert::certificate_required : Alert::handshake_failure, Reason::no_certificate);
}

}  // namespace handfast::handshake
