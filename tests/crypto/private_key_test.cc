// SigningKey: every scheme signs what its key verifies and nothing else, and only keys that can do so are read.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "crypto/key_exchange.h"
#include "crypto/keys.h"
#include "crypto/signature.h"
#include "support/hex.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

/// Those that libcrypto has.
const std::vector<KeyType> all_types = [] {
  using enum KeyType;
  std::vector<KeyType> types = {rsa, rsa_pss, p256, p384, p521, ed25519, mldsa44, mldsa65, mldsa87};
  std::erase_if(types, [](KeyType type) { return !supports(type); });
  return types;
}();

/// One key of each type for all tests: RSA keys take long to make.
const SigningKey& key_of(KeyType type) {
  static const std::vector<SigningKey> keys = [] {
    std::vector<SigningKey> made;
    for (KeyType each : all_types) {
      Result<SigningKey> key = SigningKey::generate(each);
      if (!key) throw std::runtime_error("no key of type " + std::to_string(std::to_underlying(each)));
      made.push_back(std::move(*key));
    }
    return made;
  }();
  return *std::ranges::find(keys, type, &SigningKey::type);
}

/// The numbers of an RSAPublicKey (RFC 8017, appendix A.1.1) with lengths of one to three bytes.
Result<VerifyingKey> verifying_key(const SigningKey& key, std::optional<HashAlgorithm> only_hash = {}) {
  if (key.type() != KeyType::rsa && key.type() != KeyType::rsa_pss)
    return VerifyingKey::from_point(key.type(), key.public_key());
  Bytes der = key.public_key();
  auto enter = [&der] {
    std::size_t size = der[1], header = 2;
    if (size > 0x80) {
      const std::size_t width = size - 0x80;
      size = 0;
      for (std::size_t i = 0; i < width; ++i) size = size << 8 | der[2 + i];
      header += width;
    }
    const Bytes content = der.subspan(header, size);
    der = der.subspan(header + size);
    return content.empty() || content[0] != 0 ? content : content.subspan(1);
  };
  der = enter();
  const Bytes modulus = enter(), exponent = enter();
  return VerifyingKey::from_rsa(key.type(), modulus, exponent, only_hash);
}

std::vector<SignatureAlgorithm> all_algorithms() {
  std::vector<SignatureAlgorithm> all;
  using enum SignatureKind;
  for (SignatureKind kind : {rsa_pkcs1, rsa_pss, ecdsa, ed25519, mldsa44, mldsa65, mldsa87})
    for (HashAlgorithm hash :
         {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512})
      all.push_back({kind, hash});
  return all;
}

bool fits(KeyType key, SignatureKind kind) {
  switch (kind) {
    case SignatureKind::rsa_pkcs1: return key == KeyType::rsa;
    case SignatureKind::rsa_pss: return key == KeyType::rsa || key == KeyType::rsa_pss;
    case SignatureKind::ed25519: return key == KeyType::ed25519;
    case SignatureKind::mldsa44: return key == KeyType::mldsa44;
    case SignatureKind::mldsa65: return key == KeyType::mldsa65;
    case SignatureKind::mldsa87: return key == KeyType::mldsa87;
    case SignatureKind::ecdsa: return key == KeyType::p256 || key == KeyType::p384 || key == KeyType::p521;
  }
  return false;
}

TEST(SigningKey, EverySchemeVerifiesAndNoOtherDoes) {
  std::size_t schemes = 0;
  for (KeyType type : all_types) {
    const SigningKey& key = key_of(type);
    const Result<VerifyingKey> verifying = verifying_key(key);
    ASSERT_TRUE(verifying);
    EXPECT_EQ(verifying->type(), type);
    for (SignatureScheme scheme : key.schemes()) {
      SCOPED_TRACE(name(scheme));
      SchemeAlgorithm entry{};
      ASSERT_TRUE(lookup(scheme, entry));
      EXPECT_TRUE(entry.key == type || (is_curve(entry.key) && is_curve(type)));
      const Bytes message = as_bytes("what is signed");
      const Result<Buffer> signature = key.sign(entry.algorithm, message);
      ASSERT_TRUE(signature);
      EXPECT_TRUE(verifying->verify(entry.algorithm, message, *signature));
      EXPECT_FALSE(verifying->verify(entry.algorithm, as_bytes("what is singed"), *signature));
      EXPECT_FALSE(verifying->verify(entry.algorithm, {}, *signature));
      EXPECT_FALSE(verifying->verify(entry.algorithm, message, {}));
      EXPECT_FALSE(verifying->verify(entry.algorithm, message, Bytes(*signature).first(signature->size() - 1)));
      EXPECT_FALSE(verifying->verify(entry.algorithm, message, Buffer(20000)));
      Buffer longer = *signature, flipped = *signature;
      longer.push_back(0);
      flipped[flipped.size() / 2] ^= 1;
      EXPECT_FALSE(verifying->verify(entry.algorithm, message, longer));
      EXPECT_FALSE(verifying->verify(entry.algorithm, message, flipped));
      // By the digest as by the message, where there is one.
      const Digest digest = Hash::of(entry.algorithm.hash, message);
      const Digest other_digest = Hash::of(entry.algorithm.hash, as_bytes("what is singed"));
      EXPECT_EQ(verifying->verify_digest(entry.algorithm, digest.view(), *signature),
                signs_digest(entry.algorithm.kind));
      EXPECT_FALSE(verifying->verify_digest(entry.algorithm, other_digest.view(), *signature));
      EXPECT_FALSE(verifying->verify_digest(entry.algorithm, digest.view().first(digest.size() - 1), *signature));
      EXPECT_FALSE(verifying->verify_digest(entry.algorithm, digest.view(), flipped));
      EXPECT_FALSE(verifying->verify_digest(entry.algorithm, digest.view(), {}));
      for (SignatureAlgorithm other : all_algorithms()) {
        if (other == entry.algorithm || (!signs_digest(other.kind) && other.kind == entry.algorithm.kind)) continue;
        EXPECT_FALSE(verifying->verify(other, message, *signature));
      }
      ++schemes;
    }
  }
  EXPECT_EQ(schemes, supports(KeyType::mldsa44) ? 30U : 27U);
}

TEST(SigningKey, AnAlgorithmOfAnotherKeyIsRefused) {
  for (KeyType type : all_types) {
    const Result<VerifyingKey> verifying = verifying_key(key_of(type));
    ASSERT_TRUE(verifying);
    for (SignatureAlgorithm algorithm : all_algorithms()) {
      const Result<Buffer> signature = key_of(type).sign(algorithm, as_bytes("message"));
      ASSERT_EQ(signature.has_value(), fits(type, algorithm.kind));
      if (signature) {
        EXPECT_TRUE(verifying->verify(algorithm, as_bytes("message"), *signature));
      } else {
        EXPECT_EQ(signature.error().alert(), Alert::internal_error);
        EXPECT_EQ(signature.error().reason(), Reason::signing_failed);
        EXPECT_FALSE(verifying->verify(algorithm, as_bytes("message"), Buffer(256, 1)));
      }
    }
  }
}

TEST(SigningKey, AnotherKeyDoesNotVerify) {
  for (KeyType type : {KeyType::p256, KeyType::ed25519}) {
    const Result<SigningKey> other = SigningKey::generate(type);
    ASSERT_TRUE(other);
    SchemeAlgorithm entry{};
    lookup(other->schemes().front(), entry);
    const Result<Buffer> signature = other->sign(entry.algorithm, as_bytes("message"));
    const Result<VerifyingKey> verifying = verifying_key(key_of(type));
    ASSERT_TRUE(signature && verifying);
    EXPECT_FALSE(verifying->verify(entry.algorithm, as_bytes("message"), *signature));
  }
}

TEST(SigningKey, IsReadBackFromItsDer) {
  for (KeyType type : all_types) {
    const SigningKey& key = key_of(type);
    const Result<Buffer> der = key.to_der();
    ASSERT_TRUE(der);
    const Result<SigningKey> again = SigningKey::from_der(*der);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->type(), type);
    EXPECT_EQ(to_hex(again->public_key()), to_hex(key.public_key()));
    EXPECT_TRUE(std::ranges::equal(again->schemes(), key.schemes()));
    EXPECT_EQ(again->to_der(), *der);
    SchemeAlgorithm entry{};
    lookup(again->schemes().front(), entry);
    const Result<Buffer> signature = again->sign(entry.algorithm, as_bytes("message"));
    const Result<VerifyingKey> verifying = verifying_key(key);
    ASSERT_TRUE(signature && verifying);
    EXPECT_TRUE(verifying->verify(entry.algorithm, as_bytes("message"), *signature));
  }
}

TEST(SigningKey, EveryEncodingOfAKeyIsTheSameKey) {
  const Result<SigningKey> pkcs8 = SigningKey::from_der(from_hex(keys::p256_pkcs8));
  ASSERT_TRUE(pkcs8);
  EXPECT_EQ(pkcs8->type(), KeyType::p256);
  for (std::string_view encoding : {keys::p256_sec1, keys::p256_sec1_without_public_key}) {
    const Result<SigningKey> key = SigningKey::from_der(from_hex(encoding));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->public_key()), to_hex(pkcs8->public_key()));
  }
  const Result<SigningKey> rsa = SigningKey::from_der(from_hex(keys::rsa1024_pkcs1));
  ASSERT_TRUE(rsa);
  EXPECT_EQ(rsa->type(), KeyType::rsa);
}

TEST(VerifyingKey, WithOneHashVerifiesNoOther) {
  const SigningKey& key = key_of(KeyType::rsa_pss);
  const Bytes message = as_bytes("what is signed");
  for (HashAlgorithm signing : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
    const SignatureAlgorithm algorithm{SignatureKind::rsa_pss, signing};
    const Buffer signature = key.sign(algorithm, message).value();
    const Digest digest = Hash::of(signing, message);
    for (HashAlgorithm only : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
      const VerifyingKey verifying = verifying_key(key, only).value();
      EXPECT_EQ(verifying.verify(algorithm, message, signature), only == signing);
      EXPECT_EQ(verifying.verify_digest(algorithm, digest.view(), signature), only == signing);
    }
  }
}

TEST(SigningKey, SchemesThatTheKeyHasNoRoomForAreLeftOut) {
  using enum SignatureScheme;
  const Result<SigningKey> key = SigningKey::from_der(from_hex(keys::rsa1024_pkcs1));
  ASSERT_TRUE(key);
  EXPECT_TRUE(std::ranges::equal(
      key->schemes(), std::vector{rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pkcs1_sha256, rsa_pkcs1_sha384,
                                  rsa_pkcs1_sha512, rsa_pkcs1_sha256_legacy, rsa_pkcs1_sha384_legacy,
                                  rsa_pkcs1_sha512_legacy, rsa_pkcs1_sha1, rsa_pkcs1_md5_sha1}));
  EXPECT_FALSE(key->sign({SignatureKind::rsa_pss, HashAlgorithm::sha512}, as_bytes("message")));
}

TEST(SigningKey, PssParametersAreObeyed) {
  const Result<SigningKey> key = SigningKey::from_der(from_hex(keys::rsa_pss_sha256));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->type(), KeyType::rsa_pss);
  EXPECT_TRUE(std::ranges::equal(key->schemes(), std::vector{SignatureScheme::rsa_pss_pss_sha256}));
  EXPECT_FALSE(SigningKey::from_der(from_hex(keys::rsa_pss_sha1)));
}

TEST(SigningKey, OtherKeysAreRefused) {
  for (std::string_view other :
       {keys::p256_encrypted, keys::rsa512_pkcs1, keys::secp256k1, keys::p224, keys::x25519, keys::ed448}) {
    const Result<SigningKey> key = SigningKey::from_der(from_hex(other));
    ASSERT_FALSE(key) << other;
    EXPECT_EQ(key.error().reason(), Reason::bad_private_key);
  }
}

TEST(SigningKey, HalvesThatDoNotBelongTogetherAreRefused) {
  // The last bytes of SEC 1 are the public point: here that of another key.
  const Bytes other = key_of(KeyType::p256).public_key();
  for (std::string_view encoding : {keys::p256_pkcs8, keys::p256_sec1}) {
    Buffer der = from_hex(encoding);
    std::ranges::copy(other, der.end() - static_cast<std::ptrdiff_t>(other.size()));
    EXPECT_FALSE(SigningKey::from_der(der));
  }
}

TEST(SigningKey, BytesThatAreNoKeyAreRefused) {
  const Buffer der = from_hex(keys::p256_pkcs8);
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(SigningKey::from_der(Bytes(der).first(size)));
  Buffer longer = der;
  longer.push_back(0);
  EXPECT_FALSE(SigningKey::from_der(longer));
  EXPECT_FALSE(SigningKey::from_der(Buffer(70000, 0x30)));
  // Whatever one flipped bit makes of a key, it is refused, or it is a key that works.
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    Buffer bad = der;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1 << bit % 8);
    if (const Result<SigningKey> key = SigningKey::from_der(bad)) {
      EXPECT_TRUE(verifying_key(*key));
    }
  }
}

TEST(SigningKey, SignsInSeveralThreadsAtOnce) {
  for (KeyType type : all_types) {
    const SigningKey& key = key_of(type);
    const Result<VerifyingKey> verifying = verifying_key(key);
    ASSERT_TRUE(verifying);
    SchemeAlgorithm entry{};
    lookup(key.schemes().front(), entry);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i) {
          const Result<Buffer> signature = key.sign(entry.algorithm, as_bytes("message"));
          ASSERT_TRUE(signature);
          EXPECT_TRUE(verifying->verify(entry.algorithm, as_bytes("message"), *signature));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

/// libcrypto queues its errors for a thread; whoever else uses it there finds only what he left himself.
TEST(ErrorQueue, IsLeftAsItWas) {
  ERR_clear_error();
  const Result<VerifyingKey> verifying = verifying_key(key_of(KeyType::rsa));
  ASSERT_TRUE(verifying);
  const Result<VerifyingKey> ecdsa = verifying_key(key_of(KeyType::p256));
  ASSERT_TRUE(ecdsa);
  auto fail_at_everything = [&] {
    EXPECT_FALSE(SigningKey::from_der(as_bytes("no key")));
    EXPECT_FALSE(SigningKey::from_der(from_hex(keys::p256_encrypted)));
    EXPECT_FALSE(VerifyingKey::from_point(KeyType::p256, Buffer(65, 4)));
    EXPECT_FALSE(VerifyingKey::from_point(KeyType::ed25519, Buffer(3)));
    EXPECT_FALSE(ecdsa->verify({SignatureKind::ecdsa, HashAlgorithm::sha256}, {}, Buffer(70, 0x30)));
    EXPECT_FALSE(verifying->verify({SignatureKind::rsa_pkcs1, HashAlgorithm::sha256}, {}, Buffer(256, 1)));
    EXPECT_FALSE(verifying->verify({SignatureKind::rsa_pss, HashAlgorithm::sha256}, {}, Buffer(256, 1)));
    for (NamedGroup group : {NamedGroup::x25519, NamedGroup::secp256r1})
      EXPECT_FALSE(respond(group, Buffer(share_size(group, Side::client)), system_random()));
  };
  fail_at_everything();
  EXPECT_EQ(ERR_peek_error(), 0U);
  ERR_put_error(ERR_LIB_USER, 0, 42, __FILE__, __LINE__);
  fail_at_everything();
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 42);
  EXPECT_EQ(ERR_get_error(), 0U);
}

}  // namespace
}  // namespace handfast::crypto
