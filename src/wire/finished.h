// Finished (RFC 8446, section 4.4.4).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/handshake.h"

namespace handfast::wire {

/// Received (a view over the body) or to be written. TLS 1.2 has the same structure, 12 bytes long.
struct Finished {
  Bytes verify_data;
};

/// The whole body is verify_data: one of a wrong length is wrong verify_data, to be answered with decrypt_error by
/// whoever compares it in constant time.
inline Finished parse_finished(Bytes body) noexcept { return {body}; }

/// Appends the whole message.
inline void write_finished(Buffer& out, const Finished& message) {
  base::Writer w(out);
  w.u8(static_cast<std::uint8_t>(HandshakeType::finished));
  w.vector24(message.verify_data);
}

}  // namespace handfast::wire
