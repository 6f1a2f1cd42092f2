// Why a message is not taken: what is said to the peer, and what the log says.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace handfast::http {

enum class Refusal : std::uint8_t {
  // Lines (RFC 9112, section 2.2).
  bare_lf,                ///< a line that ends with LF alone
  bare_cr,                ///< a CR that is not followed by LF
  control_character,      ///< NUL, or another control character but HTAB
  too_many_empty_lines,   ///< in front of the request line
  request_line_too_long,  ///< past HeadLimits::start_line
  field_line_too_long,    ///< past HeadLimits::field_line
  head_too_large,         ///< past HeadLimits::head
  too_many_fields,        ///< past HeadLimits::fields
  // The first line (RFC 9112, sections 3 and 4).
  bad_request_line,
  bad_method,
  bad_target,           ///< in none of the four forms, or in one that the method has not (section 3.2)
  bad_status_line,      ///< or a status outside of 100 to 599
  unsupported_version,  ///< neither HTTP/1.0 nor HTTP/1.1
  // Fields (RFC 9112, section 5).
  obs_fold,            ///< a line that goes on in the next (section 5.2)
  space_before_colon,  ///< section 5.1
  bad_field_name,
  bad_field,       ///< no colon
  bad_connection,  ///< Connection is no list of tokens (RFC 9110, section 7.6.1)
  missing_host,    ///< in HTTP/1.1 (section 3.2)
  several_hosts,
  bad_host,
  // The framing (RFC 9112, section 6).
  bad_content_length,         ///< no number of 64 bits
  differing_content_lengths,  ///< several that are not equal
  length_and_chunked,         ///< Content-Length and Transfer-Encoding
  bad_transfer_encoding,      ///< not `chunked`, once and last; or in HTTP/1.0
  unknown_transfer_encoding,  ///< a coding below `chunked` that we do not know
  content_in_connect,         ///< a CONNECT has none (RFC 9110, section 9.3.6)
  bad_chunk_size,             ///< no hexadecimal digits, or more than 16
  bad_chunk_extension,        ///< a byte behind the size that begins none
  chunk_extensions_too_long,  ///< past BodyLimits
  chunk_without_end,          ///< no CRLF behind the data of a chunk
  trailers_too_large,         ///< past BodyLimits
  body_too_large,             ///< past BodyLimits::length
  truncated,                  ///< the peer closed before the end that it had promised
};

std::string_view name(Refusal) noexcept;      ///< "bare_lf"
std::string_view describe(Refusal) noexcept;  ///< "a line ends with LF alone"
/// The status that a server answers with: 400, 413, 414, 431, 501 or 505. A proxy that refuses a response answers 502.
unsigned status_of(Refusal) noexcept;

template <typename T = void>
using Parsed = std::expected<T, Refusal>;

}  // namespace handfast::http
