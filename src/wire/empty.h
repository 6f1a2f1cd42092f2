// The messages without a body: HelloRequest (RFC 5246, section 7.4.1.1), ServerHelloDone (7.4.5) and EndOfEarlyData
// (RFC 8446, section 4.5).
#pragma once

#include <array>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/handshake.h"

namespace handfast::wire {

/// A whole HelloRequest.
inline constexpr std::array<std::uint8_t, handshake_header_size> hello_request =
    handshake_header({HandshakeType::hello_request, 0});

/// Fails with decode_error (evidence `message`, `field`) where there is a body; `type` names the message.
[[nodiscard]] inline Result<> parse_empty(HandshakeType type, Bytes body) {
  if (!body.empty()) return malformed(name(type), "body");
  return {};
}
/// Appends the whole message.
inline void write_empty(Buffer& out, HandshakeType type) {
  const auto header = handshake_header({type, 0});
  out.insert(out.end(), header.begin(), header.end());
}

}  // namespace handfast::wire
