// Private keys that sign.
#include <openssl/ecdsa.h>

#include <array>
#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "crypto/libcrypto/handles.h"
#include "crypto/libcrypto/mldsa.h"
#include "crypto/libcrypto/rsa.h"
#include "crypto/signature.h"

namespace handfast::crypto {

namespace {

constexpr std::size_t max_ecdsa_signature = 3 + 2 * (2 + 66);  // an ECDSA-Sig-Value of P-521 in DER
constexpr std::size_t max_der_size = 1 << 16;                  // an RSA key of 16384 bits has 9.3 KB

std::unexpected<Error> bad_key() { return fail(Alert::internal_error, Reason::bad_private_key); }
std::unexpected<Error> signing_failed() { return fail(Alert::internal_error, Reason::signing_failed); }

/// The schemes of a key's type, best first.
std::span<const SignatureScheme> schemes_of(KeyType type) noexcept {
  using enum SignatureScheme;
  static constexpr std::array rsa = {rsa_pss_rsae_sha256,     rsa_pss_rsae_sha384,     rsa_pss_rsae_sha512,
                                     rsa_pkcs1_sha256,        rsa_pkcs1_sha384,        rsa_pkcs1_sha512,
                                     rsa_pkcs1_sha256_legacy, rsa_pkcs1_sha384_legacy, rsa_pkcs1_sha512_legacy,
                                     rsa_pkcs1_sha1,          rsa_pkcs1_md5_sha1};
  static constexpr std::array rsa_pss = {rsa_pss_pss_sha256, rsa_pss_pss_sha384, rsa_pss_pss_sha512};
  // Those of other curves in TLS 1.2, for their hash.
  static constexpr std::array p256 = {ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512,
                                      ecdsa_sha1};
  static constexpr std::array p384 = {ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512, ecdsa_secp256r1_sha256,
                                      ecdsa_sha1};
  static constexpr std::array p521 = {ecdsa_secp521r1_sha512, ecdsa_secp384r1_sha384, ecdsa_secp256r1_sha256,
                                      ecdsa_sha1};
  static constexpr std::array ed = {ed25519};
  static constexpr std::array ml44 = {mldsa44};
  static constexpr std::array ml65 = {mldsa65};
  static constexpr std::array ml87 = {mldsa87};
  switch (type) {
    case KeyType::rsa: return rsa;
    case KeyType::rsa_pss: return rsa_pss;
    case KeyType::p256: return p256;
    case KeyType::p384: return p384;
    case KeyType::p521: return p521;
    case KeyType::ed25519: return ed;
    case KeyType::mldsa44: return ml44;
    case KeyType::mldsa65: return ml65;
    case KeyType::mldsa87: return ml87;
  }
  return {};
}

/// Whether the parameters of an id-RSASSA-PSS key (RFC 4055, section 3.1) allow a salt as long as that digest.
bool parameters_allow(EVP_PKEY* key, HashAlgorithm hash) noexcept {
  PkeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  return context && EVP_PKEY_sign_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context.get(), digest_method(hash)) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest_method(hash)) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), static_cast<int>(digest_size(hash))) == 1;
}

Buffer encode_point(const EC_KEY* key) {
  const EC_POINT* point = EC_KEY_get0_public_key(key);
  if (point == nullptr) return {};
  Buffer bytes(133);
  bytes.resize(EC_POINT_point2oct(EC_KEY_get0_group(key), point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                                  bytes.size(), nullptr));
  return bytes;
}

Buffer encode_rsa_public_key(const RSA* key) {
  const int size = i2d_RSAPublicKey(key, nullptr);
  if (size <= 0) return {};
  Buffer bytes(static_cast<std::size_t>(size));
  std::uint8_t* end = bytes.data();
  i2d_RSAPublicKey(key, &end);
  return bytes;
}

Buffer to_bytes(const BIGNUM* number) {
  Buffer bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

}  // namespace

struct SigningKey::Private {
  KeyType type;
  Pkey pkey;
  EcKey ec;               ///< of the key, where it is one
  RsaKey rsa;             ///< of the key, where it is one
  DigestContext signing;  ///< of keys that sign no digest: made ready once and copied, so that nothing is looked up
  Buffer public_key;
  std::vector<SignatureScheme> schemes;

  static Result<SigningKey> adopt(Pkey pkey);
  Result<VerifyingKey> verifying_key() const;
  Result<Buffer> sign_pss(HashAlgorithm hash, Bytes digest) const;
  Result<Buffer> sign_message(Bytes message) const;
  bool take(Pkey key);
  bool take_ec();
  bool take_rsa();
  bool take_raw(KeyType raw_type);
};

bool SigningKey::Private::take(Pkey key) {
  pkey = std::move(key);
  switch (EVP_PKEY_id(pkey.get())) {
    case EVP_PKEY_EC: return take_ec();
    case EVP_PKEY_RSA: type = KeyType::rsa; return take_rsa();
    case EVP_PKEY_RSA_PSS: type = KeyType::rsa_pss; return take_rsa();
    case EVP_PKEY_ED25519: return take_raw(KeyType::ed25519);
    default: break;
  }
  const std::optional<KeyType> mldsa = mldsa_type(pkey.get());
  return mldsa && take_raw(*mldsa);
}

bool SigningKey::Private::take_ec() {
  ec.reset(EVP_PKEY_get1_EC_KEY(pkey.get()));
  if (!ec) return false;
  switch (EC_GROUP_get_curve_name(EC_KEY_get0_group(ec.get()))) {
    case NID_X9_62_prime256v1: type = KeyType::p256; break;
    case NID_secp384r1: type = KeyType::p384; break;
    case NID_secp521r1: type = KeyType::p521; break;
    default: return false;
  }
  public_key = encode_point(ec.get());
  return true;
}

bool SigningKey::Private::take_rsa() {
  rsa.reset(EVP_PKEY_get1_RSA(pkey.get()));
  if (!rsa) return false;
  public_key = encode_rsa_public_key(rsa.get());
  return true;
}

bool SigningKey::Private::take_raw(KeyType raw_type) {
  type = raw_type;
  std::size_t size = 0;
  if (EVP_PKEY_get_raw_public_key(pkey.get(), nullptr, &size) != 1) return false;
  public_key.resize(size);
  signing.reset(EVP_MD_CTX_new());
  return signing && EVP_PKEY_get_raw_public_key(pkey.get(), public_key.data(), &size) == 1 &&
         EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, pkey.get()) == 1;
}

Result<VerifyingKey> SigningKey::Private::verifying_key() const {
  if (!rsa) return VerifyingKey::from_point(type, public_key);
  const BIGNUM *n = nullptr, *e = nullptr;
  RSA_get0_key(rsa.get(), &n, &e, nullptr);
  return VerifyingKey::from_rsa(type, to_bytes(n), to_bytes(e));
}

Result<SigningKey> SigningKey::Private::adopt(Pkey pkey) {
  auto made = std::make_unique<Private>();
  if (!pkey || !made->take(std::move(pkey))) return bad_key();
  Result<VerifyingKey> verifying = made->verifying_key();
  if (!verifying) return bad_key();
  for (SignatureScheme scheme : schemes_of(made->type)) {
    SchemeAlgorithm entry;
    if (!lookup(scheme, entry)) continue;
    const auto [kind, hash] = entry.algorithm;
    if (kind == SignatureKind::rsa_pss && !fits_pss(made->rsa.get(), hash)) continue;
    if (made->type == KeyType::rsa_pss && !parameters_allow(made->pkey.get(), hash)) continue;
    made->schemes.push_back(scheme);
  }
  if (made->schemes.empty()) return bad_key();
  // A key whose halves do not belong together is found out here, not at its first handshake. libcrypto's own checks
  // would test the primes of an RSA key, which takes seconds where it is large.
  SigningKey key(std::move(made));
  SchemeAlgorithm entry;
  lookup(key.schemes().front(), entry);
  const Bytes probe = as_bytes("handfast");
  Result<Buffer> signature = key.sign(entry.algorithm, probe);
  if (!signature || !verifying->verify(entry.algorithm, probe, *signature)) return bad_key();
  return key;
}

bool supports(KeyType type) noexcept { return !is_mldsa(type) || has_mldsa(); }

SigningKey::SigningKey(std::unique_ptr<Private> key) noexcept : private_(std::move(key)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::from_der(Bytes der) {
  QuietErrors quiet;
  if (der.size() > max_der_size) return bad_key();
  return Private::adopt(decode_private_key(der));
}

Result<SigningKey> SigningKey::generate(KeyType type) {
  QuietErrors quiet;
  const bool is_rsa = type == KeyType::rsa || type == KeyType::rsa_pss;
  const EC_GROUP* curve = ec_group_of(type);
  const int id = type == KeyType::rsa       ? EVP_PKEY_RSA
                 : type == KeyType::rsa_pss ? EVP_PKEY_RSA_PSS
                 : curve != nullptr         ? EVP_PKEY_EC
                                            : EVP_PKEY_ED25519;
  PkeyContext context = is_mldsa(type) ? mldsa_generator(type) : PkeyContext(EVP_PKEY_CTX_new_id(id, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      (is_rsa && EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), 2048) != 1) ||
      (curve != nullptr &&
       EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), EC_GROUP_get_curve_name(curve)) != 1) ||
      EVP_PKEY_keygen(context.get(), &key) != 1)
    return fail(Alert::internal_error, Reason::internal_error);
  return Private::adopt(Pkey(key));
}

KeyType SigningKey::type() const noexcept { return private_->type; }
Bytes SigningKey::public_key() const& noexcept { return private_->public_key; }
std::span<const SignatureScheme> SigningKey::schemes() const noexcept { return private_->schemes; }

Result<Buffer> SigningKey::to_der() const {
  QuietErrors quiet;
  Buffer der = encode_private_key_info(private_->pkey.get());
  if (der.empty()) return fail(Alert::internal_error, Reason::internal_error);
  return der;
}

Result<Buffer> SigningKey::sign(SignatureAlgorithm algorithm, Bytes message) const {
  QuietErrors quiet;
  if (!fits(private_->type, algorithm.kind)) return signing_failed();
  if (!signs_digest(algorithm.kind)) return private_->sign_message(message);

  const Digest digest = Hash::of(algorithm.hash, message);
  if (algorithm.kind == SignatureKind::rsa_pss) return private_->sign_pss(algorithm.hash, digest.view());

  Buffer signature;
  unsigned size = 0;
  int done = 0;
  if (algorithm.kind == SignatureKind::ecdsa) {
    signature.resize(max_ecdsa_signature);  // ECDSA_size encodes one to find out
    done = ECDSA_sign(0, digest.view().data(), static_cast<int>(digest.size()), signature.data(), &size,
                      private_->ec.get());
  } else {
    signature.resize(static_cast<std::size_t>(RSA_size(private_->rsa.get())));
    done = RSA_sign(digest_nid(algorithm.hash), digest.view().data(), static_cast<unsigned>(digest.size()),
                    signature.data(), &size, private_->rsa.get());
  }
  if (done != 1) return signing_failed();
  signature.resize(size);
  return signature;
}

std::optional<Buffer> SigningKey::decrypt(Bytes ciphertext) const {
  RSA* key = private_->rsa.get();
  if (!decrypts() || ciphertext.size() != static_cast<std::size_t>(RSA_size(key))) return std::nullopt;
  QuietErrors quiet;
  Buffer block(ciphertext.size());
  const int size = static_cast<int>(ciphertext.size());
  if (RSA_private_decrypt(size, ciphertext.data(), block.data(), key, RSA_NO_PADDING) != size) return std::nullopt;
  return block;
}

Result<Buffer> SigningKey::Private::sign_pss(HashAlgorithm hash, Bytes digest) const {
  if (!fits_pss(rsa.get(), hash)) return signing_failed();
  Buffer encoded(static_cast<std::size_t>(RSA_size(rsa.get())));
  Buffer signature(encoded.size());
  const int size = static_cast<int>(encoded.size());
  if (RSA_padding_add_PKCS1_PSS_mgf1(rsa.get(), encoded.data(), digest.data(), digest_method(hash), digest_method(hash),
                                     salt_as_long_as_digest) != 1 ||
      RSA_private_encrypt(size, encoded.data(), signature.data(), rsa.get(), RSA_NO_PADDING) != size)
    return signing_failed();
  return signature;
}

Result<Buffer> SigningKey::Private::sign_message(Bytes message) const {
  DigestContext context(EVP_MD_CTX_new());
  Buffer signature(static_cast<std::size_t>(EVP_PKEY_size(pkey.get())));
  std::size_t size = signature.size();
  if (!context || EVP_MD_CTX_copy_ex(context.get(), signing.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
    return signing_failed();
  signature.resize(size);
  return signature;
}

}  // namespace handfast::crypto
