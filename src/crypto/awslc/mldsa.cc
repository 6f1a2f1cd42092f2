// ML-DSA by AWS-LC's numbers: one type of EVP_PKEY for all three.
#include "crypto/libcrypto/mldsa.h"

#include <openssl/nid.h>

namespace handfast::crypto {

namespace {

int nid_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::mldsa44: return NID_MLDSA44;
    case KeyType::mldsa65: return NID_MLDSA65;
    case KeyType::mldsa87: return NID_MLDSA87;
    default: return NID_undef;
  }
}

}  // namespace

bool has_mldsa() noexcept { return true; }

std::optional<KeyType> mldsa_type(const EVP_PKEY* key) noexcept {
  if (EVP_PKEY_id(key) != EVP_PKEY_PQDSA) return {};
  switch (EVP_PKEY_pqdsa_get_type(key)) {
    case NID_MLDSA44: return KeyType::mldsa44;
    case NID_MLDSA65: return KeyType::mldsa65;
    case NID_MLDSA87: return KeyType::mldsa87;
    default: return {};
  }
}

Pkey mldsa_public_key(KeyType type, Bytes encoded) noexcept {
  return Pkey(EVP_PKEY_pqdsa_new_raw_public_key(nid_of(type), encoded.data(), encoded.size()));
}

PkeyContext mldsa_generator(KeyType type) noexcept {
  PkeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_PQDSA, nullptr));
  if (!context || EVP_PKEY_CTX_pqdsa_set_params(context.get(), nid_of(type)) != 1) return nullptr;
  return context;
}

}  // namespace handfast::crypto
