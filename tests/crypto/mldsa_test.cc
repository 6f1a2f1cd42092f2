// ML-DSA (FIPS 204), where libcrypto has it: NIST's and Wycheproof's cases, and a key in each of RFC 9881's encodings.
#include <gtest/gtest.h>

#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/signature.h"
#include "crypto/wycheproof.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

struct Set {
  KeyType type;
  SignatureKind kind;
  const char* number;
  std::uint8_t last_arc;  ///< of id-ml-dsa-* (RFC 9881, section 2)
};
constexpr Set sets[] = {{KeyType::mldsa44, SignatureKind::mldsa44, "44", 17},
                        {KeyType::mldsa65, SignatureKind::mldsa65, "65", 18},
                        {KeyType::mldsa87, SignatureKind::mldsa87, "87", 19}};

constexpr SignatureAlgorithm pure(SignatureKind kind) { return {kind, HashAlgorithm::sha512}; }

class MlDsa : public VectorTest {
 protected:
  void SetUp() override {
    VectorTest::SetUp();
    if (!supports(KeyType::mldsa44)) GTEST_SKIP() << "skipped: libcrypto has no ML-DSA: it is older than OpenSSL 3.5";
  }
};

Buffer element(std::uint8_t tag, Bytes content) {
  Buffer out{tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    out.insert(out.end(),
               {0x82, static_cast<std::uint8_t>(content.size() >> 8), static_cast<std::uint8_t>(content.size())});
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// A PrivateKeyInfo around an ML-DSA-*-PrivateKey (RFC 9881, section 6).
Buffer pkcs8(const Set& set, const Buffer& private_key) {
  const Buffer oid = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, set.last_arc};
  return element(0x30, joined({{0x02, 0x01, 0x00}, element(0x30, element(0x06, oid)), element(0x04, private_key)}));
}
Buffer of_seed(Bytes seed) { return element(0x80, seed); }
Buffer of_expanded(Bytes expanded) { return element(0x04, expanded); }
Buffer of_both(Bytes seed, Bytes expanded) {
  return element(0x30, joined({element(0x04, seed), element(0x04, expanded)}));
}

bool signs(const SigningKey& key, const Set& set) {
  const Bytes message = as_bytes("what is signed");
  const Result<Buffer> signature = key.sign(pure(set.kind), message);
  const Result<VerifyingKey> verifying = VerifyingKey::from_point(set.type, key.public_key());
  return signature && verifying && verifying->verify(pure(set.kind), message, *signature);
}

TEST_F(MlDsa, KeysOfNist) {
  int run = 0;
  for (const Set& set : sets) {
    std::istringstream file(read_text(std::string("ml-dsa/mldsa_nist_keygen_") + set.number + "_tests.txt"));
    Buffer seed, public_key;
    for (std::string line; std::getline(file, line);) {
      const std::size_t colon = line.find(": ");
      if (line.starts_with('#') || colon == line.npos) continue;
      const Buffer value = from_hex(line.substr(colon + 2));
      if (line.starts_with("seed")) seed = value;
      if (line.starts_with("pub")) public_key = value;
      if (!line.starts_with("priv")) continue;
      for (const Buffer& encoding : {of_seed(seed), of_expanded(value), of_both(seed, value)}) {
        const Result<SigningKey> key = SigningKey::from_der(pkcs8(set, encoding));
        ASSERT_TRUE(key);
        EXPECT_EQ(key->type(), set.type);
        EXPECT_EQ(to_hex(key->public_key()), to_hex(public_key));
        if (run % 25 == 0) {
          EXPECT_TRUE(signs(*key, set));
        }
      }
      ++run;
    }
  }
  EXPECT_EQ(run, 3 * 25);
}

TEST_F(MlDsa, EncodingsThatAreNone) {
  for (const Set& set : sets) {
    const SigningKey key = SigningKey::generate(set.type).value();
    EXPECT_TRUE(signs(key, set));
    const Buffer seed(32, 1);
    EXPECT_TRUE(SigningKey::from_der(pkcs8(set, of_seed(seed))));
    for (const Buffer& bad : {of_seed(Buffer(31, 1)), of_seed(Buffer(33, 1)), of_seed({}), of_expanded(Buffer(64, 1)),
                              of_both(seed, Buffer(64, 1)), Buffer()})
      EXPECT_FALSE(SigningKey::from_der(pkcs8(set, bad)));
    Buffer longer = pkcs8(set, of_seed(seed));
    longer.push_back(0);
    EXPECT_FALSE(SigningKey::from_der(longer));
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, key.public_key().size() - 1})
      EXPECT_FALSE(VerifyingKey::from_point(set.type, key.public_key().first(size)));
    Buffer long_key(key.public_key().begin(), key.public_key().end());
    long_key.push_back(0);
    EXPECT_FALSE(VerifyingKey::from_point(set.type, long_key));
  }
  // Both halves, of two keys.
  const auto nist = read_json("ml-dsa/acvp-ML-DSA.expected.json").at(1).at("testGroups");
  for (std::size_t i = 0; i < std::size(sets); ++i) {
    const Buffer expanded = hex_of(nist.at(i).at("tests").at(0), "sk");
    EXPECT_TRUE(SigningKey::from_der(pkcs8(sets[i], of_expanded(expanded))));
    EXPECT_FALSE(SigningKey::from_der(pkcs8(sets[i], of_both(Buffer(32, 1), expanded))));
  }
}

/// Only the pure kind with an empty context is TLS's and X.509's: what has another context does not verify.
TEST_F(MlDsa, VerifyWycheproof) {
  int run = 0, valid = 0;
  for (const Set& set : sets)
    each_wycheproof(std::string("mldsa_") + set.number + "_verify_test", [&](const Json& group, const Json& test) {
      ++run;
      const auto key = VerifyingKey::from_point(set.type, hex_of(group, "publicKey"));
      EXPECT_EQ(key.has_value(), !has_flag(test, "IncorrectPublicKeyLength"));
      if (!key) return;
      const bool has_context = !test.value("ctx", "").empty();
      const bool good = is_valid(test) && !has_context;
      EXPECT_EQ(key->verify(pure(set.kind), hex_of(test, "msg"), hex_of(test, "sig")), good);
      valid += good;
    });
  EXPECT_GT(valid, 150);
  EXPECT_GT(run, 500);
}

TEST_F(MlDsa, SignWycheproof) {
  int run = 0;
  const Set& set = sets[1];
  each_wycheproof("mldsa_65_sign_seed_test", [&](const Json& group, const Json& test) {
    const Result<SigningKey> key =
        SigningKey::from_der(group.contains("privateKeyPkcs8") ? hex_of(group, "privateKeyPkcs8")
                                                               : pkcs8(set, of_seed(hex_of(group, "privateSeed"))));
    ASSERT_EQ(key.has_value(), !has_flag(test, "IncorrectPrivateKeyLength"));
    if (!key) return;
    EXPECT_EQ(to_hex(key->public_key()), to_hex(hex_of(group, "publicKey")));
    if (!test.contains("msg") || !is_valid(test)) return;
    const Result<VerifyingKey> verifying = VerifyingKey::from_point(set.type, key->public_key());
    const Buffer message = hex_of(test, "msg");
    ASSERT_TRUE(verifying);
    const Result<Buffer> signature = key->sign(pure(set.kind), message);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(verifying->verify(pure(set.kind), message, *signature));
    EXPECT_EQ(verifying->verify(pure(set.kind), message, hex_of(test, "sig")), test.value("ctx", "").empty());
    ++run;
  });
  EXPECT_GT(run, 50);
}

/// Without it nothing of it is there, and nothing crashes.
TEST(MlDsaMissing, IsUnknownEverywhere) {
  for (const Set& set : sets) {
    SchemeAlgorithm entry{};
    const auto scheme = static_cast<SignatureScheme>(0x0904 + (&set - sets));
    EXPECT_EQ(lookup(scheme, entry), supports(set.type));
    EXPECT_EQ(SigningKey::generate(set.type).has_value(), supports(set.type));
    EXPECT_EQ(SigningKey::from_der(pkcs8(set, of_seed(Buffer(32, 1)))).has_value(), supports(set.type));
    EXPECT_FALSE(VerifyingKey::from_point(set.type, {}));
    EXPECT_EQ(signs_handshakes(ProtocolVersion::tls1_3, Side::server, scheme), supports(set.type));
    EXPECT_EQ(signs_handshakes(ProtocolVersion::tls1_3, Side::client, scheme), supports(set.type));
    EXPECT_FALSE(signs_handshakes(ProtocolVersion::tls1_2, Side::server, scheme));
    EXPECT_FALSE(by_name_only(scheme));
  }
}

}  // namespace
}  // namespace handfast::crypto
