#include "schedule/tls12/secrets.h"

#include <cassert>

#include "base/copy.h"
#include "schedule/tls12/prf.h"

namespace handfast::schedule::tls12 {
namespace {

base::Secret master_secret(crypto::HashAlgorithm hash, const base::Secret& pre_master_secret, std::string_view label,
                           Bytes seed, Bytes more_seed) noexcept {
  constexpr std::size_t size = 48;
  base::Secret secret(size);
  prf(crypto::Hmac(hash, pre_master_secret.view()), label, seed, more_seed, secret.writable());
  return secret;
}

VerifyData verify_data(const crypto::Hmac& master_secret, std::string_view label, Bytes transcript_hash) noexcept {
  VerifyData data;
  prf(master_secret, label, transcript_hash, {}, data);
  return data;
}

}  // namespace

KeyBlock::KeyBlock(const crypto::Hmac& master_secret, const crypto::SuiteParts& suite, const Randoms& randoms) noexcept
    : sizes_(sizes_of(suite)), suite_(suite) {
  const std::size_t size = 2 * (sizes_.mac_key + sizes_.key + sizes_.iv);
  prf(master_secret, "key expansion", randoms.server, randoms.client, MutableBytes(bytes_).first(size));
}

KeyBlock::~KeyBlock() { base::wipe(bytes_.data(), bytes_.size()); }

/// fixed_iv_length: RFC 5288, section 3; RFC 7905, section 2. IV_size: RFC 2246, section 6.3.
KeyBlock::Sizes KeyBlock::sizes_of(const crypto::SuiteParts& suite) noexcept {
  if (!suite.has_aead()) {
    const std::size_t iv = suite.version == ProtocolVersion::tls1_0 ? crypto::cipher_block_size : 0;
    return {crypto::digest_size(suite.cbc().mac), crypto::key_size(suite.cbc().cipher), iv};
  }
  const bool whole_nonce = suite.aead() == crypto::AeadAlgorithm::chacha20_poly1305;
  return {0, crypto::key_size(suite.aead()), whole_nonce ? crypto::aead_nonce_size : 4};
}

Bytes KeyBlock::client_write_MAC_key() const& noexcept { return Bytes(bytes_).first(sizes_.mac_key); }
Bytes KeyBlock::server_write_MAC_key() const& noexcept { return Bytes(bytes_).subspan(sizes_.mac_key, sizes_.mac_key); }
Bytes KeyBlock::client_write_key() const& noexcept { return Bytes(bytes_).subspan(2 * sizes_.mac_key, sizes_.key); }
Bytes KeyBlock::server_write_key() const& noexcept {
  return Bytes(bytes_).subspan(2 * sizes_.mac_key + sizes_.key, sizes_.key);
}
Bytes KeyBlock::client_write_IV() const& noexcept {
  return Bytes(bytes_).subspan(2 * (sizes_.mac_key + sizes_.key), sizes_.iv);
}
Bytes KeyBlock::server_write_IV() const& noexcept {
  return Bytes(bytes_).subspan(2 * (sizes_.mac_key + sizes_.key) + sizes_.iv, sizes_.iv);
}

RecordKeys KeyBlock::keys(crypto::MacOrder order, Bytes mac_key, Bytes key, Bytes iv) const noexcept {
  if (!suite_.has_aead()) {
    CbcTrafficKeys cbc{crypto::CbcKeys(suite_.cbc(), mac_key, key), order, std::nullopt};
    if (!iv.empty()) base::copy(iv, cbc.iv.emplace());
    return cbc;
  }
  TrafficKeys keys{crypto::Aead(suite_.aead(), key), {}};
  base::copy(iv, keys.iv);
  return keys;
}

RecordKeys KeyBlock::client(crypto::MacOrder order) const noexcept {
  return keys(order, client_write_MAC_key(), client_write_key(), client_write_IV());
}
RecordKeys KeyBlock::server(crypto::MacOrder order) const noexcept {
  return keys(order, server_write_MAC_key(), server_write_key(), server_write_IV());
}

void Exporter::derive(std::string_view label, std::optional<Bytes> context, MutableBytes out) const noexcept {
  // The seed is client_random + server_random, and where there is a context, its length as uint16 and itself.
  std::array<std::uint8_t, 32 + 32 + 2> seed;
  MutableBytes rest = base::copy(randoms_.server, base::copy(randoms_.client, seed));
  if (context) {
    assert(context->size() <= 0xffff);
    rest[0] = static_cast<std::uint8_t>(context->size() >> 8);
    rest[1] = static_cast<std::uint8_t>(context->size());
    rest = rest.subspan(2);
  }
  prf(crypto::Hmac(hash_, master_secret_.view()), label, Bytes(seed).first(seed.size() - rest.size()),
      context.value_or(Bytes()), out);
}

MasterSecret MasterSecret::derive(crypto::HashAlgorithm hash, const base::Secret& pre_master_secret,
                                  const Randoms& randoms) noexcept {
  return {hash, master_secret(hash, pre_master_secret, "master secret", randoms.client, randoms.server)};
}

MasterSecret MasterSecret::extended(crypto::HashAlgorithm hash, const base::Secret& pre_master_secret,
                                    Bytes session_hash) noexcept {
  return {hash, master_secret(hash, pre_master_secret, "extended master secret", session_hash, {})};
}

KeyBlock MasterSecret::key_block(const crypto::SuiteParts& suite, const Randoms& randoms) const noexcept {
  return {hmac_, suite, randoms};
}

VerifyData MasterSecret::client_finished(Bytes transcript_hash) const noexcept {
  return verify_data(hmac_, "client finished", transcript_hash);
}

VerifyData MasterSecret::server_finished(Bytes transcript_hash) const noexcept {
  return verify_data(hmac_, "server finished", transcript_hash);
}

Exporter MasterSecret::exporter(const Randoms& randoms) const noexcept {
  return {hmac_.algorithm(), secret_.clone(), randoms};
}

}  // namespace handfast::schedule::tls12
