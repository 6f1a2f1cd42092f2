// What a cipher suite is made of.
#pragma once

#include <cstdint>
#include <optional>

#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::crypto {

/// Whose keys may sign under a suite. In TLS 1.3 a suite says nothing of that; in TLS 1.2 its name does, where Ed25519
/// counts as ECDSA (RFC 8422, section 2.2).
enum class SuiteSignature : std::uint8_t { any, ecdsa, rsa };

/// The parts of a suite of TLS 1.3 (RFC 8446, appendix B.4) or of TLS 1.2 (RFC 5289, RFC 7905).
struct SuiteParts {
  CipherSuite suite;
  ProtocolVersion version;  ///< the only one that has it
  SuiteSignature signature;
  HashAlgorithm hash;  ///< of the transcript, HKDF and the PRF
  AeadAlgorithm aead;
  /// How many full-size records one key may protect before a KeyUpdate (RFC 8446, section 5.5: 2^24.5, rounded down).
  /// TLS 1.2 has no KeyUpdate: there the sequence number is the end.
  std::uint64_t record_limit;
};

/// In order of preference where the machine has AES in hardware.
inline constexpr SuiteParts suites[] = {
    {CipherSuite::TLS_AES_128_GCM_SHA256, ProtocolVersion::tls1_3, SuiteSignature::any, HashAlgorithm::sha256,
     AeadAlgorithm::aes_128_gcm, 23'726'566},
    {CipherSuite::TLS_AES_256_GCM_SHA384, ProtocolVersion::tls1_3, SuiteSignature::any, HashAlgorithm::sha384,
     AeadAlgorithm::aes_256_gcm, 23'726'566},
    {CipherSuite::TLS_CHACHA20_POLY1305_SHA256, ProtocolVersion::tls1_3, SuiteSignature::any, HashAlgorithm::sha256,
     AeadAlgorithm::chacha20_poly1305, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha256, AeadAlgorithm::aes_128_gcm, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha256, AeadAlgorithm::aes_128_gcm, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha384, AeadAlgorithm::aes_256_gcm, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha384, AeadAlgorithm::aes_256_gcm, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha256, AeadAlgorithm::chacha20_poly1305, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha256, AeadAlgorithm::chacha20_poly1305, UINT64_MAX},
};

/// The row of a suite, or nullptr for one that is not supported.
constexpr const SuiteParts* find_suite(CipherSuite suite) noexcept {
  for (const SuiteParts& parts : suites)
    if (parts.suite == suite) return &parts;
  return nullptr;
}

/// Under which suites of TLS 1.2 that key signs; `any`, which none of them has, for keys of TLS 1.3 alone.
constexpr SuiteSignature suite_signature(KeyType key) noexcept {
  if (is_mldsa(key)) return SuiteSignature::any;
  return key == KeyType::rsa || key == KeyType::rsa_pss ? SuiteSignature::rsa : SuiteSignature::ecdsa;
}

/// The group of an ECDSA key's curve.
constexpr std::optional<NamedGroup> curve_of(KeyType key) noexcept {
  switch (key) {
    case KeyType::p256: return NamedGroup::secp256r1;
    case KeyType::p384: return NamedGroup::secp384r1;
    case KeyType::p521: return NamedGroup::secp521r1;
    default: return std::nullopt;
  }
}

}  // namespace handfast::crypto
