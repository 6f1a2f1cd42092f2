#include "schedule/secrets.h"

#include <array>

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
  base::Secret finished_key(crypto::digest_size(hash_));
  expand_label(Hmac(hash_, secret_.view()), "finished", {}, finished_key.writable());
  return Hmac(hash_, finished_key.view()).code(transcript_hash);
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

HandshakeSecret EarlySecret::handshake(const base::Secret& shared_secret) && noexcept {
  return {hash_, crypto::hkdf_extract(hash_, derived_.view(), shared_secret.view())};
}

const base::Secret& EarlySecret::derived_without_psk(HashAlgorithm hash) noexcept {
  auto compute = [](HashAlgorithm algorithm) {
    base::Secret zero = zeros(algorithm);
    base::Secret early = crypto::hkdf_extract(algorithm, zero.view(), zero.view());
    return derived(Hmac(algorithm, early.view()));
  };
  static const base::Secret sha256 = compute(HashAlgorithm::sha256);
  static const base::Secret sha384 = compute(HashAlgorithm::sha384);
  return hash == HashAlgorithm::sha256 ? sha256 : sha384;
}

}  // namespace handfast::schedule
