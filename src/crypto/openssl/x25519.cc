// X25519 (RFC 7748) through EVP, which is OpenSSL's only way to it. Each thread keeps what can be kept: the context
// that imports a key without a look-up, and the object that takes the peer's public value.
#include <openssl/core_names.h>

#include <array>

#include "crypto/diffie_hellman.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

EVP_PKEY_CTX* importer() noexcept {
  thread_local const PkeyContext context = [] {
    PkeyContext made(EVP_PKEY_CTX_new_from_name(nullptr, "X25519", nullptr));
    if (made && EVP_PKEY_fromdata_init(made.get()) != 1) made.reset();
    return made;
  }();
  return context.get();
}

EVP_PKEY* peer_key(Bytes public_value) noexcept {
  thread_local const Pkey key = [] {
    constexpr std::array<std::uint8_t, 32> any = {9};
    return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, any.data(), any.size()));
  }();
  if (!key || EVP_PKEY_set1_encoded_public_key(key.get(), public_value.data(), public_value.size()) != 1)
    return nullptr;
  return key.get();
}

/// Without a public value OpenSSL computes it, which costs as much as the exchange.
Pkey import_key(Bytes private_key, Bytes public_value) noexcept {
  std::array<OSSL_PARAM, 3> parameters;
  parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY,
                                                    const_cast<std::uint8_t*>(private_key.data()), private_key.size());
  parameters[1] = OSSL_PARAM_construct_end();
  if (!public_value.empty()) {
    parameters[1] = OSSL_PARAM_construct_octet_string(
        OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(public_value.data()), public_value.size());
    parameters[2] = OSSL_PARAM_construct_end();
  }
  EVP_PKEY* key = nullptr;
  if (importer() == nullptr || EVP_PKEY_fromdata(importer(), &key, EVP_PKEY_KEYPAIR, parameters.data()) != 1)
    return nullptr;
  return Pkey(key);
}

bool read_public(const Pkey& key, MutableBytes public_value) noexcept {
  std::size_t size = public_value.size();
  return key && EVP_PKEY_get_raw_public_key(key.get(), public_value.data(), &size) == 1 && size == public_value.size();
}

bool derive(const Pkey& key, Bytes peer_public_value, MutableBytes shared) noexcept {
  EVP_PKEY* peer = peer_key(peer_public_value);
  if (!key || peer == nullptr) return false;
  PkeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::size_t size = shared.size();
  // Any 32 bytes are a public value: there is nothing for OpenSSL to validate. It refuses an all-zero result.
  return context && EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) == 1 &&
         EVP_PKEY_derive(context.get(), shared.data(), &size) == 1 && size == shared.size();
}

}  // namespace

bool x25519_public(Bytes private_key, MutableBytes public_value) noexcept {
  QuietErrors quiet;
  return read_public(import_key(private_key, {}), public_value);
}

bool x25519(Bytes private_key, Bytes public_value, Bytes peer_public_value, MutableBytes shared) noexcept {
  QuietErrors quiet;
  return derive(import_key(private_key, public_value), peer_public_value, shared);
}

bool x25519_respond(Bytes private_key, Bytes peer_public_value, MutableBytes public_value,
                    MutableBytes shared) noexcept {
  QuietErrors quiet;
  const Pkey key = import_key(private_key, {});
  return read_public(key, public_value) && derive(key, peer_public_value, shared);
}

}  // namespace handfast::crypto
