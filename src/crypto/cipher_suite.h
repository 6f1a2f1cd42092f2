// What a cipher suite is made of.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <variant>

#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::crypto {

/// Whose keys may sign under a suite. In TLS 1.3 a suite says nothing of that; in TLS 1.2 its name does, where Ed25519
/// counts as ECDSA (RFC 8422, section 2.2). `none`: RSA key exchange, where the server's key decrypts instead (RFC
/// 5246, section 7.4.7.1).
enum class SuiteSignature : std::uint8_t { any, ecdsa, rsa, none };

/// The parts of a suite of TLS 1.3 (RFC 8446, appendix B.4) or of TLS 1.2 (RFC 5246, RFC 5288, RFC 5289, RFC 7905, RFC
/// 8422); and what they are in TLS 1.1 and 1.0, which have those of the latter that do without its new hashes.
struct SuiteParts {
  CipherSuite suite;
  ProtocolVersion version;
  SuiteSignature signature;
  HashAlgorithm hash;  ///< of the transcript, HKDF and the PRF
  std::variant<AeadAlgorithm, CbcAlgorithm> cipher;
  /// How many full-size records one key may protect before a KeyUpdate (RFC 8446, section 5.5: 2^24.5, rounded down).
  /// TLS 1.2 has no KeyUpdate: there the sequence number is the end.
  std::uint64_t record_limit;

  /// Who learns the server's key later can read nothing.
  constexpr bool has_forward_secrecy() const noexcept { return signature != SuiteSignature::none; }
  constexpr bool has_aead() const noexcept { return std::holds_alternative<AeadAlgorithm>(cipher); }
  /// Of a suite that has one: all of TLS 1.3 do.
  constexpr AeadAlgorithm aead() const noexcept { return *std::get_if<AeadAlgorithm>(&cipher); }
  constexpr bool is_chacha20_poly1305() const noexcept {
    return has_aead() && aead() == AeadAlgorithm::chacha20_poly1305;
  }
  /// Of any other.
  constexpr CbcAlgorithm cbc() const noexcept { return *std::get_if<CbcAlgorithm>(&cipher); }
  /// Spoken only where somebody has named it.
  constexpr bool is_legacy() const noexcept { return !has_aead() || !has_forward_secrecy(); }
};

/// In order of preference where the machine has AES in hardware; each in the newest version that has it.
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
    // Those that have to be named: the more is missing, the later they come.
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha256}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha256}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha384, CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha384}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha384, CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha384}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha1}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha1}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::ecdsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha1}, UINT64_MAX},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::rsa,
     HashAlgorithm::sha256, CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha1}, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha256,
     AeadAlgorithm::aes_128_gcm, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha384,
     AeadAlgorithm::aes_256_gcm, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha256,
     CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha256}, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha256,
     CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha256}, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha256,
     CbcAlgorithm{BlockCipher::aes_128, HashAlgorithm::sha1}, UINT64_MAX},
    {CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA, ProtocolVersion::tls1_2, SuiteSignature::none, HashAlgorithm::sha256,
     CbcAlgorithm{BlockCipher::aes_256, HashAlgorithm::sha1}, UINT64_MAX},
};

/// Whether TLS 1.1 and 1.0 have it: AEADs and MACs of SHA-2 came with TLS 1.2 (RFC 5246, section 1.2). By value, since
/// under UBSan g++ 12 does not know while it compiles that a table's row has an address.
constexpr bool is_older_than_tls12(SuiteParts parts) noexcept {
  return !parts.has_aead() && parts.cbc().mac == HashAlgorithm::sha1;
}

/// The rows of that version, which is below TLS 1.2: hash and PRF are not the suite's there, but the version's.
template <ProtocolVersion version>
inline constexpr auto older_suites = [] {
  std::array<SuiteParts, std::ranges::count_if(suites, is_older_than_tls12)> rows{};
  const auto end = std::ranges::copy_if(suites, rows.begin(), is_older_than_tls12).out;
  for (auto row = rows.begin(); row != end; ++row) {
    row->version = version;
    row->hash = HashAlgorithm::md5_sha1;
  }
  return rows;
}();

/// The row of a suite in the newest version that has it, or nullptr for one that is not supported.
constexpr const SuiteParts* find_suite(CipherSuite suite) noexcept {
  const auto* found = std::ranges::find(suites, suite, &SuiteParts::suite);
  return found == std::end(suites) ? nullptr : found;
}

/// Its row in that version, or nullptr for one that the version has not.
constexpr const SuiteParts* find_suite(CipherSuite suite, ProtocolVersion version) noexcept {
  const auto find = [&](std::span<const SuiteParts> rows) -> const SuiteParts* {
    const auto found = std::ranges::find(rows, suite, &SuiteParts::suite);
    return found == rows.end() || found->version != version ? nullptr : &*found;
  };
  if (version == ProtocolVersion::tls1_1) return find(older_suites<ProtocolVersion::tls1_1>);
  if (version == ProtocolVersion::tls1_0) return find(older_suites<ProtocolVersion::tls1_0>);
  return find(suites);
}

/// Under which suites of TLS 1.2 that key signs; `any`, which none of them has, for keys of TLS 1.3 alone.
constexpr SuiteSignature suite_signature(KeyType key) noexcept {
  if (is_mldsa(key)) return SuiteSignature::any;
  return key == KeyType::rsa || key == KeyType::rsa_pss ? SuiteSignature::rsa : SuiteSignature::ecdsa;
}

/// What a server's key can do under suites: sign as a key of its kind (`none`: it can't), and decrypt.
struct KeyUse {
  SuiteSignature signs;
  bool decrypts = false;

  constexpr bool serves(const SuiteParts& suite) const noexcept {
    return suite.has_forward_secrecy() ? suite.signature == signs : decrypts;
  }
};

/// For TLS 1.3, whose suites say nothing of keys.
inline constexpr KeyUse any_key{SuiteSignature::any};

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
