// Messages to bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <handfast/bytes.h>

#include "http/head.h"

namespace handfast::http {

/// A head with its empty line, always as HTTP/1.1: who forwards a message speaks its own version (RFC 9110,
/// section 2.5). Nothing where it would be read as something else: a method, a target or a name of a field that is
/// none, a value with a control character, a status outside of 100 to 599. The framing is the caller's to say, in
/// `fields`.
std::optional<std::string> write_head(const RequestHead& head);
std::optional<std::string> write_head(const ResponseHead& head);
/// One field line with its CRLF at the end of `out`; false, and nothing is added, where it would be read as something
/// else.
bool append_field(std::string& out, std::string_view name, std::string_view value);

/// `content` as one chunk (RFC 9112, section 7.1) at the end of `out`; nothing for none, which would be the last one.
void append_chunk(Buffer& out, Bytes content);
/// The last chunk, without trailers.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The standard reason of a status, "Not Found"; empty for one that has none.
std::string_view reason_of(unsigned status) noexcept;

}  // namespace handfast::http
