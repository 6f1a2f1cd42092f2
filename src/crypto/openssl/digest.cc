// Hashes as OpenSSL's objects: EVP_sha256() would be looked up at each use.
#include <array>
#include <utility>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

const EVP_MD* digest_method(HashAlgorithm hash) noexcept {
  static const std::array<const EVP_MD*, 4> methods = {
      EVP_MD_fetch(nullptr, "SHA1", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-384", nullptr),
      EVP_MD_fetch(nullptr, "SHA2-512", nullptr),
  };
  return hash == HashAlgorithm::md5_sha1 ? nullptr : methods[std::to_underlying(hash)];
}

const EVP_MD* keccak_method(Keccak function) noexcept {
  static const std::array<const EVP_MD*, 4> methods = {
      EVP_MD_fetch(nullptr, "SHA3-256", nullptr),
      EVP_MD_fetch(nullptr, "SHA3-512", nullptr),
      EVP_MD_fetch(nullptr, "SHAKE128", nullptr),
      EVP_MD_fetch(nullptr, "SHAKE256", nullptr),
  };
  return methods[std::to_underlying(function)];
}

}  // namespace handfast::crypto
