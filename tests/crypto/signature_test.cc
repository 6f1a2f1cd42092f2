// VerifyingKey against Wycheproof and ACVP.
#include "crypto/signature.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "crypto/wycheproof.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

Buffer without_leading_zeros(Buffer number) {
  while (number.size() > 1 && number.front() == 0) number.erase(number.begin());
  return number;
}

Result<VerifyingKey> rsa_key(KeyType type, Buffer modulus, Buffer exponent) {
  return VerifyingKey::from_rsa(type, without_leading_zeros(std::move(modulus)),
                                without_leading_zeros(std::move(exponent)));
}

class SignatureVectors : public VectorTest {};

TEST_F(SignatureVectors, EcdsaWycheproof) {
  int run = 0;
  for (auto [name, type, hash] : {std::tuple{"ecdsa_secp256r1_sha256_test", KeyType::p256, HashAlgorithm::sha256},
                                  {"ecdsa_secp256r1_sha512_test", KeyType::p256, HashAlgorithm::sha512},
                                  {"ecdsa_secp384r1_sha256_test", KeyType::p384, HashAlgorithm::sha256},
                                  {"ecdsa_secp384r1_sha384_test", KeyType::p384, HashAlgorithm::sha384},
                                  {"ecdsa_secp384r1_sha512_test", KeyType::p384, HashAlgorithm::sha512},
                                  {"ecdsa_secp521r1_sha512_test", KeyType::p521, HashAlgorithm::sha512}}) {
    each_wycheproof(name, [&, type = type, hash = hash](const Json& group, const Json& test) {
      const auto key = VerifyingKey::from_point(type, hex_of(group.at("publicKey"), "uncompressed"));
      ASSERT_TRUE(key);
      EXPECT_EQ(key->verify({SignatureKind::ecdsa, hash}, hex_of(test, "msg"), hex_of(test, "sig")), is_valid(test));
      ++run;
    });
  }
  EXPECT_EQ(run, 484 + 554 + 472 + 504 + 542 + 542);
}

TEST_F(SignatureVectors, Ed25519Wycheproof) {
  int run = 0;
  each_wycheproof("ed25519_test", [&](const Json& group, const Json& test) {
    const auto key = VerifyingKey::from_point(KeyType::ed25519, hex_of(group.at("publicKey"), "pk"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->verify({SignatureKind::ed25519, HashAlgorithm::sha512}, hex_of(test, "msg"), hex_of(test, "sig")),
              is_valid(test));
    ++run;
  });
  EXPECT_EQ(run, 151);
}

TEST_F(SignatureVectors, RsaPkcs1Wycheproof) {
  int run = 0, missing_null = 0;
  for (const char* name :
       {"rsa_signature_2048_sha256_test", "rsa_signature_2048_sha384_test", "rsa_signature_2048_sha512_test",
        "rsa_signature_3072_sha256_test", "rsa_signature_3072_sha384_test", "rsa_signature_3072_sha512_test",
        "rsa_signature_4096_sha256_test", "rsa_signature_4096_sha384_test", "rsa_signature_4096_sha512_test",
        "rsa_signature_8192_sha256_test"}) {
    each_wycheproof(name, [&](const Json& group, const Json& test) {
      const Json& numbers = group.at("publicKey");
      const auto key = rsa_key(KeyType::rsa, hex_of(numbers, "modulus"), hex_of(numbers, "publicExponent"));
      ASSERT_TRUE(key);
      const auto hash = hash_named(group.at("sha").get<std::string>());
      ASSERT_TRUE(hash);
      // The acceptable ones lack the NULL of the DigestInfo: RFC 8017, appendix A.2.4 has it.
      if (test.at("result") == "acceptable") ++missing_null;
      EXPECT_EQ(key->verify({SignatureKind::rsa_pkcs1, *hash}, hex_of(test, "msg"), hex_of(test, "sig")),
                is_valid(test));
      ++run;
    });
  }
  EXPECT_EQ(run, 2588);
  EXPECT_EQ(missing_null, 10);
}

/// Ours is one RSA-PSS only: a salt as long as the digest, and one hash for both (RFC 8446, section 4.2.3). Whatever
/// else these files call valid must not verify; hashes that Handfast does not have are out of scope. A file for another
/// length of salt has one case that is invalid there and right here.
struct PssCount {
  int run = 0, accepted = 0, other_salt_or_mask = 0, other_hash = 0;
};

PssCount verify_pss_files(std::initializer_list<const char*> names, KeyType type) {
  PssCount count;
  for (const char* name : names) {
    each_wycheproof(name, [&](const Json& group, const Json& test) {
      const auto hash = hash_named(group.at("sha").get<std::string>());
      if (!hash) {
        ++count.other_hash;
        return;
      }
      const Json& numbers = group.at("publicKey");
      const auto key = rsa_key(type, hex_of(numbers, "modulus"), hex_of(numbers, "publicExponent"));
      ASSERT_TRUE(key);
      const bool ours = group.at("mgfSha") == group.at("sha") && group.at("sLen") == digest_size(*hash);
      const bool salt_is_ours = group.at("sLen") == 0 && test.at("comment") == "s_len changed to 32";
      EXPECT_EQ(key->verify({SignatureKind::rsa_pss, *hash}, hex_of(test, "msg"), hex_of(test, "sig")),
                (ours && is_valid(test)) || salt_is_ours);
      ++count.run;
      count.accepted += ours && is_valid(test);
      count.other_salt_or_mask += !ours;
    });
  }
  return count;
}

TEST_F(SignatureVectors, RsaPssWycheproof) {
  const PssCount count = verify_pss_files(
      {"rsa_pss_2048_sha256_mgf1_0_test", "rsa_pss_2048_sha256_mgf1_32_test", "rsa_pss_2048_sha384_mgf1_48_test",
       "rsa_pss_3072_sha256_mgf1_32_test", "rsa_pss_4096_sha256_mgf1_32_test", "rsa_pss_4096_sha384_mgf1_48_test",
       "rsa_pss_4096_sha512_mgf1_64_test", "rsa_pss_misc_test"},
      KeyType::rsa);
  EXPECT_EQ(count.other_hash, 30);  // SHA-224
  EXPECT_EQ(count.run, 103 + 108 + 141 + 108 + 108 + 141 + 179 + 120);
  EXPECT_EQ(count.other_salt_or_mask, 103 + 116);
  EXPECT_EQ(count.accepted, 63 + 95 + 63 + 63 + 95 + 132 + 4);
}

TEST_F(SignatureVectors, RsaPssKeysWycheproof) {
  const PssCount count =
      verify_pss_files({"rsa_pss_2048_sha256_mgf1_32_params_test", "rsa_pss_3072_sha256_mgf1_32_params_test",
                        "rsa_pss_4096_sha512_mgf1_64_params_test", "rsa_pss_misc_params_test"},
                       KeyType::rsa_pss);
  EXPECT_EQ(count.other_hash, 30);  // SHA-224
  EXPECT_EQ(count.run, 108 + 108 + 179 + 120);
  EXPECT_EQ(count.other_salt_or_mask, 116);
  EXPECT_EQ(count.accepted, 63 + 63 + 132 + 4);
}

TEST_F(SignatureVectors, RsaPkcs1SigningWycheproof) {
  // PKCS #1 v1.5 signatures are deterministic: ours are the ones in the files.
  int run = 0, other_hash = 0;
  for (const char* name :
       {"rsa_pkcs1_2048_sig_gen_test", "rsa_pkcs1_3072_sig_gen_test", "rsa_pkcs1_4096_sig_gen_test"}) {
    each_wycheproof(name, [&](const Json& group, const Json& test) {
      const auto hash = hash_named(group.at("sha").get<std::string>());
      if (!hash) {
        ++other_hash;
        return;
      }
      const auto key = SigningKey::from_der(hex_of(group, "privateKeyPkcs8"));
      ASSERT_TRUE(key);
      const auto signature = key->sign({SignatureKind::rsa_pkcs1, *hash}, hex_of(test, "msg"));
      ASSERT_TRUE(signature);
      EXPECT_EQ(to_hex(*signature), to_hex(hex_of(test, "sig")));
      ++run;
    });
  }
  EXPECT_EQ(run, 35 + 26 + 24);
  EXPECT_EQ(other_hash, 8);  // SHA-224
}

KeyType curve_named(const std::string& name) {
  static const std::map<std::string, KeyType> names = {
      {"P-256", KeyType::p256}, {"P-384", KeyType::p384}, {"P-521", KeyType::p521}};
  return names.at(name);
}

Buffer padded(Buffer number, KeyType curve) {
  const std::size_t size = curve == KeyType::p256 ? 32 : curve == KeyType::p384 ? 48 : 66;
  number = without_leading_zeros(std::move(number));
  if (number.size() < size) number.insert(number.begin(), size - number.size(), 0);
  return number;
}

Buffer point_of(const Json& test, KeyType curve) {
  Buffer point = {4};
  for (const char* coordinate : {"qx", "qy"}) {
    const Buffer half = padded(hex_of(test, coordinate), curve);
    point.insert(point.end(), half.begin(), half.end());
  }
  return point;
}

/// ECDSA-Sig-Value (RFC 3279, section 2.2.3).
Buffer der_signature(Buffer r, Buffer s) {
  Buffer content;
  for (Buffer number : {without_leading_zeros(std::move(r)), without_leading_zeros(std::move(s))}) {
    if (number.front() & 0x80) number.insert(number.begin(), 0);
    content.push_back(2);
    content.push_back(static_cast<std::uint8_t>(number.size()));
    content.insert(content.end(), number.begin(), number.end());
  }
  Buffer der = {0x30};
  if (content.size() > 127) der.push_back(0x81);
  der.push_back(static_cast<std::uint8_t>(content.size()));
  der.insert(der.end(), content.begin(), content.end());
  return der;
}

TEST_F(SignatureVectors, EcdsaAcvp) {
  int keys = 0, signatures = 0, out_of_scope = 0;
  each_acvp("primitives/acvp/ECDSA", [&](const Json& set, const Json& group, const Json& test, const Json& expected) {
    const bool verifies_keys = set.at("mode") == "keyVer";
    const auto hash = verifies_keys ? HashAlgorithm::sha256 : hash_named(group.at("hashAlg").get<std::string>());
    if (group.at("curve") == "P-224" || !hash) {
      ++out_of_scope;
      return;
    }
    const KeyType curve = curve_named(group.at("curve").get<std::string>());
    const auto key = VerifyingKey::from_point(curve, point_of(test, curve));
    const bool passed = expected.at("testPassed").get<bool>();
    if (verifies_keys) {
      EXPECT_EQ(key.has_value(), passed);
      ++keys;
    } else {
      EXPECT_EQ(key && key->verify({SignatureKind::ecdsa, *hash}, hex_of(test, "message"),
                                   der_signature(hex_of(test, "r"), hex_of(test, "s"))),
                passed);
      ++signatures;
    }
  });
  EXPECT_EQ(keys, 3);
  EXPECT_EQ(signatures, 12);
  EXPECT_EQ(out_of_scope, 1 + 5 + 3);  // P-224, SHA-224
}

TEST_F(SignatureVectors, Ed25519Acvp) {
  int run = 0, other = 0;
  each_acvp("primitives/acvp/EDDSA", [&](const Json& set, const Json& group, const Json& test, const Json& expected) {
    if (set.at("mode") != "sigVer" || group.at("preHash") == true) {
      ++other;  // keys are not checked before they verify; Ed25519ph is not in TLS
      return;
    }
    const auto key = VerifyingKey::from_point(KeyType::ed25519, hex_of(test, "q"));
    EXPECT_EQ(key && key->verify({SignatureKind::ed25519, HashAlgorithm::sha512}, hex_of(test, "message"),
                                 hex_of(test, "signature")),
              expected.at("testPassed").get<bool>());
    ++run;
  });
  EXPECT_EQ(run, 1);
  EXPECT_EQ(other, 2);
}

TEST_F(SignatureVectors, RsaAcvp) {
  int run = 0, passed = 0, out_of_scope = 0;
  each_acvp("primitives/acvp/RSA", [&](const Json&, const Json& group, const Json& test, const Json& expected) {
    const auto hash = hash_named(group.at("hashAlg").get<std::string>());
    const std::string type = group.at("sigType").get<std::string>();
    const bool is_pss = type == "pss";
    if (!hash || (is_pss && group.at("saltLen") != digest_size(*hash)) || (!is_pss && type != "pkcs1v1.5")) {
      ++out_of_scope;
      return;
    }
    const auto key = rsa_key(KeyType::rsa, hex_of(group, "n"), hex_of(group, "e"));
    ASSERT_TRUE(key);
    const SignatureAlgorithm algorithm = {is_pss ? SignatureKind::rsa_pss : SignatureKind::rsa_pkcs1, *hash};
    const bool should_pass = expected.at("testPassed").get<bool>();
    EXPECT_EQ(key->verify(algorithm, hex_of(test, "message"), hex_of(test, "signature")), should_pass);
    ++run;
    passed += should_pass;
  });
  EXPECT_GE(run, 60);
  EXPECT_GE(passed, 10);
  EXPECT_EQ(run + out_of_scope, 105);
}

TEST(VerifyingKey, PointsThatAreNoneAreRefused) {
  const auto key = SigningKey::generate(KeyType::p256);
  ASSERT_TRUE(key);
  const Buffer point(key->public_key().begin(), key->public_key().end());
  ASSERT_TRUE(VerifyingKey::from_point(KeyType::p256, point));
  Buffer off_curve = point, compressed = point, longer = point;
  off_curve.back() ^= 1;
  compressed.front() = 2;
  compressed.resize(33);
  longer.push_back(0);
  for (const Buffer& bad : {off_curve, compressed, longer, Buffer{}, Buffer{0}, Buffer{4}, Buffer(65, 4)}) {
    const auto refused = VerifyingKey::from_point(KeyType::p256, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason(), Reason::unsupported_certificate_key);
    EXPECT_EQ(refused.error().alert(), Alert::unsupported_certificate);
  }
  EXPECT_FALSE(VerifyingKey::from_point(KeyType::p384, point));
  EXPECT_FALSE(VerifyingKey::from_point(KeyType::rsa, point));
  EXPECT_FALSE(VerifyingKey::from_point(KeyType::ed25519, Buffer(31)));
  EXPECT_FALSE(VerifyingKey::from_point(KeyType::ed25519, Buffer(33)));
}

TEST(VerifyingKey, RsaLimits) {
  auto modulus = [](std::size_t bits) {
    Buffer bytes((bits + 7) / 8, 0xff);
    bytes.front() = static_cast<std::uint8_t>(0xff >> (8 * bytes.size() - bits));
    return bytes;
  };
  const Buffer f4 = {1, 0, 1};
  auto is_taken = [](Bytes n, Bytes e) { return VerifyingKey::from_rsa(KeyType::rsa, n, e).has_value(); };
  EXPECT_TRUE(is_taken(modulus(1024), f4));
  EXPECT_TRUE(is_taken(modulus(8192), f4));
  EXPECT_FALSE(is_taken(modulus(1023), f4));
  EXPECT_FALSE(is_taken(modulus(8193), f4));
  EXPECT_FALSE(is_taken({}, f4));
  Buffer even = modulus(2048), zero_first = modulus(2048);
  even.back() = 0xfe;
  zero_first.insert(zero_first.begin(), 0);
  EXPECT_FALSE(is_taken(even, f4));
  EXPECT_FALSE(is_taken(zero_first, f4));
  const Buffer n = modulus(2048);
  EXPECT_TRUE(is_taken(n, Buffer{3}));
  EXPECT_TRUE(is_taken(n, Buffer{1, 0, 0, 0, 1}));  // 33 bits
  for (const Buffer& bad : {Buffer{}, Buffer{0}, Buffer{1}, Buffer{2}, Buffer{0, 3}, Buffer{1, 0, 0},
                            Buffer{2, 0, 0, 0, 1}, Buffer{1, 0, 0, 0, 0, 1}})
    EXPECT_FALSE(is_taken(n, bad)) << to_hex(bad);
  EXPECT_FALSE(VerifyingKey::from_rsa(KeyType::p256, n, f4));
}

TEST(SignatureScheme, EachStandsForItsKeyAndHash) {
  SchemeAlgorithm found{};
  ASSERT_TRUE(lookup(SignatureScheme::ecdsa_secp384r1_sha384, found));
  EXPECT_EQ(found.key, KeyType::p384);
  EXPECT_EQ(found.algorithm, (SignatureAlgorithm{SignatureKind::ecdsa, HashAlgorithm::sha384}));
  ASSERT_TRUE(lookup(SignatureScheme::rsa_pss_pss_sha512, found));
  EXPECT_EQ(found.key, KeyType::rsa_pss);
  EXPECT_EQ(found.algorithm, (SignatureAlgorithm{SignatureKind::rsa_pss, HashAlgorithm::sha512}));
  for (SignatureScheme unknown :
       {SignatureScheme::ed448, static_cast<SignatureScheme>(0x0a0a), static_cast<SignatureScheme>(0)})
    EXPECT_FALSE(lookup(unknown, found));
}

TEST(SignatureScheme, WhoSignsHandshakesWithWhat) {
  using enum SignatureScheme;
  using enum ProtocolVersion;
  struct Row {
    SignatureScheme scheme;
    bool tls11, tls12, tls13_server, tls13_client, by_name;
  };
  for (const auto& [scheme, tls11, tls12, server, client, by_name] :
       {Row{ecdsa_secp256r1_sha256, false, true, true, true, false},
        Row{rsa_pss_rsae_sha256, false, true, true, true, false},
        Row{rsa_pkcs1_sha256, false, true, false, false, false},
        Row{rsa_pkcs1_sha512_legacy, false, false, false, true, true},
        Row{rsa_pkcs1_sha1, false, true, false, false, true}, Row{ecdsa_sha1, true, true, false, false, true},
        Row{rsa_pkcs1_md5_sha1, true, false, false, false, true}, Row{ed448, false, false, false, false, false}}) {
    SCOPED_TRACE(name(scheme));
    for (ProtocolVersion version : {tls1_1, tls1_0})
      for (Side signer : {Side::server, Side::client}) EXPECT_EQ(signs_handshakes(version, signer, scheme), tls11);
    EXPECT_EQ(signs_handshakes(tls1_2, Side::server, scheme), tls12);
    EXPECT_EQ(signs_handshakes(tls1_2, Side::client, scheme), tls12);
    EXPECT_EQ(signs_handshakes(tls1_3, Side::server, scheme), server);
    EXPECT_EQ(signs_handshakes(tls1_3, Side::client, scheme), client);
    EXPECT_EQ(by_name_only(scheme), by_name);
  }
}

}  // namespace
}  // namespace handfast::crypto
