// Aead against Wycheproof, BoringSSL's vectors and ACVP; the life of keys, and contexts that belong to threads.
#include "crypto/aead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/wycheproof.h"
#include "support/vec.h"

namespace handfast::crypto {
namespace {

using namespace handfast::test;

constexpr AeadAlgorithm all_aeads[] = {AeadAlgorithm::aes_128_gcm, AeadAlgorithm::aes_256_gcm,
                                       AeadAlgorithm::chacha20_poly1305};

Nonce nonce_of(Bytes bytes) {
  Nonce nonce{};
  EXPECT_EQ(bytes.size(), nonce.size());
  std::ranges::copy(bytes.first(std::min(bytes.size(), nonce.size())), nonce.begin());
  return nonce;
}

Nonce nonce_of(std::uint64_t number) {
  Nonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return nonce;
}

Buffer seal(Aead& aead, const Nonce& nonce, Bytes associated_data, Bytes first, Bytes second = {}) {
  Buffer sealed(first.size() + second.size() + aead_tag_size);
  EXPECT_TRUE(aead.seal(nonce, associated_data, first, second, sealed));
  return sealed;
}

std::optional<Buffer> open(Aead& aead, const Nonce& nonce, Bytes associated_data, Buffer sealed) {
  if (!aead.open(nonce, associated_data, sealed)) return std::nullopt;
  sealed.resize(sealed.size() - aead_tag_size);
  return sealed;
}

Aead make(AeadAlgorithm algorithm, std::uint8_t seed) { return Aead(algorithm, Buffer(key_size(algorithm), seed)); }

/// One known answer: sealed in one piece, in two, in place, and opened.
void check(AeadAlgorithm algorithm, Bytes key, Bytes nonce_bytes, Bytes associated_data, Bytes text, Bytes sealed,
           bool valid) {
  Aead aead(algorithm, key);
  const Nonce nonce = nonce_of(nonce_bytes);
  const Buffer expected(sealed.begin(), sealed.end());
  const std::optional<Buffer> opened = open(aead, nonce, associated_data, expected);
  EXPECT_EQ(opened.has_value(), valid);
  if (!valid) return;
  EXPECT_EQ(to_hex(*opened), to_hex(text));
  EXPECT_EQ(to_hex(seal(aead, nonce, associated_data, text)), to_hex(sealed));
  const std::size_t split = text.size() * 2 / 3;
  EXPECT_EQ(to_hex(seal(aead, nonce, associated_data, text.first(split), text.subspan(split))), to_hex(sealed));
  Buffer in_place(text.begin(), text.end());
  in_place.resize(sealed.size());
  EXPECT_TRUE(aead.seal(nonce, associated_data, Bytes(in_place).first(split), text.subspan(split), in_place));
  EXPECT_EQ(to_hex(in_place), to_hex(sealed));
}

Buffer joined(Buffer a, Bytes b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

class AeadVectors : public VectorTest {};

TEST_F(AeadVectors, Wycheproof) {
  int run = 0, other_nonces = 0, other_keys = 0;
  for (const char* name : {"aes_gcm_test", "chacha20_poly1305_test"}) {
    each_wycheproof(name, [&](const Json& group, const Json& test) {
      const Buffer key = hex_of(test, "key");
      if (group.at("ivSize") != 96) {
        ++other_nonces;  // TLS has 96 bits only
      } else if (key.size() == 24) {
        ++other_keys;  // AES-192, which TLS does not have
      } else {
        const AeadAlgorithm algorithm = name[0] == 'c'     ? AeadAlgorithm::chacha20_poly1305
                                        : key.size() == 16 ? AeadAlgorithm::aes_128_gcm
                                                           : AeadAlgorithm::aes_256_gcm;
        check(algorithm, key, hex_of(test, "iv"), hex_of(test, "aad"), hex_of(test, "msg"),
              joined(hex_of(test, "ct"), hex_of(test, "tag")), is_valid(test));
        ++run;
      }
    });
  }
  EXPECT_EQ(run, 133 + 316);
  EXPECT_EQ(other_nonces, 119 + 9);
  EXPECT_EQ(other_keys, 64);
}

TEST_F(AeadVectors, Boringssl) {
  int run = 0, other_nonces = 0, truncated_tags = 0;
  for (auto [name, algorithm] : {std::pair{"aes_128_gcm", AeadAlgorithm::aes_128_gcm},
                                 {"aes_256_gcm", AeadAlgorithm::aes_256_gcm},
                                 {"chacha20_poly1305", AeadAlgorithm::chacha20_poly1305}}) {
    for (const VecBlock& block : read_vec(std::string("primitives/boringssl/") + name + "_tests.txt")) {
      const Buffer nonce = block.hex("NONCE"), tag = block.hex("TAG");
      if (nonce.size() != aead_nonce_size) {
        ++other_nonces;
      } else if (tag.size() != aead_tag_size) {
        ++truncated_tags;
      } else {
        check(algorithm, block.hex("KEY"), nonce, block.hex("AD"), block.hex("IN"), joined(block.hex("CT"), tag), true);
        ++run;
      }
    }
  }
  EXPECT_EQ(run, 69 + 64 + 66);
  EXPECT_EQ(other_nonces, 5 + 2);
  EXPECT_EQ(truncated_tags, 15);
}

TEST_F(AeadVectors, Acvp) {
  int run = 0, out_of_scope = 0;
  each_acvp("primitives/acvp/ACVP-AES-GCM", [&](const Json&, const Json& group, const Json& test,
                                                const Json& expected) {
    if (group.at("keyLen") == 192 || group.at("ivLen") != 96) {
      ++out_of_scope;
      return;
    }
    Aead aead(group.at("keyLen") == 128 ? AeadAlgorithm::aes_128_gcm : AeadAlgorithm::aes_256_gcm, hex_of(test, "key"));
    const Nonce nonce = nonce_of(hex_of(test, "iv"));
    const Buffer associated_data = hex_of(test, "aad");
    if (group.at("direction") == "encrypt") {
      // Most groups ask for a shorter tag, which is the beginning of the whole one.
      const Buffer sealed = seal(aead, nonce, associated_data, hex_of(test, "pt"));
      EXPECT_TRUE(to_hex(sealed).starts_with(to_hex(hex_of(expected, "ct")) + to_hex(hex_of(expected, "tag"))));
    } else if (group.at("tagLen") == 128) {
      const auto opened = open(aead, nonce, associated_data, joined(hex_of(test, "ct"), hex_of(test, "tag")));
      ASSERT_EQ(opened.has_value(), expected.value("testPassed", true));
      if (opened) {
        EXPECT_EQ(to_hex(*opened), to_hex(hex_of(expected, "pt")));
      }
    } else {
      ++out_of_scope;  // TLS has whole tags only
      return;
    }
    ++run;
  });
  EXPECT_GE(run, 14);
  EXPECT_EQ(run + out_of_scope, 42);
}

TEST(Aead, EveryFlippedBitIsFound) {
  for (AeadAlgorithm algorithm : all_aeads) {
    Aead aead = make(algorithm, 1);
    const Buffer header = {23, 3, 3, 0, 40};
    const Buffer sealed = seal(aead, nonce_of(7), header, as_bytes("a record of some bytes"));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      Buffer bad = sealed;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1 << bit % 8);
      ASSERT_FALSE(open(aead, nonce_of(7), header, bad));
    }
    EXPECT_FALSE(open(aead, nonce_of(8), header, sealed));
    EXPECT_FALSE(open(aead, nonce_of(7), Bytes(header).first(4), sealed));
    EXPECT_TRUE(open(aead, nonce_of(7), header, sealed));
  }
}

TEST(Aead, ShorterThanATagIsRefused) {
  for (AeadAlgorithm algorithm : all_aeads) {
    Aead aead = make(algorithm, 1);
    for (std::size_t size = 0; size < aead_tag_size; ++size) EXPECT_FALSE(open(aead, {}, {}, Buffer(size)));
    EXPECT_TRUE(open(aead, {}, {}, seal(aead, {}, {}, {})));
  }
}

TEST(Aead, OutMayBeginWhereFirstBegins) {
  for (AeadAlgorithm algorithm : all_aeads) {
    Aead aead = make(algorithm, 9);
    for (std::size_t size : {0U, 1U, 15U, 16U, 17U, 63U, 1000U, 16384U}) {
      Buffer record(size, 0x5a);
      const Buffer type = {23, 0, 0};
      const Buffer apart = seal(aead, nonce_of(size), as_bytes("ad"), record, type);
      record.resize(size + type.size() + aead_tag_size);
      ASSERT_TRUE(aead.seal(nonce_of(size), as_bytes("ad"), Bytes(record).first(size), type, record));
      EXPECT_EQ(record, apart) << size;
    }
  }
}

TEST(Aead, MoreKeysThanContexts) {
  // Twenty keys of all algorithms in turn: each is found again or keyed anew, and none is taken for another.
  std::vector<Aead> keys;
  std::vector<Buffer> first_round;
  keys.reserve(20);
  for (std::uint8_t i = 0; i < 20; ++i) keys.push_back(make(all_aeads[i % 3], i));
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Buffer sealed = seal(keys[i], nonce_of(i), {}, as_bytes("the same text"));
      if (round == 0) first_round.push_back(sealed);
      EXPECT_EQ(sealed, first_round[i]);
      EXPECT_TRUE(open(keys[i], nonce_of(i), {}, sealed));
      EXPECT_FALSE(open(keys[(i + 3) % keys.size()], nonce_of(i), {}, sealed));
    }
  }
}

TEST(Aead, TwoKeysInTurn) {
  for (AeadAlgorithm algorithm : all_aeads) {
    Aead a = make(algorithm, 1), b = make(algorithm, 2), same_as_a = make(algorithm, 1);
    for (std::uint64_t i = 0; i < 10; ++i) {
      const Buffer sealed_a = seal(a, nonce_of(i), {}, as_bytes("text"));
      const Buffer sealed_b = seal(b, nonce_of(i), {}, as_bytes("text"));
      EXPECT_NE(sealed_a, sealed_b);
      EXPECT_TRUE(open(same_as_a, nonce_of(i), {}, sealed_a));
      EXPECT_FALSE(open(same_as_a, nonce_of(i), {}, sealed_b));
    }
  }
}

TEST(Aead, MovesAndDies) {
  for (AeadAlgorithm algorithm : all_aeads) {
    Aead a = make(algorithm, 1);
    const Buffer sealed = seal(a, {}, {}, as_bytes("text"));
    Aead b = std::move(a);
    EXPECT_TRUE(open(b, {}, {}, sealed));
    Buffer out(4 + aead_tag_size);
    EXPECT_FALSE(a.seal({}, {}, as_bytes("text"), {}, out));  // NOLINT(bugprone-use-after-move): it has no key now
    EXPECT_FALSE(open(a, {}, {}, sealed));
    Aead c = make(algorithm, 2);
    EXPECT_FALSE(open(c, {}, {}, sealed));
    c = std::move(b);
    EXPECT_EQ(c.algorithm(), algorithm);
    EXPECT_TRUE(open(c, {}, {}, sealed));
    Aead& self = c;
    c = std::move(self);
    EXPECT_TRUE(open(c, {}, {}, sealed));
  }
}

TEST(Aead, ANewKeyAtAnOldAddressIsNew) {
  for (AeadAlgorithm algorithm : all_aeads) {
    std::optional<Aead> aead(make(algorithm, 1));
    const Buffer sealed = seal(*aead, {}, {}, as_bytes("text"));
    aead.emplace(make(algorithm, 2));
    EXPECT_FALSE(open(*aead, {}, {}, sealed));
    EXPECT_NE(seal(*aead, {}, {}, as_bytes("text")), sealed);
    aead.emplace(make(algorithm, 1));
    EXPECT_TRUE(open(*aead, {}, {}, sealed));
  }
}

TEST(Aead, ThreadsHaveContextsOfTheirOwn) {
  constexpr int thread_count = 4, records = 200;
  std::vector<std::thread> threads;
  threads.reserve(thread_count);
  for (int t = 0; t < thread_count; ++t) {
    threads.emplace_back([t] {
      for (AeadAlgorithm algorithm : all_aeads) {
        Aead mine = make(algorithm, static_cast<std::uint8_t>(t));
        for (std::uint64_t i = 0; i < records; ++i) {
          const Buffer sealed = seal(mine, nonce_of(i), as_bytes("ad"), Buffer(100, static_cast<std::uint8_t>(i)));
          ASSERT_EQ(open(mine, nonce_of(i), as_bytes("ad"), sealed), Buffer(100, static_cast<std::uint8_t>(i)));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Aead, AKeyGoesFromThreadToThread) {
  for (AeadAlgorithm algorithm : all_aeads) {
    std::optional<Aead> aead(make(algorithm, 1));
    Buffer sealed = seal(*aead, {}, {}, as_bytes("text"));
    std::thread([&] {
      EXPECT_TRUE(open(*aead, {}, {}, sealed));
      aead.reset();  // this thread wipes its own context; the first thread's is keyed anew with the next key
    }).join();
    Aead other = make(algorithm, 2);
    EXPECT_FALSE(open(other, {}, {}, sealed));
  }
}

/// Keys that outlive the contexts: of a thread that ends, and of the program.
TEST(Aead, AKeyMayDieAfterTheContextsOfItsThread) {
  std::thread([] {
    thread_local std::optional<Aead> late;  // destroyed after the contexts, which are made after it
    late.emplace(make(AeadAlgorithm::aes_128_gcm, 1));
    seal(*late, {}, {}, as_bytes("text"));
  }).join();
  static Aead last = make(AeadAlgorithm::chacha20_poly1305, 1);
  seal(last, {}, {}, as_bytes("text"));
}

}  // namespace
}  // namespace handfast::crypto
