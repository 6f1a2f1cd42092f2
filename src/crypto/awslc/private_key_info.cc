// PKCS#8 by AWS-LC's byte builder.
#include <openssl/bytestring.h>
#include <openssl/mem.h>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

Buffer encode_private_key_info(const EVP_PKEY* key) {
  CBB builder;
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (CBB_init(&builder, 0) != 1) return {};
  if (EVP_marshal_private_key(&builder, key) != 1 || CBB_finish(&builder, &bytes, &size) != 1) {
    CBB_cleanup(&builder);
    return {};
  }
  Buffer der(bytes, bytes + size);
  OPENSSL_free(bytes);  // wipes, as every free of AWS-LC does
  return der;
}

}  // namespace handfast::crypto
