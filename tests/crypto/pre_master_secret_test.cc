// RSA key exchange's premaster secret: what a block may hold to give its own, and nothing else.
#include "crypto/pre_master_secret.h"

#include <gtest/gtest.h>

#include <string>

#include <handfast/random.h>

#include "base/copy.h"
#include "crypto/signature.h"
#include "support/hex.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

/// 0, 2, padding, 0, the version and 46 bytes.
Buffer block(std::size_t size) {
  Buffer block(size, 0x55);
  block[0] = 0;
  block[1] = 2;
  block[size - 49] = 0;
  block[size - 48] = 3;
  block[size - 47] = 3;
  for (std::size_t i = 0; i < 46; ++i) block[size - 46 + i] = static_cast<std::uint8_t>(i);
  return block;
}

base::Secret instead() { return base::Secret(Bytes(Buffer(48, 0xee))); }

/// "its own", "instead".
std::string taken(Bytes block, ProtocolVersion offered = ProtocolVersion::tls1_2) {
  const base::Secret secret = unpad_pre_master_secret(block, offered, instead());
  if (to_hex(secret.view()) == to_hex(Buffer(48, 0xee))) return "instead";
  return block.size() >= 48 && to_hex(secret.view()) == to_hex(block.last(48)) ? "its own" : "neither";
}

TEST(PreMasterSecret, OfTheRightForm) {
  for (std::size_t size : {59u, 60u, 128u, 256u, 257u, 512u, 1024u}) EXPECT_EQ(taken(block(size)), "its own") << size;
  Buffer other = block(256);
  other[256 - 47] = 1;
  EXPECT_EQ(taken(other, ProtocolVersion::tls1_0), "its own");
  // What it is itself matters to nobody.
  Buffer zeros = block(256);
  for (std::size_t i = 0; i < 46; ++i) zeros[256 - 46 + i] = 0;
  EXPECT_EQ(taken(zeros), "its own");
}

/// RFC 8017, section 7.2.2; RFC 5246, section 7.4.7.1: each byte that has to be what it is, with every other value.
TEST(PreMasterSecret, EveryWrongByte) {
  for (std::size_t at : {0u, 1u, 256u - 49, 256u - 48, 256u - 47}) {
    Buffer changed = block(256);
    const std::uint8_t right = changed[at];
    for (unsigned value = 0; value < 256; ++value) {
      changed[at] = static_cast<std::uint8_t>(value);
      EXPECT_EQ(taken(changed), value == right ? "its own" : "instead") << at << " " << value;
    }
  }
}

/// The first 0 ends the padding: wherever it stands earlier, the secret has another length.
TEST(PreMasterSecret, AnyZeroInThePadding) {
  for (std::size_t at = 2; at < 256 - 49; ++at) {
    Buffer changed = block(256);
    changed[at] = 0;
    EXPECT_EQ(taken(changed), "instead") << at;
  }
}

TEST(PreMasterSecret, BlocksThatAreTooShort) {
  for (std::size_t size = 0; size < 59; ++size) {
    const Buffer longest = block(59);
    EXPECT_EQ(taken(Bytes(longest).last(size)), "instead") << size;
  }
}

// --- The key's part
// ---------------------------------------------------------------------------------------------------------

const SigningKey& rsa_key() {
  static const SigningKey key = *SigningKey::generate(KeyType::rsa);
  return key;
}

Result<VerifyingKey> public_half(const SigningKey& key) {
  // RSAPublicKey: SEQUENCE, INTEGER of 257 bytes that begins with 0, INTEGER 65537.
  const Bytes der = key.public_key();
  return VerifyingKey::from_rsa(key.type(), der.subspan(4 + 4 + 1, 256), der.last(3));
}

TEST(PreMasterSecret, ThereAndBack) {
  Buffer secret(48, 9);
  secret[0] = secret[1] = 3;
  for (int i = 0; i < 50; ++i) {
    const Result<Buffer> ciphertext = public_half(rsa_key())->encrypt(secret, system_random());
    ASSERT_TRUE(ciphertext);
    EXPECT_EQ(ciphertext->size(), 256u);
    const std::optional<Buffer> opened = rsa_key().decrypt(*ciphertext);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->size(), 256u);
    EXPECT_EQ(taken(*opened), "its own");
    EXPECT_EQ(taken(*opened, ProtocolVersion::tls1_1), "instead");
  }
}

/// Padding is random, and never 0.
TEST(PreMasterSecret, PaddingOfOurs) {
  struct Zeros final : Random {
    void fill(MutableBytes out) override { std::ranges::fill(out, std::uint8_t{0}); }
  } zeros;
  const Buffer secret(48, 3);
  const std::optional<Buffer> dull = rsa_key().decrypt(*public_half(rsa_key())->encrypt(secret, zeros));
  EXPECT_EQ(to_hex(Bytes(*dull).first(256 - 48)), "0002" + to_hex(Buffer(205, 1)) + "00");
  const std::optional<Buffer> one = rsa_key().decrypt(*public_half(rsa_key())->encrypt(secret, system_random()));
  const std::optional<Buffer> other = rsa_key().decrypt(*public_half(rsa_key())->encrypt(secret, system_random()));
  EXPECT_NE(*one, *other);
}

TEST(PreMasterSecret, WhatIsNoCiphertext) {
  EXPECT_FALSE(rsa_key().decrypt({}));
  EXPECT_FALSE(rsa_key().decrypt(Buffer(255, 1)));
  EXPECT_FALSE(rsa_key().decrypt(Buffer(257, 1)));
  EXPECT_FALSE(rsa_key().decrypt(Buffer(256, 0xff)));  // above the modulus
  EXPECT_TRUE(rsa_key().decrypt(Buffer(256, 1)));
}

TEST(PreMasterSecret, OtherKeysDoNotDecrypt) {
  EXPECT_TRUE(rsa_key().decrypts());
  for (KeyType type : {KeyType::rsa_pss, KeyType::p256, KeyType::ed25519}) {
    const Result<SigningKey> key = SigningKey::generate(type);
    EXPECT_FALSE(key->decrypts());
    EXPECT_FALSE(key->decrypt(Buffer(256, 1)));
  }
  const Result<SigningKey> pss = SigningKey::generate(KeyType::rsa_pss);
  EXPECT_FALSE(public_half(*pss)->encrypt(Buffer(48, 1), system_random()));
}

}  // namespace
}  // namespace handfast::crypto
