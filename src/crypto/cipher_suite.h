// What a cipher suite is made of.
#pragma once

#include <cstdint>

#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::crypto {

/// The parts of a TLS 1.3 suite (RFC 8446, appendix B.4).
struct SuiteParts {
  CipherSuite suite;
  HashAlgorithm hash;
  AeadAlgorithm aead;
  /// How many full-size records one key may protect (RFC 8446, section 5.5: 2^24.5, rounded down).
  std::uint64_t record_limit;
};

inline constexpr SuiteParts tls13_suites[] = {
    {CipherSuite::TLS_AES_128_GCM_SHA256, HashAlgorithm::sha256, AeadAlgorithm::aes_128_gcm, 23'726'566},
    {CipherSuite::TLS_AES_256_GCM_SHA384, HashAlgorithm::sha384, AeadAlgorithm::aes_256_gcm, 23'726'566},
    {CipherSuite::TLS_CHACHA20_POLY1305_SHA256, HashAlgorithm::sha256, AeadAlgorithm::chacha20_poly1305, UINT64_MAX},
};

/// The row of a suite, or nullptr for one that is not supported.
constexpr const SuiteParts* find_suite(CipherSuite suite) noexcept {
  for (const SuiteParts& parts : tls13_suites)
    if (parts.suite == suite) return &parts;
  return nullptr;
}

}  // namespace handfast::crypto
