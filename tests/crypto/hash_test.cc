// Hash, Hmac and HKDF against ACVP, Wycheproof and the RFCs, and what a running hash promises.
#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "crypto/wycheproof.h"
#include "support/vec.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

constexpr HashAlgorithm all_hashes[] = {HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384,
                                        HashAlgorithm::sha512};

std::string hex_digest(HashAlgorithm algorithm, Bytes bytes) {
  const Digest digest = Hash::of(algorithm, bytes);
  return to_hex(digest.view());
}

TEST(Hash, KnownDigests) {
  // FIPS 180-4's examples, for the hashes that have no ACVP file here.
  EXPECT_EQ(hex_digest(HashAlgorithm::sha1, as_bytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_digest(HashAlgorithm::sha256, {}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_digest(HashAlgorithm::sha512, as_bytes("abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, SizesAreThoseOfTheAlgorithm) {
  for (HashAlgorithm algorithm : all_hashes) {
    EXPECT_EQ(Hash(algorithm).digest().size(), digest_size(algorithm));
    EXPECT_EQ(Hash(algorithm).algorithm(), algorithm);
  }
}

TEST(Hash, SplitAnywhereItIsTheSame) {
  Buffer message(300);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i * 7);
  for (HashAlgorithm algorithm : all_hashes) {
    const std::string whole = hex_digest(algorithm, message);
    for (std::size_t split = 0; split <= message.size(); ++split) {
      Hash hash(algorithm);
      hash.update(Bytes(message).first(split));
      hash.update(Bytes(message).subspan(split));
      const Digest digest = hash.digest();
      ASSERT_EQ(to_hex(digest.view()), whole) << split;
    }
  }
}

/// Every length that the secret may have, around the blocks' borders and where there is less than 255 bytes.
TEST(Hmac, CodeOfAPrefixIsThatOfItsBytes) {
  const Buffer head = from_hex("000102030405060708090a0b0c");
  Buffer data(700);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7 + 1);
  for (HashAlgorithm algorithm : all_hashes) {
    const Hmac hmac(algorithm, from_hex("0b0b0b0b0b0b0b0b"));
    for (std::size_t room = 0; room <= data.size(); room = room < 300 ? room + 1 : room + 37) {
      const Bytes all = Bytes(data).first(room);
      for (std::size_t size = room < 255 ? 0 : room - 255; size <= room; ++size) {
        const Digest expected = hmac.code(head, all.first(size));
        const Digest code = hmac.code_of_prefix(head, all, size);
        ASSERT_TRUE(std::ranges::equal(code.view(), expected.view())) << size << " of " << room;
      }
    }
  }
}

TEST(Hash, GoesOnAfterDigestAndAfterACopy) {
  for (HashAlgorithm algorithm : all_hashes) {
    Hash hash(algorithm);
    hash.update(as_bytes("ab"));
    const Digest early = hash.digest();
    EXPECT_EQ(to_hex(early.view()), hex_digest(algorithm, as_bytes("ab")));
    Hash fork = hash;
    fork.update(as_bytes("X"));
    hash.update(as_bytes("c"));
    const Digest digest = hash.digest(), forked = fork.digest(), again = hash.digest();
    EXPECT_EQ(to_hex(digest.view()), hex_digest(algorithm, as_bytes("abc")));
    EXPECT_EQ(to_hex(forked.view()), hex_digest(algorithm, as_bytes("abX")));
    EXPECT_EQ(to_hex(again.view()), to_hex(digest.view()));
  }
}

class HashVectors : public VectorTest {
 protected:
  /// The chain of digests that FIPS prescribes for a Monte Carlo test: 100 answers of 1000 rounds each.
  static void monte_carlo(HashAlgorithm algorithm, Buffer seed, const Json& results) {
    for (const Json& result : results) {
      Buffer a = seed, b = seed, c = seed;
      for (int i = 0; i < 1000; ++i) {
        Hash hash(algorithm);
        hash.update(a);
        hash.update(b);
        hash.update(c);
        const Digest digest = hash.digest();
        a = std::move(b);
        b = std::move(c);
        c.assign(digest.view().begin(), digest.view().end());
      }
      ASSERT_EQ(to_hex(c), result.at("md").get<std::string>());
      seed = c;
    }
  }
};

TEST_F(HashVectors, Acvp) {
  int messages = 0, chains = 0;
  for (auto [name, algorithm] : {std::pair{"SHA2-256", HashAlgorithm::sha256}, {"SHA2-384", HashAlgorithm::sha384}}) {
    each_acvp(std::string("primitives/acvp/") + name,
              [&](const Json&, const Json& group, const Json& test, const Json& expected) {
                if (group.at("testType") == "MCT") {
                  monte_carlo(algorithm, hex_of(test, "msg"), expected.at("resultsArray"));
                  chains += static_cast<int>(expected.at("resultsArray").size());
                } else {
                  EXPECT_EQ(hex_digest(algorithm, hex_of(test, "msg")), to_hex(hex_of(expected, "md")));
                  ++messages;
                }
              });
  }
  EXPECT_EQ(messages, 2);
  EXPECT_EQ(chains, 200);
}

TEST_F(HashVectors, HmacWycheproof) {
  int run = 0;
  for (auto [name, algorithm] : {std::pair{"hmac_sha1_test", HashAlgorithm::sha1},
                                 {"hmac_sha256_test", HashAlgorithm::sha256},
                                 {"hmac_sha384_test", HashAlgorithm::sha384},
                                 {"hmac_sha512_test", HashAlgorithm::sha512}}) {
    each_wycheproof(name, [&](const Json& group, const Json& test) {
      const Digest code = Hmac(algorithm, hex_of(test, "key")).code(hex_of(test, "msg"));
      // Half of the groups ask for a truncated code.
      const std::size_t size = group.at("tagSize").get<std::size_t>() / 8;
      EXPECT_EQ(to_hex(code.view().first(size)) == to_hex(hex_of(test, "tag")), is_valid(test));
      ++run;
    });
  }
  EXPECT_EQ(run, 692);
}

TEST_F(HashVectors, HmacAcvp) {
  int run = 0;
  for (auto [name, algorithm] :
       {std::pair{"HMAC-SHA2-256", HashAlgorithm::sha256}, {"HMAC-SHA2-384", HashAlgorithm::sha384}}) {
    each_acvp(std::string("primitives/acvp/") + name,
              [&](const Json&, const Json&, const Json& test, const Json& expected) {
                const Digest code = Hmac(algorithm, hex_of(test, "key")).code(hex_of(test, "msg"));
                const Buffer mac = hex_of(expected, "mac");
                EXPECT_EQ(to_hex(code.view().first(mac.size())), to_hex(mac));
                ++run;
              });
  }
  EXPECT_GE(run, 14);
}

TEST(Hmac, PiecesAreConcatenatedAndTheKeyStays) {
  for (HashAlgorithm algorithm : all_hashes) {
    const Hmac hmac(algorithm, as_bytes("key"));
    const Digest whole = hmac.code(as_bytes("one two three"));
    const Digest pieces = hmac.code(as_bytes("one "), as_bytes(""), as_bytes("two "), as_bytes("three"));
    Hmac copy(algorithm, as_bytes("another key"));
    copy = hmac;
    const Digest copied = copy.code(as_bytes("one two three"));
    EXPECT_EQ(to_hex(whole.view()), to_hex(pieces.view()));
    EXPECT_EQ(to_hex(whole.view()), to_hex(copied.view()));
    EXPECT_EQ(hmac.algorithm(), algorithm);
  }
}

TEST(Hmac, AKeyLongerThanABlockIsHashed) {
  for (HashAlgorithm algorithm : all_hashes) {
    const Buffer key(block_size(algorithm) + 1, 0xaa);
    const Digest hashed = Hash::of(algorithm, key);
    const Digest with_long = Hmac(algorithm, key).code(as_bytes("x"));
    const Digest with_hashed = Hmac(algorithm, hashed.view()).code(as_bytes("x"));
    EXPECT_EQ(to_hex(with_long.view()), to_hex(with_hashed.view()));
  }
}

std::string hkdf(HashAlgorithm algorithm, Bytes salt, Bytes key, Bytes info, std::size_t size) {
  const base::Secret prk = hkdf_extract(algorithm, salt, key);
  Buffer out(size);
  hkdf_expand(Hmac(algorithm, prk.view()), info, out);
  return to_hex(out);
}

TEST_F(HashVectors, HkdfWycheproof) {
  int run = 0, too_long = 0;
  for (auto [name, algorithm] : {std::pair{"hkdf_sha256_test", HashAlgorithm::sha256},
                                 {"hkdf_sha384_test", HashAlgorithm::sha384},
                                 {"hkdf_sha512_test", HashAlgorithm::sha512}}) {
    each_wycheproof(name, [&](const Json&, const Json& test) {
      const std::size_t size = test.at("size").get<std::size_t>();
      if (!is_valid(test)) {
        // More than 255 digests: hkdf_expand excludes that by its contract.
        EXPECT_GT(size, 255 * digest_size(algorithm));
        ++too_long;
        return;
      }
      EXPECT_EQ(hkdf(algorithm, hex_of(test, "salt"), hex_of(test, "ikm"), hex_of(test, "info"), size),
                to_hex(hex_of(test, "okm")));
      ++run;
    });
  }
  EXPECT_EQ(run, 243);
  EXPECT_EQ(too_long, 9);
}

/// One block of a file that has whole derivations and single steps: extract gives `output` from salt and key, expand
/// gives it from a pseudorandom key and info.
struct Derivation {
  HashAlgorithm algorithm;
  enum { both, extract, expand } steps;
  Buffer salt, key, info, output;

  std::string run() const {
    if (steps == both) return hkdf(algorithm, salt, key, info, output.size());
    if (steps == extract) {
      const base::Secret prk = hkdf_extract(algorithm, salt, key);
      return to_hex(prk.view());
    }
    Buffer out(output.size());
    hkdf_expand(Hmac(algorithm, key), info, out);
    return to_hex(out);
  }
};

TEST_F(HashVectors, HkdfOpenssl) {
  int run = 0;
  for (const VecBlock& block : read_vec("tls-kdf/openssl/evpkdf_hkdf.txt")) {
    if (!block.has("KDF") || block.has("Result") || !block.has("Output")) continue;  // refused by OpenSSL's interface
    if (block.repeats) continue;  // an info in several pieces, which is a matter of that interface too
    auto value = [&](const std::string& key) {
      if (!block.has(key)) return std::string();
      const std::string& text = block.text(key);
      return text.substr(text.find(':') + 1);
    };
    const std::string digest = value("Ctrl.digest"), mode = value("Ctrl.mode");
    Derivation derivation{};
    derivation.algorithm = digest == "SHA256" ? HashAlgorithm::sha256 : HashAlgorithm::sha1;
    ASSERT_TRUE(digest == "SHA256" || digest == "SHA1") << digest;
    derivation.steps = mode == "EXTRACT_ONLY"  ? Derivation::extract
                       : mode == "EXPAND_ONLY" ? Derivation::expand
                                               : Derivation::both;
    derivation.salt = from_hex(value("Ctrl.salt"));
    derivation.key = from_hex(value("Ctrl.IKM"));
    derivation.info = from_hex(value("Ctrl.info"));
    derivation.output = block.hex("Output");
    EXPECT_EQ(derivation.run(), to_hex(derivation.output));
    ++run;
  }
  EXPECT_GE(run, 21);
}

TEST_F(HashVectors, HkdfBotan) {
  int run = 0;
  for (const VecBlock& block : read_vec("tls-kdf/botan/hkdf.vec")) {
    auto value = [&](const std::string& key) { return block.has(key) ? block.hex(key) : Buffer(); };
    Derivation derivation{};
    derivation.algorithm = block.section.contains("SHA-1")     ? HashAlgorithm::sha1
                           : block.section.contains("SHA-256") ? HashAlgorithm::sha256
                                                               : HashAlgorithm::sha512;
    derivation.steps = block.section.starts_with("HKDF-Extract")  ? Derivation::extract
                       : block.section.starts_with("HKDF-Expand") ? Derivation::expand
                                                                  : Derivation::both;
    derivation.salt = value("Salt");
    derivation.key = value("Secret");
    derivation.info = value("Label");
    derivation.output = value("Output");
    if (derivation.steps == Derivation::expand)  // Botan's step has a salt here too, as the end of the info
      derivation.info.insert(derivation.info.end(), derivation.salt.begin(), derivation.salt.end());
    EXPECT_EQ(derivation.run(), to_hex(derivation.output));
    ++run;
  }
  EXPECT_GE(run, 20);
}

}  // namespace
}  // namespace handfast::crypto
