// The handshakes that are measured, and the two sides of one.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <handfast/types.h>

#include "crypto/algorithm.h"

namespace handfast::bench {

/// TLS 1.3 with TLS_AES_128_GCM_SHA256, no ticket, a chain of leaf and intermediate that the client verifies against
/// its root. Every certificate of the chain has a key of that type.
struct Case {
  std::string_view name;
  crypto::KeyType key;
  NamedGroup group;
};

std::span<const Case> cases() noexcept;
/// Throws std::invalid_argument, naming those that there are.
const Case& find_case(std::string_view name);

inline constexpr std::string_view server_name = "example.com";

}  // namespace handfast::bench
