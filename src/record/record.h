// Records (RFC 8446, section 5): framing, and the plaintext ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/output_buffer.h"

namespace handfast::record {

inline constexpr std::size_t header_size = 5;
inline constexpr std::size_t max_plaintext = 16384;                 ///< 2^14
inline constexpr std::size_t max_ciphertext = max_plaintext + 256;  ///< section 5.2
/// Of a block cipher: an IV, a MAC and padding (RFC 5246, section 6.2.3.2), each at its longest.
inline constexpr std::size_t max_cbc_ciphertext = max_plaintext + 16 + 48 + 256;

struct Header {
  ContentType type;
  std::uint16_t legacy_version;
  std::uint16_t length;
};

/// The header at the beginning of `input`, which has at least header_size bytes. Nothing is checked.
Header parse_header(Bytes input) noexcept;

/// What stands as the version in a record's header where that one was negotiated, or where none was yet: TLS 1.2's for
/// all that came later (section 5.1).
constexpr std::uint16_t record_version(ProtocolVersion negotiated) noexcept {
  const bool older = negotiated == ProtocolVersion::tls1_1 || negotiated == ProtocolVersion::tls1_0;
  return static_cast<std::uint16_t>(older ? negotiated : ProtocolVersion::tls1_2);
}

/// The five bytes of a header, at the beginning of `out`.
void write_header(MutableBytes out, ContentType type, std::uint16_t legacy_version, std::size_t length) noexcept;

/// Says what is wrong with bytes that do not begin as a TLS record does: plain HTTP, or nothing that is known.
/// `input` has at least header_size bytes.
Error not_a_record(Bytes input);

/// One record without protection.
void write_plaintext(ContentType type, std::uint16_t legacy_version, Bytes fragment, base::OutputBuffer& out);

}  // namespace handfast::record
