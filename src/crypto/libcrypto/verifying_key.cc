// Public keys that verify. EC points and RSA objects, not EVP_PKEY: to import a key costs OpenSSL's EVP twenty times
// more.
#include <openssl/ecdsa.h>

#include <array>
#include <cassert>
#include <optional>
#include <variant>

#include "base/copy.h"
#include "crypto/hash.h"
#include "crypto/libcrypto/handles.h"
#include "crypto/libcrypto/mldsa.h"
#include "crypto/libcrypto/rsa.h"
#include "crypto/signature.h"

namespace handfast::crypto {

namespace {

constexpr std::size_t min_modulus_bits = 1024;
constexpr std::size_t max_modulus_bits = 8192;
constexpr std::size_t max_exponent_bits = 33;

std::unexpected<Error> unsupported() {
  return fail(Alert::unsupported_certificate, Reason::unsupported_certificate_key);
}

std::size_t bits(const BIGNUM* number) noexcept { return static_cast<std::size_t>(BN_num_bits(number)); }

/// `signature` is as long as the modulus.
bool verify_pss(RSA* key, HashAlgorithm hash, Bytes digest, Bytes signature) noexcept {
  if (!fits_pss(key, hash)) return false;
  std::array<std::uint8_t, max_modulus_bits / 8> encoded;
  const int size = static_cast<int>(signature.size());
  return RSA_public_decrypt(size, signature.data(), encoded.data(), key, RSA_NO_PADDING) == size &&
         RSA_verify_PKCS1_PSS_mgf1(key, digest.data(), digest_method(hash), digest_method(hash), encoded.data(),
                                   salt_as_long_as_digest) == 1;
}

/// The thread's own key object for a curve: each new one would copy the group, which costs more than to take a point.
EC_KEY* key_of_thread(KeyType curve) noexcept {
  thread_local std::array<EcKey, 3> keys;
  EcKey& key = keys[static_cast<std::size_t>(curve) - static_cast<std::size_t>(KeyType::p256)];
  if (!key) {
    key.reset(EC_KEY_new());
    if (key && EC_KEY_set_group(key.get(), ec_group_of(curve)) != 1) key.reset();
  }
  return key.get();
}

bool verify_ecdsa(KeyType curve, const EC_POINT* point, Bytes digest, Bytes signature) noexcept {
  EC_KEY* key = key_of_thread(curve);
  return key != nullptr && EC_KEY_set_public_key(key, point) == 1 &&
         ECDSA_verify(0, digest.data(), static_cast<int>(digest.size()), signature.data(),
                      static_cast<int>(signature.size()), key) == 1;
}

/// The one verification that OpenSSL looks up by name each time: it knows Ed25519 and ML-DSA through EVP alone.
bool verify_message(EVP_PKEY* key, Bytes message, Bytes signature) noexcept {
  DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace

struct VerifyingKey::Public {
  KeyType type;
  std::variant<EcPoint, RsaKey, Pkey> key;
  std::optional<HashAlgorithm> only_hash{};

  bool is_for(SignatureAlgorithm algorithm) const noexcept {
    return fits(type, algorithm.kind) && (!only_hash || *only_hash == algorithm.hash);
  }
};

VerifyingKey::VerifyingKey(std::unique_ptr<Public> key) noexcept : public_(std::move(key)) {}
VerifyingKey::VerifyingKey(VerifyingKey&&) noexcept = default;
VerifyingKey& VerifyingKey::operator=(VerifyingKey&&) noexcept = default;
VerifyingKey::~VerifyingKey() = default;

Result<VerifyingKey> VerifyingKey::from_point(KeyType type, Bytes point) {
  QuietErrors quiet;
  if (type == KeyType::ed25519 || is_mldsa(type)) {
    Pkey key = is_mldsa(type)
                   ? mldsa_public_key(type, point)
                   : Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()));
    if (!key) return unsupported();
    return VerifyingKey(std::make_unique<Public>(type, std::move(key)));
  }
  const EC_GROUP* curve = ec_group_of(type);
  if (curve == nullptr) return unsupported();
  EcPoint decoded = decode_point(curve, point);
  if (!decoded) return unsupported();
  return VerifyingKey(std::make_unique<Public>(type, std::move(decoded)));
}

Result<VerifyingKey> VerifyingKey::from_rsa(KeyType type, Bytes modulus, Bytes exponent,
                                            std::optional<HashAlgorithm> only_hash) {
  QuietErrors quiet;
  if (type != KeyType::rsa && type != KeyType::rsa_pss) return unsupported();
  if (modulus.size() > max_modulus_bits / 8 || exponent.size() > (max_exponent_bits + 7) / 8) return unsupported();
  BigNumber n(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  BigNumber e(BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  RsaKey key(RSA_new());
  if (!n || !e || !key || bits(n.get()) < min_modulus_bits || modulus.front() == 0 || !BN_is_odd(n.get()) ||
      bits(e.get()) < 2 || bits(e.get()) > max_exponent_bits || exponent.front() == 0 || !BN_is_odd(e.get()) ||
      RSA_set0_key(key.get(), n.get(), e.get(), nullptr) != 1)
    return unsupported();
  n.release(), e.release();  // the key owns them
  return VerifyingKey(std::make_unique<Public>(type, std::move(key), only_hash));
}

KeyType VerifyingKey::type() const noexcept { return public_->type; }

bool VerifyingKey::verify(SignatureAlgorithm algorithm, Bytes message, Bytes signature) const noexcept {
  if (!public_->is_for(algorithm)) return false;
  if (signs_digest(algorithm.kind)) {
    const Digest digest = Hash::of(algorithm.hash, message);
    return verify_digest(algorithm, digest.view(), signature);
  }
  QuietErrors quiet;
  return !signature.empty() && verify_message(std::get<Pkey>(public_->key).get(), message, signature);
}

Result<Buffer> VerifyingKey::encrypt(Bytes message, Random& random) const {
  if (type() != KeyType::rsa) return unsupported();
  RSA* key = std::get<RsaKey>(public_->key).get();
  const auto size = static_cast<std::size_t>(RSA_size(key));
  constexpr std::size_t least_padding = 8;
  assert(message.size() + least_padding + 3 <= size);
  const std::size_t padding = size - message.size() - 3;
  // 0, 2, bytes that are not 0, 0, message. Of two random bytes a remainder tells nearly nothing more than of many.
  std::array<std::uint8_t, 2 * max_modulus_bits / 8> drawn;
  random.fill(MutableBytes(drawn).first(2 * padding));
  base::SecretBuffer block{Buffer(size)};
  const MutableBytes out = block.writable();
  out[1] = 2;
  for (std::size_t i = 0; i < padding; ++i)
    out[2 + i] = static_cast<std::uint8_t>(1 + (drawn[2 * i] << 8 | drawn[2 * i + 1]) % 255);
  base::copy(message, out.last(message.size()));
  base::wipe(drawn.data(), 2 * padding);
  QuietErrors quiet;
  Buffer ciphertext(size);
  const int length = static_cast<int>(size);
  if (RSA_public_encrypt(length, out.data(), ciphertext.data(), key, RSA_NO_PADDING) != length)
    return fail(Alert::internal_error, Reason::internal_error);
  return ciphertext;
}

bool VerifyingKey::verify_digest(SignatureAlgorithm algorithm, Bytes digest, Bytes signature) const noexcept {
  if (!signs_digest(algorithm.kind) || !public_->is_for(algorithm) || digest.size() != digest_size(algorithm.hash) ||
      signature.empty() || signature.size() > max_modulus_bits / 8)
    return false;
  QuietErrors quiet;
  const int size = static_cast<int>(signature.size());
  if (algorithm.kind == SignatureKind::ecdsa)
    return verify_ecdsa(public_->type, std::get<EcPoint>(public_->key).get(), digest, signature);
  RSA* key = std::get<RsaKey>(public_->key).get();
  // A signature is exactly as long as the modulus (RFC 8017, sections 8.1.2 and 8.2.2).
  if (static_cast<unsigned>(size) != static_cast<unsigned>(RSA_size(key))) return false;
  if (algorithm.kind == SignatureKind::rsa_pss) return verify_pss(key, algorithm.hash, digest, signature);
  return RSA_verify(digest_nid(algorithm.hash), digest.data(), static_cast<unsigned>(digest.size()), signature.data(),
                    static_cast<unsigned>(size), key) == 1;
}

}  // namespace handfast::crypto
