// Hashes as AWS-LC's objects, which are constants.
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_MD* digest_method(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: return EVP_sha1();
    case HashAlgorithm::sha256: return EVP_sha256();
    case HashAlgorithm::sha384: return EVP_sha384();
    case HashAlgorithm::sha512: return EVP_sha512();
  }
  return nullptr;
}

}  // namespace handfast::crypto
