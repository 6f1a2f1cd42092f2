// A ClientHello in the format of SSL 2.0 (RFC 5246, appendix E.2): from clients that speak TLS, and were made when a
// server might not.
#pragma once

#include <cstddef>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast::wire {

/// Of its record.
inline constexpr std::size_t v2_header_size = 2;

/// The length of the message behind that header, where a connection's first bytes, 5 or more, are those of such a
/// ClientHello for SSL 3.0 or later: no record of TLS begins so.
std::optional<std::size_t> v2_client_hello_length(Bytes first_bytes) noexcept;

/// The ClientHello that `message` stands for, with its header, and without extensions: suites of SSL 2.0 are left out,
/// and the challenge is the random, behind zeros where it is shorter. Of one that is longer the first 32 bytes count,
/// as for all servers that there are (the RFC says the last). Fails with decode_error, and illegal_parameter for a
/// session ID, which nobody resumes, and a challenge of less than 16 bytes; evidence `message` = "v2_client_hello",
/// `field`.
Result<Buffer> read_v2_client_hello(Bytes message);

}  // namespace handfast::wire
