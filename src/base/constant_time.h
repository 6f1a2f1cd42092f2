// Arithmetic on secrets without a branch or an index that depends on them: conditions are masks, all ones or zero.
#pragma once

#include <cstdint>

#ifdef HANDFAST_MARK_SECRETS
#include <valgrind/memcheck.h>
#endif

namespace handfast::base {

using Mask = std::uint32_t;

/// Keeps the compiler from knowing what a value may be, and so from making a branch of it.
inline std::uint32_t opaque(std::uint32_t value) noexcept {
  __asm__("" : "+r"(value));
  return value;
}

/// A value made of secrets that may be known from here on: tests, which watch what becomes of secrets, are told so.
inline std::uint32_t declassify(std::uint32_t value) noexcept {
#ifdef HANDFAST_MARK_SECRETS
  (void)VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
#endif
  return opaque(value);
}

// Operands are below 2^31.
constexpr Mask less(std::uint32_t a, std::uint32_t b) noexcept { return 0 - ((a - b) >> 31); }
constexpr Mask equal(std::uint32_t a, std::uint32_t b) noexcept { return 0 - (((a ^ b) - 1) >> 31); }
/// `a` where the mask is all ones, else `b`.
constexpr std::uint32_t select(Mask mask, std::uint32_t a, std::uint32_t b) noexcept { return b ^ (mask & (a ^ b)); }
constexpr std::uint8_t select(Mask mask, std::uint8_t a, std::uint8_t b) noexcept {
  return static_cast<std::uint8_t>(b ^ (mask & (a ^ b)));
}

}  // namespace handfast::base
