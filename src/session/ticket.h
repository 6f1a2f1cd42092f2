// Tickets that hold their session, bound to a policy: sealed by a key of the ring,
//
//   name[16] | salt[32] | AES-256-GCM(key = HMAC-SHA256(TicketKey::secret, salt), nonce = 0) of the session
//
// with a key of its own for each ticket, since random nonces under one key would meet too soon on a busy server; or by
// a TicketSealer, which has a format of its own, and is given
//
//   binding[32] | session
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/random.h>
#include <handfast/session.h>

#include "base/secret.h"

namespace handfast::session {

/// A hash of all that the session may be resumed under.
using Binding = std::array<std::uint8_t, 32>;

/// Appends the ticket to `out`. False, with `out` as it was, where no key issues at `now` (seconds since 1970).
bool seal(const TicketKeyRing& ring, std::int64_t now, Random& random, const Binding& binding, Bytes session,
          Buffer& out);
/// What was sealed. Nothing for whatever else it is: under an unknown or outdated key, damaged, or bound to something
/// else, which all look the same. The caller wipes it.
std::optional<Buffer> open(const TicketKeyRing& ring, std::int64_t now, const Binding& binding, Bytes ticket);

/// What a TicketSealer seals.
base::SecretBuffer make_state(const Binding& binding, Bytes session);
/// The session in what it has opened, or what it says that it has: empty where that is bound to something else.
Bytes session_of(Bytes state, const Binding& binding) noexcept;

}  // namespace handfast::session
