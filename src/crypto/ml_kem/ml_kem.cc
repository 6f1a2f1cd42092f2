// Key generation, encapsulation and decapsulation, over vectors of polynomials (FIPS 203, sections 5 to 7).
#include "crypto/ml_kem/ml_kem.h"

#include <array>
#include <cassert>
#include <cstdint>
#include <utility>

#include "base/copy.h"
#include "base/secret.h"
#include "crypto/keccak.h"
#include "crypto/ml_kem/polynomial.h"

namespace handfast::crypto::ml_kem {

namespace {

/// Section 8. Both sets have eta 2.
template <std::size_t rank, unsigned u_bits, unsigned v_bits>
struct Parameters {
  static constexpr std::size_t k = rank;
  static constexpr unsigned du = u_bits;  ///< of a compressed coefficient of u
  static constexpr unsigned dv = v_bits;  ///< and of v
  static constexpr std::size_t key_size = k * polynomial_size + 32;
  static constexpr std::size_t u_size = 32 * du;
  static constexpr std::size_t v_size = 32 * dv;
  static constexpr std::size_t ciphertext_size = k * u_size + v_size;
};
using MlKem768 = Parameters<3, 10, 4>;
using MlKem1024 = Parameters<4, 11, 5>;

static_assert(MlKem768::key_size == encapsulation_key_size(ParameterSet::ml_kem_768) &&
              MlKem1024::key_size == encapsulation_key_size(ParameterSet::ml_kem_1024) &&
              MlKem768::ciphertext_size == ciphertext_size(ParameterSet::ml_kem_768) &&
              MlKem1024::ciphertext_size == ciphertext_size(ParameterSet::ml_kem_1024));

/// Bytes that are wiped.
template <std::size_t size>
struct SecretBytes {
  std::array<std::uint8_t, size> at;
  ~SecretBytes() { base::wipe(at.data(), size); }
};

template <std::size_t k>
using Vector = std::array<Polynomial, k>;

/// The transforms of `k` polynomials of noise.
template <std::size_t k>
void sample_vector(Vector<k>& out, Bytes seed, std::uint8_t nonce) noexcept {
  for (Polynomial& polynomial : out) {
    sample_noise(polynomial, seed, nonce++);
    transform(polynomial);
  }
}

template <std::size_t k>
std::array<Factor, k> factors(const Vector<k>& vector) noexcept {
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::array<Factor, k>{Factor(vector[i])...};
  }(std::make_index_sequence<k>());
}

/// Which way the matrix is multiplied with a vector.
enum class Matrix : std::uint8_t { straight, transposed };

/// One element of A y, or of A^T y. A is sampled on the way, and not kept.
template <std::size_t k>
void multiply_row(Products& sum, Bytes rho, Matrix matrix, std::uint8_t row,
                  const std::array<Factor, k>& vector) noexcept {
  Polynomial element;
  for (std::uint8_t column = 0; column < k; ++column) {
    if (matrix == Matrix::straight)
      sample_transform(element, rho, column, row);
    else
      sample_transform(element, rho, row, column);
    sum.add(element, vector[column]);
  }
}

/// The secrets behind an encapsulation key (K-PKE.KeyGen, algorithm 13): t = A s + e, as transforms.
template <typename P>
struct KeyParts {
  explicit KeyParts(Bytes d) noexcept {
    constexpr std::uint8_t rank = P::k;
    keccak(Keccak::sha3_512, {d, Bytes(&rank, 1)}, seeds_.at);
    sample_vector(s, sigma(), 0);
    sample_vector(e, sigma(), P::k);
  }
  Bytes rho() const noexcept { return Bytes(seeds_.at).first(32); }

  Vector<P::k> s;
  Vector<P::k> e;

 private:
  Bytes sigma() const noexcept { return Bytes(seeds_.at).last(32); }
  SecretBytes<64> seeds_;
};

/// K and the coins of the encryption: G(m || H(ek)).
void derive(Bytes message, Bytes key_hash, SecretBytes<64>& secret_and_coins) noexcept {
  keccak(Keccak::sha3_512, {message, key_hash}, secret_and_coins.at);
}

/// K-PKE.Encrypt (algorithm 14). What the key's t is multiplied with y, `add_key` adds to a sum: it is given y, and
/// A^T y.
template <typename P, typename AddKey>
void encrypt(Bytes rho, Bytes message, Bytes coins, AddKey&& add_key, MutableBytes ciphertext) noexcept {
  Vector<P::k> y;
  sample_vector(y, coins, 0);
  const std::array<Factor, P::k> factors_of_y = factors(y);
  Vector<P::k> u;
  for (std::uint8_t row = 0; row < P::k; ++row) {
    Products sum;
    multiply_row(sum, rho, Matrix::transposed, row, factors_of_y);
    sum.sum(u[row]);
  }
  Products product;
  add_key(product, factors_of_y, u);
  Polynomial v;
  product.sum(v);
  transform_back(v);

  Polynomial noise;
  for (std::uint8_t row = 0; row < P::k; ++row) {
    transform_back(u[row]);
    sample_noise(noise, coins, static_cast<std::uint8_t>(P::k + row));
    add(u[row], noise);
    compress(u[row], P::du, ciphertext.subspan(row * P::u_size, P::u_size));
  }
  sample_noise(noise, coins, 2 * P::k);
  add(v, noise);
  decompress(message, 1, noise);
  add(v, noise);
  compress(v, P::dv, ciphertext.last(P::v_size));
}

/// K-PKE.Decrypt (algorithm 15).
template <typename P>
void decrypt(const Vector<P::k>& s, Bytes ciphertext, MutableBytes message) noexcept {
  Polynomial part;
  Products product;
  for (std::size_t row = 0; row < P::k; ++row) {
    decompress(ciphertext.subspan(row * P::u_size, P::u_size), P::du, part);
    transform(part);
    product.add(s[row], Factor(part));
  }
  Polynomial masked;
  product.sum(masked);
  transform_back(masked);
  decompress(ciphertext.last(P::v_size), P::dv, part);
  subtract_from(part, masked);
  compress(masked, 1, message);
}

template <typename P>
void generate(Bytes seed, MutableBytes encapsulation_key, MutableBytes key_hash) noexcept {
  const KeyParts<P> parts(seed.first(32));
  const std::array<Factor, P::k> s = factors(parts.s);
  for (std::uint8_t row = 0; row < P::k; ++row) {
    Products sum;
    multiply_row(sum, parts.rho(), Matrix::straight, row, s);
    Polynomial t;
    sum.sum(t);
    add(t, parts.e[row]);
    encode(t, encapsulation_key.subspan(row * polynomial_size, polynomial_size));
  }
  base::copy(parts.rho(), encapsulation_key.last(32));
  keccak(Keccak::sha3_256, {encapsulation_key}, key_hash);
}

template <typename P>
bool encapsulate(Bytes encapsulation_key, Bytes message, MutableBytes ciphertext, MutableBytes shared_secret) noexcept {
  if (encapsulation_key.size() != P::key_size) return false;
  Vector<P::k> t;
  for (std::size_t row = 0; row < P::k; ++row)
    if (!decode(encapsulation_key.subspan(row * polynomial_size, polynomial_size), t[row])) return false;
  std::array<std::uint8_t, key_hash_size> key_hash;
  keccak(Keccak::sha3_256, {encapsulation_key}, key_hash);
  SecretBytes<64> secret_and_coins;
  derive(message, key_hash, secret_and_coins);
  const auto add_key = [&t](Products& sum, const std::array<Factor, P::k>& y, const Vector<P::k>&) {
    for (std::size_t row = 0; row < P::k; ++row) sum.add(t[row], y[row]);
  };
  encrypt<P>(encapsulation_key.last(32), message, Bytes(secret_and_coins.at).last(32), add_key, ciphertext);
  base::copy(Bytes(secret_and_coins.at).first(32), shared_secret);
  return true;
}

template <typename P>
bool decapsulate(Bytes seed, Bytes key_hash, Bytes ciphertext, MutableBytes shared_secret) noexcept {
  if (ciphertext.size() != P::ciphertext_size) return false;
  const KeyParts<P> parts(seed.first(32));
  SecretBytes<message_size> message;
  decrypt<P>(parts.s, ciphertext, message.at);
  SecretBytes<64> secret_and_coins;
  derive(message.at, key_hash, secret_and_coins);
  // t y = (A s + e) y = s (A^T y) + e y: so t, which would have to be computed from A, is not needed.
  const auto add_key = [&parts](Products& sum, const std::array<Factor, P::k>& y, const Vector<P::k>& transposed_y) {
    for (std::size_t row = 0; row < P::k; ++row) {
      sum.add(parts.s[row], Factor(transposed_y[row]));
      sum.add(parts.e[row], y[row]);
    }
  };
  SecretBytes<P::ciphertext_size> again;
  encrypt<P>(parts.rho(), message.at, Bytes(secret_and_coins.at).last(32), add_key, again.at);
  SecretBytes<shared_secret_size> rejection;
  keccak(Keccak::shake256, {seed.last(32), ciphertext}, rejection.at);

  // Implicit rejection: whether the ciphertexts are equal shows in neither time nor branches.
  std::uint32_t difference = 0;
  for (std::size_t i = 0; i < P::ciphertext_size; ++i) difference |= ciphertext[i] ^ again.at[i];
  std::uint32_t keep = (difference - 1) >> 8 & 0xff;
  __asm__("" : "+r"(keep));
  for (std::size_t i = 0; i < shared_secret_size; ++i)
    shared_secret[i] = static_cast<std::uint8_t>(rejection.at[i] ^ (keep & (rejection.at[i] ^ secret_and_coins.at[i])));
  return true;
}

}  // namespace

void generate(ParameterSet set, Bytes seed, MutableBytes encapsulation_key, MutableBytes key_hash) noexcept {
  assert(seed.size() == seed_size && encapsulation_key.size() == encapsulation_key_size(set));
  const KeccakWipe wipe;
  if (set == ParameterSet::ml_kem_768)
    generate<MlKem768>(seed, encapsulation_key, key_hash);
  else
    generate<MlKem1024>(seed, encapsulation_key, key_hash);
}

bool encapsulate(ParameterSet set, Bytes encapsulation_key, Bytes message, MutableBytes ciphertext,
                 MutableBytes shared_secret) noexcept {
  assert(message.size() == message_size && ciphertext.size() == ciphertext_size(set));
  const KeccakWipe wipe;
  return set == ParameterSet::ml_kem_768
             ? encapsulate<MlKem768>(encapsulation_key, message, ciphertext, shared_secret)
             : encapsulate<MlKem1024>(encapsulation_key, message, ciphertext, shared_secret);
}

bool decapsulate(ParameterSet set, Bytes seed, Bytes key_hash, Bytes ciphertext, MutableBytes shared_secret) noexcept {
  assert(seed.size() == seed_size && shared_secret.size() == shared_secret_size);
  const KeccakWipe wipe;
  return set == ParameterSet::ml_kem_768 ? decapsulate<MlKem768>(seed, key_hash, ciphertext, shared_secret)
                                         : decapsulate<MlKem1024>(seed, key_hash, ciphertext, shared_secret);
}

}  // namespace handfast::crypto::ml_kem
