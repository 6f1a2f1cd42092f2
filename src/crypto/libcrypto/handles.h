// Owners of libcrypto's objects, and silence in its error queue.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>

#include <handfast/bytes.h>

#include "crypto/algorithm.h"
#include "crypto/keccak.h"

namespace handfast::crypto {

template <auto free_object>
struct Freed {
  template <typename T>
  void operator()(T* object) const noexcept {
    free_object(object);
  }
};

using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using EcPoint = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using SecretPoint = std::unique_ptr<EC_POINT, Freed<EC_POINT_clear_free>>;
using EcKey = std::unique_ptr<EC_KEY, Freed<EC_KEY_free>>;
using RsaKey = std::unique_ptr<RSA, Freed<RSA_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

/// Takes back what libcrypto queues while it is in scope; older errors, the application's, stay.
class QuietErrors {
 public:
  QuietErrors() noexcept { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

/// The group of p256, p384 or p521, one for the process; nullptr for other key types.
const EC_GROUP* ec_group_of(KeyType type) noexcept;

/// An uncompressed point (RFC 8446, section 4.2.8.2) that lies on the curve; null for anything else.
EcPoint decode_point(const EC_GROUP* curve, Bytes point) noexcept;

/// libcrypto's object for a hash, fetched once; nullptr for the two of TLS 1.1, which nothing needs as one.
const EVP_MD* digest_method(HashAlgorithm hash) noexcept;
const EVP_MD* keccak_method(Keccak function) noexcept;

/// The same for a block cipher in CBC mode.
const EVP_CIPHER* cbc_method(BlockCipher cipher) noexcept;

/// A key from PKCS#8, PKCS#1 or SEC 1; null for anything else, trailing bytes too.
Pkey decode_private_key(Bytes der) noexcept;

/// A key as an unencrypted PKCS#8 PrivateKeyInfo (RFC 5208); empty if libcrypto fails.
Buffer encode_private_key_info(const EVP_PKEY* key);

}  // namespace handfast::crypto
