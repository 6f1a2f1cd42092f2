// What a session is bound to: the policy of its config as a hash.
#pragma once

#include <array>
#include <cstdint>

#include <handfast/config.h>

namespace handfast::config {

// Deterministic: equal on every worker and host and after every reload, as long as what is hashed is. What only lives
// in this process (a verifier without a name) is hashed as random bytes, so that nothing resumes across it.

std::array<std::uint8_t, 32> session_policy(const ClientOptions& options);
std::array<std::uint8_t, 32> session_policy(const ServerOptions& options);

}  // namespace handfast::config
