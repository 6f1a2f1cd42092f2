// Tickets that hold their session: sealed by a key of the ring, bound to a policy.
//
//   name[16] | salt[32] | AES-256-GCM(key = HMAC-SHA256(TicketKey::secret, salt), nonce = 0) of the session
//
// A key of its own for each ticket: random nonces under one key would meet too soon on a busy server.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/random.h>
#include <handfast/session.h>

namespace handfast::session {

/// A hash of all that the session may be resumed under.
using Binding = std::array<std::uint8_t, 32>;

/// Appends the ticket to `out`. False, with `out` as it was, where no key issues at `now` (seconds since 1970).
bool seal(const TicketKeyRing& ring, std::int64_t now, Random& random, const Binding& binding, Bytes session,
          Buffer& out);
/// What was sealed. Nothing for whatever else it is: under an unknown or outdated key, damaged, or bound to something
/// else, which all look the same. The caller wipes it.
std::optional<Buffer> open(const TicketKeyRing& ring, std::int64_t now, const Binding& binding, Bytes ticket);

}  // namespace handfast::session
