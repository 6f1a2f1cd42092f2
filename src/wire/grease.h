// GREASE: reserved values that are sent so that peers keep ignoring what they do not know (RFC 8701).
#pragma once

#include <cstdint>

namespace handfast::wire {

/// One of the 16 reserved values of cipher suites, groups, versions, signature schemes, extensions and (as two bytes)
/// ALPN protocols: 0x0a0a, 0x1a1a, ... The low four bits of `random` choose.
constexpr std::uint16_t grease_value(std::uint8_t random) noexcept {
  return static_cast<std::uint16_t>(0x0a0a + 0x1010 * (random & 15));
}
constexpr bool is_grease(std::uint16_t value) noexcept {
  return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/// What a ClientHello puts in; zero leaves that place without. The second ClientHello after a HelloRetryRequest sends
/// the same values, but for `key_share`, which it drops with the shares that were not asked for.
struct Grease {
  std::uint16_t cipher_suite = 0;
  std::uint16_t supported_group = 0;
  std::uint16_t key_share = 0;  ///< equal to supported_group, since shares are for supported groups
  std::uint16_t supported_version = 0;
  std::uint16_t signature_algorithm = 0;
  std::uint16_t application_protocol = 0;
  std::uint16_t first_extension = 0;
  std::uint16_t last_extension = 0;  ///< not equal to first_extension
};

}  // namespace handfast::wire
