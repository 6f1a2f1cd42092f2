// Who we are: a certificate chain, or a raw public key, and the private key that belongs to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast {

namespace crypto {
class SigningKey;
}
namespace x509 {
struct SubjectPublicKeyInfo;
}

/// Takes the answer of a key, once, from any thread.
using SignHandler = std::function<void(Result<Buffer>)>;
using DecryptHandler = std::function<void(std::optional<Buffer>)>;

/// A private key, wherever it is: in this process (LocalKey), in a thread pool, an HSM, on another host. The engine
/// never calls `sign` of a key that is not local: it raises a Need, and whoever drives the connection (`Stream`, for
/// one) calls it.
class PrivateKey {
 public:
  virtual ~PrivateKey() = default;
  /// The schemes it signs with, best first.
  virtual std::span<const SignatureScheme> schemes() const = 0;
  /// The bits of SubjectPublicKeyInfo.subjectPublicKey, to be held against the certificate.
  virtual Bytes public_key() const = 0;
  /// Signs `message` (not its hash) and calls `done` once, at once or later, from any thread.
  virtual void sign(SignatureScheme scheme, Buffer message, SignHandler done) const = 0;
  /// Whether it does `decrypt`. A key that doesn't is not used for RSA key exchange.
  virtual bool decrypts() const { return false; }
  /// The RSA operation alone on what a client has encrypted (RSADP: RFC 8017, section 5.1.2; PKCS#11's CKM_RSA_X_509),
  /// and not the padding's removal, which the engine does in a time that tells nothing. Calls `done` as `sign` does,
  /// with a block as long as the modulus. Nothing, where that is impossible, is taken for a wrong ciphertext: the peer
  /// must not learn which of the two it was, so the handshake fails at its end. So it calls `done` whatever comes
  /// of it, after the same time, and does not throw. A key that is out of order has to be told of elsewhere.
  virtual void decrypt(Buffer ciphertext, DecryptHandler done) const;
};

/// A private key in this process, answering at once. Safe to share between threads.
class LocalKey final : public PrivateKey {
 public:
  /// PKCS#8, SEC 1 or PKCS#1 in PEM; the first private key of the text. Keys of ML-DSA (RFC 9881) need libcrypto of
  /// OpenSSL 3.5 or later, or AWS-LC. Fails with bad_pem, bad_private_key.
  static Result<std::shared_ptr<const LocalKey>> from_pem(std::string_view pem);
  static Result<std::shared_ptr<const LocalKey>> from_der(Bytes der);
  /// One that was made in this process.
  static std::shared_ptr<const LocalKey> of(crypto::SigningKey key);
  ~LocalKey() override;

  std::span<const SignatureScheme> schemes() const override;
  Bytes public_key() const override;
  /// The public key as certificates and raw public keys have it, in DER (RFC 5280, section 4.1.2.7). A key for
  /// RSASSA-PSS alone stands there without parameters, whatever those of its file are: it is restricted to no hash (RFC
  /// 4055, section 3.1). Whoever has such a key with parameters under a pin takes its SubjectPublicKeyInfo from there.
  Buffer subject_public_key_info() const;
  void sign(SignatureScheme scheme, Buffer message, SignHandler done) const override;
  /// RSA keys do, those for RSASSA-PSS alone don't.
  bool decrypts() const override;
  void decrypt(Buffer ciphertext, DecryptHandler done) const override;
  /// The signature at once. Fails with signing_failed, wrong_signature_scheme.
  Result<Buffer> sign_now(SignatureScheme scheme, Bytes message) const;
  /// The block at once, to be wiped by the caller.
  std::optional<Buffer> decrypt_now(Bytes ciphertext) const;

 private:
  struct Impl;
  explicit LocalKey(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

/// What stands beside chain and key; all of it may stay empty.
struct CredentialExtras {
  /// Signs with these schemes only, in this order; empty: all that the key has, but for those that are used by name
  /// only, each of which comes behind all others:
  /// - rsa_pkcs1_sha1, ecdsa_sha1: for peers of TLS 1.2 that take nothing better, among them clients without
  ///   signature_algorithms (RFC 5246, section 7.4.1.4.1). SHA-1 is broken, and RFC 9155 forbids it.
  ///   In TLS 1.1 and 1.0, which sign with nothing better, ecdsa_sha1 needs no name, nor does rsa_pkcs1_md5_sha1, which
  ///   is of no other version; where this list is not empty it leaves out those that it does not name there as well.
  /// - rsa_pkcs1_sha256_legacy and its kin: for clients of TLS 1.3 whose key can do no RSASSA-PSS (RFC 9963), and only
  ///   with servers that ask for it.
  std::vector<SignatureScheme> signature_schemes;
  /// A stapled OCSPResponse in DER (RFC 6066, section 8), sent to peers that ask for it until what it says of the leaf
  /// is outdated (`Credential::staple`). Nothing else of it is checked.
  Buffer ocsp_response;
  /// A SignedCertificateTimestampList (RFC 6962, section 3.3), sent to peers that ask for it.
  Buffer signed_certificate_timestamps;
  /// Which trust anchor the chain leads to: a trust anchor identifier (draft-ietf-tls-trust-anchor-ids), the content of
  /// a relative OBJECT IDENTIFIER, 1 to 255 bytes; empty: nothing is said.
  Buffer trust_anchor_id;
  /// Used only for a peer whose certificate_authorities name an issuer of this chain, or whose trust_anchors have its
  /// identifier.
  bool must_match_issuer = false;
};

/// A certificate chain, or a public key alone (RFC 7250), and the private key. Immutable, cheap to share.
class Credential {
 public:
  /// `chain`: DER, leaf first. The key must be the leaf's. Fails with bad_certificate, key_does_not_match, bad_config
  /// (an empty chain, a scheme that the key does not have, or timestamps that are no list of them).
  static Result<std::shared_ptr<const Credential>> make(std::vector<Buffer> chain,
                                                        std::shared_ptr<const PrivateKey> key,
                                                        CredentialExtras extras = {});
  /// Both in PEM. Fails as `make` does, and with bad_pem.
  static Result<std::shared_ptr<const Credential>> from_pem(std::string_view chain, std::string_view key,
                                                            CredentialExtras extras = {});
  /// Both in PEM files, which may be the same file. Fails as `from_pem` does, and with file_not_readable.
  static Result<std::shared_ptr<const Credential>> from_files(const std::string& chain_path,
                                                              const std::string& key_path,
                                                              CredentialExtras extras = {});

  /// The key alone, for peers that know it: `subject_public_key_info` in DER, whose private half `key` is. There can be
  /// no staple, no timestamps and no issuer to match. Fails with bad_certificate (evidence `field`),
  /// key_does_not_match, bad_config.
  static Result<std::shared_ptr<const Credential>> raw_public_key(Buffer subject_public_key_info,
                                                                  std::shared_ptr<const PrivateKey> key,
                                                                  CredentialExtras extras = {});

  CertificateType certificate_type() const noexcept {
    return raw_public_key_.empty() ? CertificateType::X509 : CertificateType::RawPublicKey;
  }
  /// DER, leaf first; empty where there is a raw public key.
  const std::vector<Buffer>& chain() const noexcept { return chain_; }
  /// SubjectPublicKeyInfo in DER; empty where there is a chain.
  const Buffer& raw_public_key() const noexcept { return raw_public_key_; }
  /// What a Certificate shows: either of the two.
  std::span<const Buffer> shown() const noexcept {
    return raw_public_key_.empty() ? std::span<const Buffer>(chain_) : std::span<const Buffer>(&raw_public_key_, 1);
  }
  const std::shared_ptr<const PrivateKey>& key() const noexcept { return key_; }
  /// The same key where it answers at once, else nullptr.
  const LocalKey* local_key() const noexcept { return local_key_; }
  const CredentialExtras& extras() const noexcept { return extras_; }
  /// The OCSPResponse to send at `now`, in seconds since 1970. Empty where there is none, and past the nextUpdate of
  /// its answer on the leaf (a day after thisUpdate where it has none): RFC 6960, section 4.2.2.1, calls it unreliable
  /// then, and peers that verify it would refuse what they accept without. One that can't be read is sent as it is.
  Bytes staple(std::int64_t now) const noexcept;
  /// The schemes that it signs handshakes of that version with, as which of the two sides, best first:
  /// RSASSA-PKCS1-v1_5, and ECDSA with a hash that is not the curve's, only before TLS 1.3, and there last.
  std::span<const SignatureScheme> schemes(ProtocolVersion version, Side signer) const noexcept {
    if (version < ProtocolVersion::tls1_2) return older_schemes_;
    if (version < ProtocolVersion::tls1_3) return tls12_schemes_;
    return signer == Side::client ? client_schemes_ : server_schemes_;
  }
  /// The curve of its key, where that is one of ECDSA: a client's supported_groups speak of it in TLS 1.2 (RFC 8422,
  /// section 5.1.1).
  std::optional<NamedGroup> curve() const noexcept { return curve_; }
  /// Whether clients may encrypt a premaster secret for it (RFC 5246, section 7.4.2): the key decrypts, and the leaf's
  /// keyUsage, where it has one, says keyEncipherment.
  bool decrypts() const noexcept { return decrypts_; }
  /// Whether the leaf is for that host name (canonical, without a port). A raw public key, which has no names, is for
  /// all of them.
  bool matches(std::string_view host) const;
  /// Whether a certificate of the chain was issued by one of these distinguished names (DER).
  bool issued_by(std::span<const Bytes> names) const noexcept;
  /// Whether the leaf is as one of a server's oid_filters has it (RFC 8446, section 4.2.5): `oid` and `values` as they
  /// stand there, in DER. Key usages and their extended kin are held against it; a filter on any other extension is one
  /// that this client does not recognise, and is met.
  bool meets_filter(Bytes oid, Bytes values) const noexcept;
  /// Whether every certificate of the chain, a self-signed one apart, is signed as one of these schemes says.
  bool signed_with(std::span<const SignatureScheme> accepted) const noexcept;
  /// The leaf's subject, for people: "CN=example.com". Of a raw public key its pin: "sha256/...".
  std::string subject() const;
  /// Seconds since 1970; the leaf's. A raw public key has no end.
  std::int64_t not_before() const noexcept { return not_before_; }
  std::int64_t not_after() const noexcept { return not_after_; }

 private:
  struct Parsed;
  Credential() = default;
  /// What comes of the key, whatever it is shown in.
  void take_key(const x509::SubjectPublicKeyInfo& info, std::shared_ptr<const PrivateKey> key, CredentialExtras extras);
  std::vector<Buffer> chain_;
  Buffer raw_public_key_;
  std::shared_ptr<const Parsed> parsed_;  ///< views into chain_
  std::vector<SignatureScheme> older_schemes_;
  std::vector<SignatureScheme> tls12_schemes_;
  std::vector<SignatureScheme> server_schemes_;  ///< of TLS 1.3
  std::vector<SignatureScheme> client_schemes_;  ///< those, and what clients alone sign with
  std::optional<NamedGroup> curve_;
  std::shared_ptr<const PrivateKey> key_;
  const LocalKey* local_key_ = nullptr;
  bool decrypts_ = false;
  CredentialExtras extras_;
  std::int64_t not_before_ = 0;
  std::int64_t not_after_ = 0;
  std::int64_t staple_end_ = 0;
};

}  // namespace handfast
