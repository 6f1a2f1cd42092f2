// AES-CBC as OpenSSL's objects, fetched once.
#include <array>
#include <utility>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_CIPHER* cbc_method(BlockCipher cipher) noexcept {
  static const std::array<const EVP_CIPHER*, 2> methods = {
      EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr),
  };
  return methods[std::to_underlying(cipher)];
}

}  // namespace handfast::crypto
