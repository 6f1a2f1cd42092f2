// Names of primitives, as crypto/ knows them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace handfast::crypto {

/// `md5_sha1` is MD5 and SHA-1 side by side, what TLS 1.1 and 1.0 are made with (RFC 4346, sections 5 and 7.4.8): of a
/// hash the digests of both, of an HMAC the codes of both, each under its half of the key.
enum class HashAlgorithm : std::uint8_t { sha1, sha256, sha384, sha512, md5_sha1 };

inline constexpr std::size_t md5_size = 16;

/// Whether libcrypto was built with MD5, which some leave out.
bool has_md5() noexcept;

constexpr std::size_t digest_size(HashAlgorithm hash) noexcept {
  switch (hash) {
    case HashAlgorithm::sha1: return 20;
    case HashAlgorithm::sha256: return 32;
    case HashAlgorithm::sha384: return 48;
    case HashAlgorithm::sha512: return 64;
    case HashAlgorithm::md5_sha1: return md5_size + 20;
  }
  return 0;
}

/// SHA-384 works on blocks of 128 bytes, as SHA-512 does.
constexpr std::size_t block_size(HashAlgorithm hash) noexcept {
  return hash == HashAlgorithm::sha384 || hash == HashAlgorithm::sha512 ? 128 : 64;
}

enum class AeadAlgorithm : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

constexpr std::size_t key_size(AeadAlgorithm aead) noexcept { return aead == AeadAlgorithm::aes_128_gcm ? 16 : 32; }
inline constexpr std::size_t aead_nonce_size = 12;
inline constexpr std::size_t aead_tag_size = 16;

enum class BlockCipher : std::uint8_t { aes_128, aes_256 };

constexpr std::size_t key_size(BlockCipher cipher) noexcept { return cipher == BlockCipher::aes_128 ? 16 : 32; }
inline constexpr std::size_t cipher_block_size = 16;

/// A block cipher in CBC mode and the hash of the HMAC beside it (RFC 5246, section 6.2.3.2).
struct CbcAlgorithm {
  BlockCipher cipher;
  HashAlgorithm mac;
};

/// Which of the two is done first: MAC-then-encrypt, as TLS was made, or encrypt-then-MAC (RFC 7366).
enum class MacOrder : std::uint8_t { mac_then_encrypt, encrypt_then_mac };

/// What a public key is; of ML-DSA (FIPS 204) each of its three parameter sets.
enum class KeyType : std::uint8_t { rsa, rsa_pss, p256, p384, p521, ed25519, mldsa44, mldsa65, mldsa87 };

/// Whether it is a key of ECDSA.
constexpr bool is_curve(KeyType key) noexcept {
  return key == KeyType::p256 || key == KeyType::p384 || key == KeyType::p521;
}

/// Whether it is a key of ML-DSA.
constexpr bool is_mldsa(KeyType key) noexcept {
  return key == KeyType::mldsa44 || key == KeyType::mldsa65 || key == KeyType::mldsa87;
}

/// How a signature is made. For `rsa_pss` the salt is as long as the digest and MGF1 uses the same hash, as TLS and the
/// web PKI have it; ML-DSA is the pure one, with an empty context (RFC 9881, section 2; draft-ietf-tls-mldsa).
enum class SignatureKind : std::uint8_t { rsa_pkcs1, rsa_pss, ecdsa, ed25519, mldsa44, mldsa65, mldsa87 };

/// Whether what is signed is a digest of the message, one for all keys. Ed25519 and ML-DSA take the message itself, and
/// hash the key with it (RFC 8032, section 5.1.7; FIPS 204, section 5.2): for them the hash of a SignatureAlgorithm is
/// of no meaning, and is SHA-512.
constexpr bool signs_digest(SignatureKind kind) noexcept {
  return kind == SignatureKind::rsa_pkcs1 || kind == SignatureKind::rsa_pss || kind == SignatureKind::ecdsa;
}

struct SignatureAlgorithm {
  SignatureKind kind;
  HashAlgorithm hash;
  friend bool operator==(const SignatureAlgorithm&, const SignatureAlgorithm&) = default;
};

/// Whether this machine computes AES in hardware: then AES-GCM comes before ChaCha20-Poly1305.
bool has_aes_hardware() noexcept;

}  // namespace handfast::crypto
