// The arithmetic below ML-KEM against its definitions in FIPS 203, computed with divisions and one coefficient at a
// time.
#include "crypto/ml_kem/polynomial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "crypto/keccak.h"
#include "support/hex.h"

namespace handfast::crypto::ml_kem {
namespace {

using namespace handfast::test;

int residue(std::int64_t x) { return static_cast<int>((x % modulus + modulus) % modulus); }

int power(int base, unsigned exponent) {
  int result = 1;
  while (exponent-- > 0) result = residue(std::int64_t{result} * base);
  return result;
}

unsigned reversed(unsigned i) {
  unsigned out = 0;
  for (int bit = 0; bit < 7; ++bit) out = out << 1 | (i >> bit & 1);
  return out;
}

/// Polynomials whose coefficients are as far out as they may be, and random ones.
std::vector<Polynomial> polynomials() {
  std::vector<Polynomial> out(8);
  for (std::size_t i = 0; i < degree; ++i) {
    out[0].at[i] = 0;
    out[1].at[i] = modulus;
    out[2].at[i] = -modulus;
    out[3].at[i] = i % 2 == 0 ? modulus - 1 : -modulus;
    out[4].at[i] = i == 1;
  }
  std::mt19937 random(5);
  std::uniform_int_distribution<int> any(-modulus, modulus);
  for (std::size_t each = 5; each < out.size(); ++each)
    for (std::int16_t& coefficient : out[each].at) coefficient = static_cast<std::int16_t>(any(random));
  return out;
}

void expect_congruent(const Polynomial& a, const Polynomial& b) {
  for (std::size_t i = 0; i < degree; ++i) ASSERT_EQ(residue(a.at[i]), residue(b.at[i])) << i;
}

TEST(Polynomial, TheTransformIsTheRemaindersModuloXSquaredLessZeta) {
  for (const Polynomial& polynomial : polynomials()) {
    Polynomial transformed = polynomial;
    transform(transformed);
    for (unsigned i = 0; i < degree / 2; ++i) {
      const int zeta = power(17, 2 * reversed(i) + 1);
      std::int64_t even = 0, odd = 0, x = 1;
      for (std::size_t k = 0; k < degree; k += 2, x = x * zeta % modulus) {
        even += polynomial.at[k] * x;
        odd += polynomial.at[k + 1] * x;
      }
      ASSERT_EQ(residue(transformed.at[2 * i]), residue(even)) << i;
      ASSERT_EQ(residue(transformed.at[2 * i + 1]), residue(odd)) << i;
      ASSERT_LE(std::abs(transformed.at[2 * i]), modulus / 2);
      ASSERT_LE(std::abs(transformed.at[2 * i + 1]), modulus / 2);
    }
    transform_back(transformed);
    expect_congruent(transformed, polynomial);
  }
}

TEST(Polynomial, ProductsOfTransformsAreProductsModuloXTo256Plus1) {
  const std::vector<Polynomial> all = polynomials();
  for (const Polynomial& a : all)
    for (const Polynomial& b : all) {
      Polynomial expected{};
      for (std::size_t i = 0; i < degree; ++i) {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < degree; ++k)
          sum += std::int64_t{a.at[k]} * b.at[(i - k) % degree] * (k > i ? -1 : 1);
        expected.at[i] = static_cast<std::int16_t>(residue(8 * sum));
      }
      Polynomial first = a, second = b, out;
      transform(first);
      transform(second);
      Products products;
      for (int terms = 0; terms < 8; ++terms) products.add(first, Factor(second));
      products.sum(out);
      transform_back(out);
      expect_congruent(out, expected);
    }
}

TEST(Polynomial, SumsAndDifferencesAreReducedToTheNearest) {
  Polynomial a{}, b{};
  for (int x = -2 * modulus; x <= 2 * modulus; ++x) {
    a.at[0] = static_cast<std::int16_t>(x / 2);
    b.at[0] = static_cast<std::int16_t>(x - x / 2);
    Polynomial sum = a, difference = a;
    add(sum, b);
    subtract_from(b, difference);
    ASSERT_EQ(residue(sum.at[0]), residue(x));
    ASSERT_LE(std::abs(sum.at[0]), modulus / 2);
    ASSERT_EQ(residue(difference.at[0]), residue(b.at[0] - a.at[0]));
    ASSERT_LE(std::abs(difference.at[0]), modulus / 2);
  }
}

TEST(Polynomial, CompressionRoundsEveryCoefficient) {
  for (unsigned bits : {1U, 4U, 5U, 10U, 11U}) {
    for (int from = -modulus; from < modulus; from += degree) {
      Polynomial polynomial{}, out;
      for (std::size_t i = 0; i < degree; ++i)
        polynomial.at[i] = static_cast<std::int16_t>(std::min(from + static_cast<int>(i), modulus - 1));
      Buffer bytes(32 * bits);
      compress(polynomial, bits, bytes);
      decompress(bytes, bits, out);
      for (std::size_t i = 0; i < degree; ++i) {
        // To the nearest; 3329 is odd, so there are no ties.
        const int compressed = ((2 << bits) * residue(polynomial.at[i]) + modulus) / (2 * modulus) % (1 << bits);
        const int decompressed = (2 * modulus * compressed + (1 << bits)) / (2 << bits);
        ASSERT_EQ(out.at[i], decompressed) << polynomial.at[i] << " in " << bits << " bits";
      }
    }
  }
}

TEST(Polynomial, BytesOfTwelveBits) {
  for (int from = 0; from < 4096; from += degree) {
    Buffer bytes(polynomial_size);
    for (std::size_t i = 0; i < degree; i += 2) {
      const auto first = static_cast<unsigned>(from) + static_cast<unsigned>(i), second = first + 1;
      bytes[i / 2 * 3] = static_cast<std::uint8_t>(first);
      bytes[i / 2 * 3 + 1] = static_cast<std::uint8_t>(first >> 8 | second << 4);
      bytes[i / 2 * 3 + 2] = static_cast<std::uint8_t>(second >> 4);
    }
    Polynomial polynomial;
    ASSERT_EQ(decode(bytes, polynomial), from + static_cast<int>(degree) <= modulus);
    for (std::size_t i = 0; i < degree; ++i) ASSERT_EQ(polynomial.at[i], from + static_cast<int>(i));
    if (from + static_cast<int>(degree) > modulus) continue;
    Buffer again(polynomial_size);
    encode(polynomial, again);
    ASSERT_EQ(again, bytes);
    for (std::int16_t& coefficient : polynomial.at) coefficient = static_cast<std::int16_t>(coefficient - modulus);
    if (from == 0) polynomial.at[0] = 0;
    encode(polynomial, again);
    ASSERT_EQ(again, bytes);
  }
}

TEST(Polynomial, NoiseIsTheDifferenceOfTwoSumsOfTwoBits) {
  const Buffer seed(32, 7);
  for (std::uint8_t nonce = 0; nonce < 8; ++nonce) {
    Buffer stream(128);
    keccak(Keccak::shake256, {seed, Bytes(&nonce, 1)}, stream);
    const auto bit = [&](std::size_t i) { return stream[i / 8] >> i % 8 & 1; };
    Polynomial noise;
    sample_noise(noise, seed, nonce);
    for (std::size_t i = 0; i < degree; ++i)
      ASSERT_EQ(noise.at[i], bit(4 * i) + bit(4 * i + 1) - bit(4 * i + 2) - bit(4 * i + 3));
  }
}

TEST(Polynomial, TheMatrixIsSampledByRejection) {
  // Among 2,000 polynomials some twenty need more than the three blocks that are computed first.
  int longer = 0;
  for (int i = 0; i < 2000; ++i) {
    const Buffer rho(32, static_cast<std::uint8_t>(i));
    const auto column = static_cast<std::uint8_t>(i >> 8), row = static_cast<std::uint8_t>(i >> 4);
    Buffer stream(6 * shake128_rate);
    keccak(Keccak::shake128, {rho, Buffer{column, row}}, stream);
    Polynomial sampled;
    sample_transform(sampled, rho, column, row);
    std::size_t count = 0, at = 0;
    for (; count < degree; at += 3)
      for (const int number : {stream[at] | (stream[at + 1] & 15) << 8, stream[at + 1] >> 4 | stream[at + 2] << 4})
        if (number < modulus && count < degree) {
          ASSERT_EQ(sampled.at[count++], number);
        }
    if (at > 3 * shake128_rate) ++longer;
  }
  EXPECT_GT(longer, 5);
}

TEST(Keccak, KnownAnswers) {
  // FIPS 202: the digests of no bytes.
  Buffer out(32);
  keccak(Keccak::sha3_256, {}, out);
  EXPECT_EQ(to_hex(out), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
  keccak(Keccak::shake128, {}, out);
  EXPECT_EQ(to_hex(out), "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
  keccak(Keccak::shake256, {}, out);
  EXPECT_EQ(to_hex(out), "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
  out.resize(64);
  keccak(Keccak::sha3_512, {}, out);
  EXPECT_EQ(to_hex(out),
            "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
            "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26");
}

TEST(Keccak, PiecesAreOneInput) {
  const Buffer input(500, 3);
  for (Keccak function : {Keccak::sha3_256, Keccak::sha3_512, Keccak::shake128, Keccak::shake256}) {
    Buffer whole(function == Keccak::sha3_512 ? 64 : 32), pieces(whole.size());
    keccak(function, {input}, whole);
    for (std::size_t split = 0; split <= input.size(); split += 50) {
      const KeccakWipe wipe;
      keccak(function, {Bytes(input).first(split), Bytes(input).subspan(split)}, pieces);
      EXPECT_EQ(pieces, whole);
    }
  }
}

}  // namespace
}  // namespace handfast::crypto::ml_kem
