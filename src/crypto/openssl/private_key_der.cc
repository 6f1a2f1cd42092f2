// Private keys in DER. Written by OpenSSL's encoder: the direct function belongs to <openssl/x509.h>, which Handfast
// does not use.
#include <openssl/encoder.h>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

Pkey decode_private_key(Bytes der) noexcept {
  const std::uint8_t* end = der.data();
  Pkey key(d2i_AutoPrivateKey(nullptr, &end, static_cast<long>(der.size())));
  if (end != der.data() + der.size()) return nullptr;
  return key;
}

Buffer encode_private_key_info(const EVP_PKEY* key) {
  std::unique_ptr<OSSL_ENCODER_CTX, Freed<OSSL_ENCODER_CTX_free>> encoder(
      OSSL_ENCODER_CTX_new_for_pkey(key, EVP_PKEY_KEYPAIR, "DER", "PrivateKeyInfo", nullptr));
  unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (!encoder || OSSL_ENCODER_to_data(encoder.get(), &bytes, &size) != 1) return {};
  Buffer der(bytes, bytes + size);
  OPENSSL_clear_free(bytes, size);
  return der;
}

}  // namespace handfast::crypto
