// What signing and verifying with RSA share.
#pragma once

#include <openssl/obj_mac.h>

#include "crypto/algorithm.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

/// The hash's object identifier in a DigestInfo (RFC 8017, section 9.2), as libcrypto numbers it.
constexpr int digest_nid(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: return NID_sha1;
    case HashAlgorithm::sha256: return NID_sha256;
    case HashAlgorithm::sha384: return NID_sha384;
    case HashAlgorithm::sha512: return NID_sha512;
    case HashAlgorithm::md5_sha1: return NID_md5_sha1;  // there is no DigestInfo (RFC 4346, section 4.7)
  }
  return NID_undef;
}

/// A salt as long as the digest (RFC 8446, section 4.2.3).
inline constexpr int salt_as_long_as_digest = -1;

/// Whether a modulus has room for an RSA-PSS encoding: digest, salt and two bytes in all bits but one (RFC 8017,
/// section 9.1.1).
inline bool fits_pss(const RSA* key, HashAlgorithm hash) noexcept {
  return (static_cast<std::size_t>(RSA_bits(key)) + 6) / 8 >= 2 * digest_size(hash) + 2;
}

/// Whether a key of that type makes such signatures at all.
constexpr bool fits(KeyType type, SignatureKind kind) noexcept {
  switch (type) {
    case KeyType::rsa: return kind == SignatureKind::rsa_pkcs1 || kind == SignatureKind::rsa_pss;
    case KeyType::rsa_pss: return kind == SignatureKind::rsa_pss;
    case KeyType::p256:
    case KeyType::p384:
    case KeyType::p521: return kind == SignatureKind::ecdsa;
    case KeyType::ed25519: return kind == SignatureKind::ed25519;
    case KeyType::mldsa44: return kind == SignatureKind::mldsa44;
    case KeyType::mldsa65: return kind == SignatureKind::mldsa65;
    case KeyType::mldsa87: return kind == SignatureKind::mldsa87;
  }
  return false;
}

}  // namespace handfast::crypto
