#include "schedule/secrets.h"

#include <cassert>

#include "schedule/expand_label.h"

namespace handfast::schedule {
namespace {

using crypto::HashAlgorithm;
using crypto::Hmac;

base::Secret zeros(HashAlgorithm hash) noexcept { return base::Secret(crypto::digest_size(hash)); }

base::Secret derived(const Hmac& stage) noexcept {
  return derive_secret(stage, "derived", empty_hash(stage.algorithm()).view());
}

TrafficSecret traffic(const Hmac& stage, std::string_view label, Bytes transcript_hash) noexcept {
  return {stage.algorithm(), derive_secret(stage, label, transcript_hash)};
}

/// verify_data of Finished (section 4.4.4); binders are made alike (section 4.2.11.2).
crypto::Digest verify_data(HashAlgorithm hash, const base::Secret& base_key, Bytes transcript_hash) noexcept {
  base::Secret finished_key(crypto::digest_size(hash));
  expand_label(Hmac(hash, base_key.view()), "finished", {}, finished_key.writable());
  return Hmac(hash, finished_key.view()).code(transcript_hash);
}

/// Section 7.1; RFC 9258, section 5.2.
std::string_view binder_label(PskKind kind) noexcept {
  switch (kind) {
    case PskKind::resumption: return "res binder";
    case PskKind::external: return "ext binder";
    case PskKind::imported: return "imp binder";
  }
  return {};
}

}  // namespace

TrafficKeys TrafficSecret::keys(crypto::AeadAlgorithm aead) const noexcept {
  Hmac secret(hash_, secret_.view());
  base::Secret key(crypto::key_size(aead));
  crypto::Nonce iv;
  expand_label(secret, "key", {}, key.writable());
  expand_label(secret, "iv", {}, iv);
  return {crypto::Aead(aead, key.view()), iv};
}

crypto::Digest TrafficSecret::finished(Bytes transcript_hash) const noexcept {
  return verify_data(hash_, secret_, transcript_hash);
}

TrafficSecret TrafficSecret::next() const noexcept {
  base::Secret next(secret_.size());
  expand_label(Hmac(hash_, secret_.view()), "traffic upd", {}, next.writable());
  return {hash_, std::move(next)};
}

void ExporterSecret::derive(std::string_view label, Bytes context, MutableBytes out) const noexcept {
  base::Secret secret = derive_secret(Hmac(hash_, secret_.view()), label, empty_hash(hash_).view());
  crypto::Digest context_hash = crypto::Hash::of(hash_, context);
  expand_label(Hmac(hash_, secret.view()), "exporter", context_hash.view(), out);
}

TrafficSecret MasterSecret::client_application_traffic(Bytes transcript_hash) const noexcept {
  return traffic(hmac_, "c ap traffic", transcript_hash);
}
TrafficSecret MasterSecret::server_application_traffic(Bytes transcript_hash) const noexcept {
  return traffic(hmac_, "s ap traffic", transcript_hash);
}
ExporterSecret MasterSecret::exporter(Bytes transcript_hash) const noexcept {
  return {hmac_.algorithm(), derive_secret(hmac_, "exp master", transcript_hash)};
}
base::Secret MasterSecret::resumption(Bytes transcript_hash) const noexcept {
  return derive_secret(hmac_, "res master", transcript_hash);
}

TrafficSecret HandshakeSecret::client_handshake_traffic(Bytes transcript_hash) const noexcept {
  return traffic(hmac_, "c hs traffic", transcript_hash);
}
TrafficSecret HandshakeSecret::server_handshake_traffic(Bytes transcript_hash) const noexcept {
  return traffic(hmac_, "s hs traffic", transcript_hash);
}
MasterSecret HandshakeSecret::master() && noexcept {
  HashAlgorithm hash = hmac_.algorithm();
  base::Secret salt = derived(hmac_);
  base::Secret zero = zeros(hash);
  return {hash, crypto::hkdf_extract(hash, salt.view(), zero.view())};
}

EarlySecret EarlySecret::of(HashAlgorithm hash, const base::Secret& psk) noexcept {
  static const Hmac sha256(HashAlgorithm::sha256, {});  // a salt of zeros, or none
  static const Hmac sha384(HashAlgorithm::sha384, {});
  return extracted(hash, crypto::hkdf_extract(hash == HashAlgorithm::sha256 ? sha256 : sha384, psk.view()));
}

EarlySecret EarlySecret::extracted(HashAlgorithm hash, const base::Secret& early_secret) noexcept {
  EarlySecret stage(hash);
  stage.secret_ = early_secret.clone();
  stage.hmac_.emplace(hash, early_secret.view());
  return stage;
}

const Hmac& EarlySecret::keyed() const noexcept {
  assert(hmac_);
  return *hmac_;
}

crypto::Digest EarlySecret::binder(PskKind kind, Bytes hello_hash) const noexcept {
  return verify_data(hash_, derive_secret(keyed(), binder_label(kind), empty_hash(hash_).view()), hello_hash);
}
TrafficSecret EarlySecret::client_early_traffic(Bytes hello_hash) const noexcept {
  return traffic(keyed(), "c e traffic", hello_hash);
}
ExporterSecret EarlySecret::early_exporter(Bytes hello_hash) const noexcept {
  return {hash_, derive_secret(keyed(), "e exp master", hello_hash)};
}

HandshakeSecret EarlySecret::handshake(const base::Secret& shared_secret) && noexcept {
  if (!hmac_) return {hash_, crypto::hkdf_extract(hash_, derived_without_psk(hash_).view(), shared_secret.view())};
  base::Secret salt = derived(*hmac_);
  return {hash_, crypto::hkdf_extract(hash_, salt.view(), shared_secret.view())};
}
HandshakeSecret EarlySecret::handshake() && noexcept { return std::move(*this).handshake(zeros(hash_)); }

const base::Secret& EarlySecret::derived_without_psk(HashAlgorithm hash) noexcept {
  // No PSK is a PSK of zeros (section 7.1).
  auto compute = [](HashAlgorithm algorithm) { return derived(of(algorithm, zeros(algorithm)).keyed()); };
  static const base::Secret sha256 = compute(HashAlgorithm::sha256);
  static const base::Secret sha384 = compute(HashAlgorithm::sha384);
  return hash == HashAlgorithm::sha256 ? sha256 : sha384;
}

base::Secret resumption_psk(HashAlgorithm hash, const base::Secret& resumption_master_secret,
                            Bytes ticket_nonce) noexcept {
  base::Secret psk(crypto::digest_size(hash));
  expand_label(Hmac(hash, resumption_master_secret.view()), "resumption", ticket_nonce, psk.writable());
  return psk;
}

}  // namespace handfast::schedule
