// Private keys that sign, and public keys that verify; RSA's decrypt and encrypt as well, for RSA key exchange.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/random.h>
#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::crypto {

/// Whether libcrypto has keys of that type: all of it but ML-DSA, which came with OpenSSL 3.5, and which AWS-LC has.
bool supports(KeyType type) noexcept;

/// What a SignatureScheme asks for: the key and the algorithm (RFC 8446, section 4.2.3). `key` is what a certificate
/// must hold; in TLS 1.2 the curve of an ECDSA key may be another.
struct SchemeAlgorithm {
  KeyType key;
  SignatureAlgorithm algorithm;
};
/// False for a scheme that is not supported: not at all, or not by this libcrypto.
bool lookup(SignatureScheme scheme, SchemeAlgorithm& out) noexcept;

/// Whether `signer` may sign a handshake of that version with the scheme: RSASSA-PKCS1-v1_5 and SHA-1 only before
/// TLS 1.3 (RFC 8446, section 4.2.3), ML-DSA only there (draft-ietf-tls-mldsa), and so rsa_pkcs1_*_legacy, for a client
/// (RFC 9963, section 2). Before TLS 1.2 there are rsa_pkcs1_md5_sha1 and ecdsa_sha1 alone (RFC 4346, section 7.4.3;
/// RFC 8422, section 5.4), of which TLS 1.2 has not the first. False for a scheme that is not supported.
bool signs_handshakes(ProtocolVersion version, Side signer, SignatureScheme scheme) noexcept;

/// Whether the scheme is good for nothing better than a peer that can do no other, and so is used where it was asked
/// for by its name only, or by that of an older version: SHA-1 (RFC 9155), rsa_pkcs1_*_legacy (RFC 9963, section 2) and
/// rsa_pkcs1_md5_sha1.
bool by_name_only(SignatureScheme scheme) noexcept;

/// Whether one of the schemes names that algorithm, for a signature inside a certificate: the curve of an ECDSA scheme,
/// which TLS 1.3 ties to its hash for handshakes, is not looked at, since chains mix them. rsa_pkcs1_*_legacy are not
/// for certificates.
bool accepts(std::span<const SignatureScheme> schemes, SignatureAlgorithm algorithm) noexcept;

/// A public key taken from a certificate, ready to verify. Import is cheap; it may be kept.
class VerifyingKey {
 public:
  /// `point` is an uncompressed point (P-256, P-384, P-521), checked to be on the curve, the 32 bytes of Ed25519 (if
  /// those are no point, nothing verifies with them), or the pk of ML-DSA (FIPS 204, section 7.2).
  /// Fails with Reason::unsupported_certificate_key.
  static Result<VerifyingKey> from_point(KeyType type, Bytes point);
  /// RSA: big-endian, without leading zeros. Moduli of 1024 to 8192 bits: longer ones make others work for
  /// milliseconds. Odd exponents of 2 to 33 bits. With `only_hash` nothing verifies that was made with another: what an
  /// RSASSA-PSS key's parameters say (RFC 4055, section 3.3).
  static Result<VerifyingKey> from_rsa(KeyType type, Bytes modulus, Bytes exponent,
                                       std::optional<HashAlgorithm> only_hash = {});
  VerifyingKey(VerifyingKey&&) noexcept;
  VerifyingKey& operator=(VerifyingKey&&) noexcept;
  ~VerifyingKey();

  KeyType type() const noexcept;
  /// False too where the algorithm does not fit the key. Never throws, leaves nothing in an error queue.
  [[nodiscard]] bool verify(SignatureAlgorithm algorithm, Bytes message, Bytes signature) const noexcept;
  /// As `verify`, by the message's digest (`algorithm.hash`): for a long message that many keys may be tried on. False
  /// for what signs no digest.
  [[nodiscard]] bool verify_digest(SignatureAlgorithm algorithm, Bytes digest, Bytes signature) const noexcept;

  /// RSAES-PKCS1-v1_5 (RFC 8017, section 7.2.1) by an RSA key; `message` is at least 11 bytes shorter than the modulus.
  /// Fails with unsupported_certificate_key for any other key.
  Result<Buffer> encrypt(Bytes message, Random& random) const;

  struct Public;  ///< the backend's

 private:
  explicit VerifyingKey(std::unique_ptr<Public> key) noexcept;
  std::unique_ptr<Public> public_;
};

/// A private key in this process. Safe to use from several threads at once.
class SigningKey {
 public:
  /// PKCS#8, SEC 1 (EC) or PKCS#1 (RSA), DER, not encrypted; of the key types and sizes that VerifyingKey takes; of
  /// ML-DSA the seed, the expanded key or both (RFC 9881, section 6). Signs once and verifies, so that halves that do
  /// not belong together are refused. Fails with Reason::bad_private_key.
  static Result<SigningKey> from_der(Bytes der);
  /// A new key, for throw-away certificates and tests; `rsa` is 2048 bits.
  static Result<SigningKey> generate(KeyType type);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  KeyType type() const noexcept;
  /// The bits of SubjectPublicKeyInfo.subjectPublicKey: a point, an RSAPublicKey in DER, Ed25519's 32 bytes, or
  /// ML-DSA's pk.
  Bytes public_key() const& noexcept;
  /// The key as an unencrypted PKCS#8 PrivateKeyInfo in DER, to be written to a file. Fails with internal_error; AWS-LC
  /// writes no key of ML-DSA whose seed it was not given.
  Result<Buffer> to_der() const;
  /// The schemes of TLS 1.3 and 1.2 that this key can sign with, best first: those of its type, without those that its
  /// size has no room for or its RSASSA-PSS parameters forbid. An ECDSA key has those of other curves too, for their
  /// hash: in TLS 1.2 a scheme says nothing of the curve (RFC 5246, section 7.4.1.4.1). Last come those that are used
  /// by name only. Never empty; valid as long as the key.
  std::span<const SignatureScheme> schemes() const noexcept;
  /// Fails with internal_error, signing_failed.
  Result<Buffer> sign(SignatureAlgorithm algorithm, Bytes message) const;
  /// Whether `decrypt` has an answer: RSA keys that may do more than RSASSA-PSS.
  bool decrypts() const noexcept { return type() == KeyType::rsa; }
  /// The operation alone (RSADP: RFC 8017, section 5.1.2), blinded: nobody has looked at the padding in what it gives,
  /// which is as long as the modulus, and to be wiped by the caller. Nothing where `ciphertext` is not as long, or no
  /// number below it.
  std::optional<Buffer> decrypt(Bytes ciphertext) const;

  struct Private;  ///< the backend's

 private:
  explicit SigningKey(std::unique_ptr<Private> key) noexcept;
  std::unique_ptr<Private> private_;
};

}  // namespace handfast::crypto
