// Polynomials of degree below 256 over the integers modulo 3329 (FIPS 203, sections 2.4 and 4): their bytes, their
// number-theoretic transform, and how they are sampled. Nothing here branches or indexes by a coefficient, but where
// what is read is public.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

#include "base/secret.h"

namespace handfast::crypto::ml_kem {

inline constexpr std::int32_t modulus = 3329;
inline constexpr std::size_t degree = 256;
/// Of a polynomial whose coefficients have 12 bits each.
inline constexpr std::size_t polynomial_size = degree * 12 / 8;

/// Coefficients between -3329 and 3329, or their transform (`transform` leaves them between -1664 and 1664); wiped when
/// it goes, since most are secret.
struct Polynomial {
  alignas(32) std::array<std::int16_t, degree> at;

  ~Polynomial() { base::wipe(at.data(), sizeof at); }
};

/// The second factor of products of transforms (section 4.3.1), made ready once for all of them.
struct Factor {
  explicit Factor(const Polynomial& transform) noexcept;
  ~Factor() { base::wipe(this, sizeof *this); }

  alignas(32) std::array<std::int16_t, degree> straight;  ///< pairs (b0, zeta b1), for the even coefficients
  alignas(32) std::array<std::int16_t, degree> crossed;   ///< pairs (b1, b0), for the odd ones
};

/// A sum of products of transforms: up to four, or eight where the first factors are what `transform` leaves.
class Products {
 public:
  Products() noexcept = default;
  ~Products() { base::wipe(this, sizeof *this); }
  void add(const Polynomial& transform, const Factor& factor) noexcept;
  void sum(Polynomial& out) const noexcept;

 private:
  alignas(32) std::array<std::int32_t, degree / 2> even_{};
  alignas(32) std::array<std::int32_t, degree / 2> odd_{};
};

/// a += b
void add(Polynomial& a, const Polynomial& b) noexcept;
/// a = b - a
void subtract_from(const Polynomial& b, Polynomial& a) noexcept;

/// NTT and its inverse, in place (section 4.3, algorithms 9 and 10).
void transform(Polynomial& polynomial) noexcept;
void transform_back(Polynomial& polynomial) noexcept;

/// SampleNTT (algorithm 7) of SHAKE128(rho || column || row), all of it public.
void sample_transform(Polynomial& out, Bytes rho, std::uint8_t column, std::uint8_t row) noexcept;
/// SamplePolyCBD of eta 2 (algorithm 8) of PRF(seed, nonce) (section 4.1).
void sample_noise(Polynomial& out, Bytes seed, std::uint8_t nonce) noexcept;

/// ByteEncode12 (algorithm 5), 384 bytes.
void encode(const Polynomial& polynomial, MutableBytes out) noexcept;
/// ByteDecode12 (algorithm 6). False where a coefficient is not below 3329: the modulus check of section 7.2.
[[nodiscard]] bool decode(Bytes bytes, Polynomial& out) noexcept;

/// Compress and ByteEncode to `bits` bits a coefficient (section 4.2.1): 32 bytes for each of 1, 4, 5, 10 or 11 bits.
void compress(const Polynomial& polynomial, unsigned bits, MutableBytes out) noexcept;
/// ByteDecode and Decompress.
void decompress(Bytes bytes, unsigned bits, Polynomial& out) noexcept;

}  // namespace handfast::crypto::ml_kem
