// Hashes as AWS-LC's objects, which are constants.
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_MD* digest_method(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: return EVP_sha1();
    case HashAlgorithm::sha256: return EVP_sha256();
    case HashAlgorithm::sha384: return EVP_sha384();
    case HashAlgorithm::sha512: return EVP_sha512();
    case HashAlgorithm::md5_sha1: break;
  }
  return nullptr;
}

const EVP_MD* keccak_method(Keccak function) noexcept {
  switch (function) {
    case Keccak::sha3_256: return EVP_sha3_256();
    case Keccak::sha3_512: return EVP_sha3_512();
    case Keccak::shake128: return EVP_shake128();
    case Keccak::shake256: return EVP_shake256();
  }
  return nullptr;
}

}  // namespace handfast::crypto
