// Hashes as OpenSSL's objects: EVP_sha256() would be looked up at each use.
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_MD* digest_method(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: {
      static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
      return sha1;
    }
    case HashAlgorithm::sha256: {
      static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
      return sha256;
    }
    case HashAlgorithm::sha384: {
      static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
      return sha384;
    }
    case HashAlgorithm::sha512: {
      static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
      return sha512;
    }
  }
  return nullptr;
}

}  // namespace handfast::crypto
