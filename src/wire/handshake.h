// The header before every handshake message (RFC 8446, section 4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/writer.h"

namespace handfast::wire {

inline constexpr std::size_t handshake_header_size = 4;

struct HandshakeHeader {
  HandshakeType type;
  std::uint32_t length;  ///< of the body, at most 2^24 - 1
};

/// The header at the start of `bytes`, or nothing while it is shorter than one.
inline std::optional<HandshakeHeader> read_handshake_header(Bytes bytes) noexcept {
  if (bytes.size() < handshake_header_size) return std::nullopt;
  return HandshakeHeader{static_cast<HandshakeType>(bytes[0]),
                         static_cast<std::uint32_t>(bytes[1] << 16 | bytes[2] << 8 | bytes[3])};
}

/// The header as bytes, for a body that is hashed or sent from elsewhere (message_hash, RFC 8446, section 4.4.1).
constexpr std::array<std::uint8_t, handshake_header_size> handshake_header(HandshakeHeader header) noexcept {
  return {static_cast<std::uint8_t>(header.type), static_cast<std::uint8_t>(header.length >> 16),
          static_cast<std::uint8_t>(header.length >> 8), static_cast<std::uint8_t>(header.length)};
}

/// Appends a whole message, its body written by `body(base::Writer&)`. Where a vector is longer than its length can
/// say it fails with internal_error, message_too_long (evidence `message`), and `out` is as it was.
template <typename Body>
[[nodiscard]] Result<> write_message(Buffer& out, HandshakeType type, Body&& body) {
  const std::size_t start = out.size();
  base::Writer w(out);
  w.u8(static_cast<std::uint8_t>(type));
  {
    auto length = w.length24();
    body(w);
  }
  if (w.ok()) return {};
  out.resize(start);
  return fail(Error(Alert::internal_error, Reason::message_too_long).with("message", name(type)));
}

/// The error for a message whose `field` does not parse; both are names as the RFC spells them.
inline std::unexpected<Error> malformed(std::string_view message, std::string_view field) {
  return fail(Error(Alert::decode_error, Reason::decode_error)
                  .with("message", std::string(message))
                  .with("field", std::string(field)));
}
/// The same for one that parses but is not allowed: illegal_parameter.
inline std::unexpected<Error> illegal(std::string_view message, std::string_view field) {
  return fail(Error(Alert::illegal_parameter, Reason::decode_error)
                  .with("message", std::string(message))
                  .with("field", std::string(field)));
}

}  // namespace handfast::wire
