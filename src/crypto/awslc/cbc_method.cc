// AES-CBC as AWS-LC's objects, which are constants.
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_CIPHER* cbc_method(BlockCipher cipher) noexcept {
  return cipher == BlockCipher::aes_128 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
}

}  // namespace handfast::crypto
