// KeyUpdate (RFC 8446, section 4.6.3).
#pragma once

#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/handshake.h"

namespace handfast::wire {

struct KeyUpdate {
  KeyUpdateRequest request_update{};
};

/// Fails with decode_error where it is not one byte, with illegal_parameter for another value (Reason::decode_error,
/// evidence `message`, `field`).
[[nodiscard]] inline Result<KeyUpdate> parse_key_update(Bytes body) {
  if (body.size() != 1) return malformed("key_update", "request_update");
  if (body[0] > 1) return illegal("key_update", "request_update");
  return KeyUpdate{KeyUpdateRequest{body[0]}};
}

/// Appends the whole message.
inline void write_key_update(Buffer& out, const KeyUpdate& message) {
  base::Writer w(out);
  w.u8(static_cast<std::uint8_t>(HandshakeType::key_update));
  w.u24(1);
  w.u8(static_cast<std::uint8_t>(message.request_update));
}

}  // namespace handfast::wire
