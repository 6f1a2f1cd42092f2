// NewSessionTicket of TLS 1.2 (RFC 5077, section 3.3).
#pragma once

#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast::wire::tls12 {

/// Received (a view over the body) or to be written.
struct NewSessionTicket {
  std::uint32_t ticket_lifetime_hint = 0;  ///< seconds; 0: nothing is said
  Bytes ticket;                            ///< <0..2^16-1>; empty: the server has none to give after all
};

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<NewSessionTicket> parse_new_session_ticket(Bytes body);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_new_session_ticket(Buffer& out, const NewSessionTicket& message);

}  // namespace handfast::wire::tls12
