// ServerKeyExchange of ECDHE (RFC 8422, section 5.4).
#pragma once

#include <array>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

namespace handfast::wire::tls12 {

/// Received (views over the body) or to be written. The curve is always a named one.
struct ServerKeyExchange {
  NamedGroup named_curve{};
  Bytes point;                  ///< <1..2^8-1>
  SignatureScheme algorithm{};  ///< not there before TLS 1.2 (RFC 4346, section 7.4.3)
  Bytes signature;              ///< over signed_params; <0..2^16-1>
};

/// Fails with decode_error (evidence `message`, `field`), and with illegal_parameter, decode_error, `field` curve_type,
/// for a curve_type that is not named_curve.
[[nodiscard]] Result<ServerKeyExchange> parse_server_key_exchange(Bytes body, ProtocolVersion version);
/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_server_key_exchange(Buffer& out, const ServerKeyExchange& message,
                                                 ProtocolVersion version);

/// What is signed: ClientHello.random, ServerHello.random and ServerECDHParams (the curve and the point).
class SignedParams {
 public:
  SignedParams(Bytes client_random, Bytes server_random, NamedGroup named_curve, Bytes point) noexcept;
  Bytes view() const& noexcept { return {bytes_.data(), size_}; }
  Bytes view() && = delete;

 private:
  std::array<std::uint8_t, 32 + 32 + 4 + 255> bytes_;
  std::size_t size_;
};

}  // namespace handfast::wire::tls12
