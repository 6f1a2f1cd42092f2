// What each SignatureScheme stands for.
#include <algorithm>
#include <array>

#include "crypto/signature.h"

namespace handfast::crypto {

namespace {

struct Row {
  SignatureScheme scheme;
  SchemeAlgorithm algorithm;
};

constexpr std::array rows = [] {
  using enum SignatureScheme;
  using enum HashAlgorithm;
  using Kind = SignatureKind;
  return std::to_array<Row>({
      {ecdsa_secp256r1_sha256, {KeyType::p256, {Kind::ecdsa, sha256}}},
      {ecdsa_secp384r1_sha384, {KeyType::p384, {Kind::ecdsa, sha384}}},
      {ecdsa_secp521r1_sha512, {KeyType::p521, {Kind::ecdsa, sha512}}},
      {ed25519, {KeyType::ed25519, {Kind::ed25519, sha512}}},
      {rsa_pss_rsae_sha256, {KeyType::rsa, {Kind::rsa_pss, sha256}}},
      {rsa_pss_rsae_sha384, {KeyType::rsa, {Kind::rsa_pss, sha384}}},
      {rsa_pss_rsae_sha512, {KeyType::rsa, {Kind::rsa_pss, sha512}}},
      {rsa_pss_pss_sha256, {KeyType::rsa_pss, {Kind::rsa_pss, sha256}}},
      {rsa_pss_pss_sha384, {KeyType::rsa_pss, {Kind::rsa_pss, sha384}}},
      {rsa_pss_pss_sha512, {KeyType::rsa_pss, {Kind::rsa_pss, sha512}}},
      {mldsa44, {KeyType::mldsa44, {Kind::mldsa44, sha512}}},
      {mldsa65, {KeyType::mldsa65, {Kind::mldsa65, sha512}}},
      {mldsa87, {KeyType::mldsa87, {Kind::mldsa87, sha512}}},
      {rsa_pkcs1_sha256, {KeyType::rsa, {Kind::rsa_pkcs1, sha256}}},
      {rsa_pkcs1_sha384, {KeyType::rsa, {Kind::rsa_pkcs1, sha384}}},
      {rsa_pkcs1_sha512, {KeyType::rsa, {Kind::rsa_pkcs1, sha512}}},
      {rsa_pkcs1_sha256_legacy, {KeyType::rsa, {Kind::rsa_pkcs1, sha256}}},
      {rsa_pkcs1_sha384_legacy, {KeyType::rsa, {Kind::rsa_pkcs1, sha384}}},
      {rsa_pkcs1_sha512_legacy, {KeyType::rsa, {Kind::rsa_pkcs1, sha512}}},
      {rsa_pkcs1_sha1, {KeyType::rsa, {Kind::rsa_pkcs1, sha1}}},
      {ecdsa_sha1, {KeyType::p256, {Kind::ecdsa, sha1}}},  // or of another curve: TLS 1.3 has it not
      {rsa_pkcs1_md5_sha1, {KeyType::rsa, {Kind::rsa_pkcs1, md5_sha1}}},
  });
}();

constexpr bool is_legacy(SignatureScheme scheme) noexcept {
  using enum SignatureScheme;
  return scheme == rsa_pkcs1_sha256_legacy || scheme == rsa_pkcs1_sha384_legacy || scheme == rsa_pkcs1_sha512_legacy;
}

}  // namespace

bool lookup(SignatureScheme scheme, SchemeAlgorithm& out) noexcept {
  for (const Row& row : rows) {
    if (row.scheme != scheme) continue;
    out = row.algorithm;
    return supports(out.key) && (out.algorithm.hash != HashAlgorithm::md5_sha1 || has_md5());
  }
  return false;
}

bool by_name_only(SignatureScheme scheme) noexcept {
  using enum SignatureScheme;
  return is_legacy(scheme) || scheme == rsa_pkcs1_sha1 || scheme == ecdsa_sha1 || scheme == rsa_pkcs1_md5_sha1;
}

bool signs_handshakes(ProtocolVersion version, Side signer, SignatureScheme scheme) noexcept {
  SchemeAlgorithm parts{};
  if (!lookup(scheme, parts)) return false;
  const bool md5_sha1 = scheme == SignatureScheme::rsa_pkcs1_md5_sha1;
  if (version < ProtocolVersion::tls1_2) return md5_sha1 || scheme == SignatureScheme::ecdsa_sha1;
  if (md5_sha1) return false;
  const bool tls13 = version == ProtocolVersion::tls1_3;
  if (is_legacy(scheme)) return tls13 && signer == Side::client;
  if (is_mldsa(parts.key)) return tls13;
  return !tls13 || (parts.algorithm.kind != SignatureKind::rsa_pkcs1 && parts.algorithm.hash != HashAlgorithm::sha1);
}

bool accepts(std::span<const SignatureScheme> schemes, SignatureAlgorithm algorithm) noexcept {
  return std::ranges::any_of(schemes, [&](SignatureScheme scheme) {
    SchemeAlgorithm parts{};
    return lookup(scheme, parts) && !is_legacy(scheme) && parts.algorithm.kind == algorithm.kind &&
           (parts.algorithm.hash == algorithm.hash || !signs_digest(algorithm.kind));
  });
}

}  // namespace handfast::crypto
