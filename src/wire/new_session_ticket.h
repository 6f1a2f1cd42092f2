// NewSessionTicket of TLS 1.3 (RFC 8446, section 4.6.1).
#pragma once

#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"

namespace handfast::wire {

/// Received (views over the body) or to be written. Extensions that are not known are ignored.
struct NewSessionTicket {
  std::uint32_t ticket_lifetime = 0;  ///< seconds; more than seven days are for the reader to refuse
  std::uint32_t ticket_age_add = 0;
  Bytes ticket_nonce;                                ///< <0..255>
  Bytes ticket;                                      ///< <1..2^16-1>
  Extensions extensions;                             ///< as they came; not looked at when written
  std::optional<std::uint32_t> max_early_data_size;  ///< early_data
  std::uint16_t grease = 0;                          ///< written as an extension of that type (RFC 8701, section 4.1)
  bool resumption_across_names = false;              ///< a flag of tls_flags; others are ignored
};

/// Fails with decode_error (evidence `message`, `field`), as parse_extensions does, and with decode_error,
/// bad_extension; with illegal_parameter, bad_extension for tls_flags that are longer than they have to be.
[[nodiscard]] Result<NewSessionTicket> parse_new_session_ticket(Bytes body);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_new_session_ticket(Buffer& out, const NewSessionTicket& ticket);

}  // namespace handfast::wire
