// Arithmetic by Montgomery with R = 2^16: coefficients are 16 bits wide and signed, so that eight of them or more go
// into a vector register. There is no division: the compiler might make one of `x / 3329`, whose time tells x.
#include "crypto/ml_kem/polynomial.h"

#include <cassert>

#include "crypto/keccak.h"

namespace handfast::crypto::ml_kem {

namespace {

constexpr std::int16_t q = modulus;

constexpr std::int16_t low(std::int32_t x) noexcept { return static_cast<std::int16_t>(static_cast<std::uint16_t>(x)); }
constexpr std::int16_t high(std::int32_t x) noexcept { return static_cast<std::int16_t>(x >> 16); }

/// 3329^-1 modulo 2^16.
constexpr std::int16_t inverse_of_q = -3327;
static_assert(low(q * inverse_of_q) == 1);

/// A constant c, as the multiplications by it need it: c R modulo q, and that times 3329^-1.
struct Constant {
  std::int16_t value;
  std::int16_t times_inverse;
};
constexpr Constant constant(std::int64_t c) noexcept {
  std::int64_t value = (c % q + q) % q * (1 << 16) % q;
  if (value > q / 2) value -= q;
  const auto narrow = static_cast<std::int16_t>(value);
  return {narrow, low(narrow * inverse_of_q)};
}

/// a c, between -3329 and 3329, for any a.
constexpr std::int16_t times(std::int16_t a, std::int16_t value, std::int16_t times_inverse) noexcept {
  const std::int16_t quotient = low(a * times_inverse);
  return static_cast<std::int16_t>(high(a * value) - high(quotient * q));
}

/// a / R, between -3329 and 3329, for |a| below 3329 * 2^15.
constexpr std::int16_t divide_by_r(std::int32_t a) noexcept {
  const std::int16_t quotient = low(low(a) * inverse_of_q);
  return static_cast<std::int16_t>(high(a) - high(quotient * q));
}

/// Barrett: the residue that is nearest to 0, for any a.
constexpr std::int16_t reduce(std::int16_t a) noexcept {
  constexpr std::int32_t over_q = ((1 << 26) + q / 2) / q;
  const auto quotient = static_cast<std::int16_t>((high(a * over_q) + (1 << 9)) >> 10);
  return static_cast<std::int16_t>(a - low(quotient * q));
}

/// The residue from 0 to 3328, for a between -3329 and 3328.
constexpr std::uint16_t positive(std::int16_t a) noexcept { return static_cast<std::uint16_t>(a + ((a >> 15) & q)); }

constexpr std::int64_t power(std::int64_t base, unsigned exponent) noexcept {
  std::int64_t result = 1;
  while (exponent-- > 0) result = result * base % q;
  return result;
}

constexpr unsigned reversed_7_bits(unsigned i) noexcept {
  unsigned reversed = 0;
  for (int bit = 0; bit < 7; ++bit) reversed |= (i >> bit & 1) << (6 - bit);
  return reversed;
}

/// Powers of the root of unity 17 (FIPS 203, appendix A): those of the transform, and those of the products modulo
/// X^2 - zeta, which come in pairs of a number and its negative.
constexpr auto zetas = [] {
  std::array<Constant, 128> table{};
  for (unsigned i = 0; i < table.size(); ++i) table[i] = constant(power(17, reversed_7_bits(i)));
  return table;
}();

struct ProductZetas {
  alignas(32) std::array<std::int16_t, degree / 2> value{}, times_inverse{};
};
constexpr ProductZetas product_zetas = [] {
  ProductZetas table;
  for (unsigned i = 0; i < degree / 2; ++i) {
    const Constant zeta = constant(power(17, 2 * reversed_7_bits(i) + 1));
    table.value[i] = zeta.value;
    table.times_inverse[i] = zeta.times_inverse;
  }
  return table;
}();

/// A step of the transform down to halves of `length` coefficients.
template <std::size_t length>
void split(std::int16_t* at) noexcept {
  std::size_t zeta = degree / 2 / length;
  for (std::size_t start = 0; start < degree; start += 2 * length, ++zeta) {
    const auto [value, times_inverse] = zetas[zeta];
    for (std::size_t i = start; i < start + length; ++i) {
      const std::int16_t product = times(at[i + length], value, times_inverse);
      at[i + length] = static_cast<std::int16_t>(at[i] - product);
      at[i] = static_cast<std::int16_t>(at[i] + product);
    }
  }
}

/// Its inverse, but for a factor of 2.
template <std::size_t length>
void join(std::int16_t* at) noexcept {
  std::size_t zeta = degree / length - 1;
  for (std::size_t start = 0; start < degree; start += 2 * length, --zeta) {
    const auto [value, times_inverse] = zetas[zeta];
    for (std::size_t i = start; i < start + length; ++i) {
      const std::int16_t first = at[i];
      at[i] = reduce(static_cast<std::int16_t>(first + at[i + length]));
      at[i + length] = times(static_cast<std::int16_t>(at[i + length] - first), value, times_inverse);
    }
  }
}

/// Takes the 12-bit numbers below 3329 among the bytes, 256 of them at most. How many there were.
std::size_t take_below_q(Bytes bytes, Polynomial& out) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 3 <= bytes.size() && count < degree; i += 3) {
    const unsigned first = bytes[i] | (bytes[i + 1] & 0x0fU) << 8;
    const unsigned second = bytes[i + 1] >> 4 | bytes[i + 2] << 4;
    // Each is written, and the next overwrites it if it does not count: nobody can guess which ones do.
    out.at[count] = static_cast<std::int16_t>(first);
    count += first < q;
    if (count == degree) break;
    out.at[count] = static_cast<std::int16_t>(second);
    count += second < q;
  }
  return count;
}

/// round(x 2^bits / 3329) modulo 2^bits. The quotient is exact: x 2^bits stays below 2^23, and the factor is less than
/// 3329 / 2^36 too large.
constexpr std::uint32_t compressed(std::uint16_t x, unsigned bits) noexcept {
  constexpr std::uint64_t over_q = ((std::uint64_t{1} << 36) + modulus - 1) / modulus;
  const std::uint64_t dividend = (std::uint64_t{x} << bits) + modulus / 2;
  return static_cast<std::uint32_t>(dividend * over_q >> 36) & ((1U << bits) - 1);
}

}  // namespace

Factor::Factor(const Polynomial& transform) noexcept {
  // Times R, which the sum's reduction takes away again.
  constexpr Constant r = constant(1 << 16);
  for (std::size_t i = 0; i < degree / 2; ++i) {
    const std::int16_t b0 = times(transform.at[2 * i], r.value, r.times_inverse);
    const std::int16_t b1 = times(transform.at[2 * i + 1], r.value, r.times_inverse);
    straight[2 * i] = b0;
    straight[2 * i + 1] = times(b1, product_zetas.value[i], product_zetas.times_inverse[i]);
    crossed[2 * i] = b1;
    crossed[2 * i + 1] = b0;
  }
}

void Products::add(const Polynomial& transform, const Factor& factor) noexcept {
  for (std::size_t i = 0; i < degree / 2; ++i) {
    const std::int32_t a0 = transform.at[2 * i], a1 = transform.at[2 * i + 1];
    even_[i] += a0 * factor.straight[2 * i] + a1 * factor.straight[2 * i + 1];
    odd_[i] += a0 * factor.crossed[2 * i] + a1 * factor.crossed[2 * i + 1];
  }
}

void Products::sum(Polynomial& out) const noexcept {
  for (std::size_t i = 0; i < degree / 2; ++i) {
    out.at[2 * i] = divide_by_r(even_[i]);
    out.at[2 * i + 1] = divide_by_r(odd_[i]);
  }
}

void add(Polynomial& a, const Polynomial& b) noexcept {
  for (std::size_t i = 0; i < degree; ++i) a.at[i] = reduce(static_cast<std::int16_t>(a.at[i] + b.at[i]));
}

void subtract_from(const Polynomial& b, Polynomial& a) noexcept {
  for (std::size_t i = 0; i < degree; ++i) a.at[i] = reduce(static_cast<std::int16_t>(b.at[i] - a.at[i]));
}

void transform(Polynomial& polynomial) noexcept {
  // Each step adds less than 3329 to what is at most 3329: after seven of them 16 bits hold it yet.
  std::int16_t* at = polynomial.at.data();
  split<128>(at);
  split<64>(at);
  split<32>(at);
  split<16>(at);
  split<8>(at);
  split<4>(at);
  split<2>(at);
  for (std::size_t i = 0; i < degree; ++i) at[i] = reduce(at[i]);
}

void transform_back(Polynomial& polynomial) noexcept {
  std::int16_t* at = polynomial.at.data();
  join<2>(at);
  join<4>(at);
  join<8>(at);
  join<16>(at);
  join<32>(at);
  join<64>(at);
  join<128>(at);
  constexpr Constant over_128 = constant(3303);
  static_assert(3303 * 128 % modulus == 1);
  for (std::size_t i = 0; i < degree; ++i) at[i] = times(at[i], over_128.value, over_128.times_inverse);
}

void sample_transform(Polynomial& out, Bytes rho, std::uint8_t column, std::uint8_t row) noexcept {
  const std::array<std::uint8_t, 2> indices = {column, row};
  // Three blocks are enough but for one time in a hundred. Then all is computed again, since OpenSSL 3.0 does not go on
  // where it has ended. That six are not enough has a chance below 2^-500.
  std::array<std::uint8_t, 6 * shake128_rate> stream;
  for (std::size_t blocks : {3, 6}) {
    const MutableBytes drawn = MutableBytes(stream).first(blocks * shake128_rate);
    keccak(Keccak::shake128, {rho, indices}, drawn);
    if (take_below_q(drawn, out) == degree) return;
  }
  assert(false);
}

void sample_noise(Polynomial& out, Bytes seed, std::uint8_t nonce) noexcept {
  std::array<std::uint8_t, 2 * degree * 2 / 8> bits;
  keccak(Keccak::shake256, {seed, Bytes(&nonce, 1)}, bits);
  // Four bits a coefficient: the sum of two less the sum of the other two.
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const unsigned sums = (bits[i] & 0x55U) + (bits[i] >> 1 & 0x55U);
    out.at[2 * i] = static_cast<std::int16_t>(static_cast<int>(sums & 3) - static_cast<int>(sums >> 2 & 3));
    out.at[2 * i + 1] = static_cast<std::int16_t>(static_cast<int>(sums >> 4 & 3) - static_cast<int>(sums >> 6));
  }
  base::wipe(bits.data(), bits.size());
}

void encode(const Polynomial& polynomial, MutableBytes out) noexcept {
  for (std::size_t i = 0; i < degree / 2; ++i) {
    const unsigned first = positive(polynomial.at[2 * i]), second = positive(polynomial.at[2 * i + 1]);
    out[3 * i] = static_cast<std::uint8_t>(first);
    out[3 * i + 1] = static_cast<std::uint8_t>(first >> 8 | second << 4);
    out[3 * i + 2] = static_cast<std::uint8_t>(second >> 4);
  }
}

bool decode(Bytes bytes, Polynomial& out) noexcept {
  bool reduced = true;
  for (std::size_t i = 0; i < degree / 2; ++i) {
    const unsigned first = bytes[3 * i] | (bytes[3 * i + 1] & 0x0fU) << 8;
    const unsigned second = bytes[3 * i + 1] >> 4 | bytes[3 * i + 2] << 4;
    reduced &= first < q && second < q;
    out.at[2 * i] = static_cast<std::int16_t>(first);
    out.at[2 * i + 1] = static_cast<std::int16_t>(second);
  }
  return reduced;
}

void compress(const Polynomial& polynomial, unsigned bits, MutableBytes out) noexcept {
  std::uint32_t pending = 0;
  unsigned count = 0;
  std::uint8_t* to = out.data();
  for (std::int16_t coefficient : polynomial.at) {
    pending |= compressed(positive(coefficient), bits) << count;
    for (count += bits; count >= 8; count -= 8, pending >>= 8) *to++ = static_cast<std::uint8_t>(pending);
  }
}

void decompress(Bytes bytes, unsigned bits, Polynomial& out) noexcept {
  std::uint32_t pending = 0;
  unsigned count = 0;
  const std::uint8_t* from = bytes.data();
  for (std::int16_t& coefficient : out.at) {
    for (; count < bits; count += 8) pending |= std::uint32_t{*from++} << count;
    std::uint32_t value = pending & ((1U << bits) - 1);
    __asm__("" : "+r"(value));  // of a message's bit some compilers would make a branch
    coefficient = static_cast<std::int16_t>((value * modulus + (1U << (bits - 1))) >> bits);
    pending >>= bits;
    count -= bits;
  }
}

}  // namespace handfast::crypto::ml_kem
