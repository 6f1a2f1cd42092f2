// EndOfEarlyData, a message without a body (RFC 8446, section 4.5).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/handshake.h"

namespace handfast::wire {

/// Fails with decode_error (evidence `message`, `field`) where there is a body.
[[nodiscard]] inline Result<> parse_end_of_early_data(Bytes body) {
  if (!body.empty()) return malformed("end_of_early_data", "length");
  return {};
}

/// Appends the whole message.
inline void write_end_of_early_data(Buffer& out) {
  base::Writer w(out);
  w.u8(static_cast<std::uint8_t>(HandshakeType::end_of_early_data));
  w.u24(0);
}

}  // namespace handfast::wire
