// ClientKeyExchange of ECDHE (RFC 8422, section 5.7) and of RSA key exchange (RFC 5246, section 7.4.7.1).
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

/// The same message of RSA key exchange. Their lengths tell one from the other: no body is both.
struct EncryptedPreMasterSecret {
  Bytes pre_master_secret;  ///< <0..2^16-1>, encrypted for the server's key
};

/// Fails with decode_error (evidence `message`, `field`).
[[nodiscard]] Result<EncryptedPreMasterSecret> parse_encrypted_pre_master_secret(Bytes body);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_encrypted_pre_master_secret(Buffer& out, const EncryptedPreMasterSecret& message);

}  // namespace handfast::wire::tls12
