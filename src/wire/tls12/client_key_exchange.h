// ClientKeyExchange of ECDHE (RFC 8422, section 5.7).
#pragma once

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast::wire::tls12 {

/// Received (a view over the body) or to be written.
struct ClientKeyExchange {
  Bytes ecdh_Yc;  ///< <1..2^8-1>, the client's point
};

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<ClientKeyExchange> parse_client_key_exchange(Bytes body);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_client_key_exchange(Buffer& out, const ClientKeyExchange& message);

}  // namespace handfast::wire::tls12
