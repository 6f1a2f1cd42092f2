// ServerHello and HelloRetryRequest, one structure on the wire (RFC 8446, sections 4.1.3 and 4.1.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"

namespace handfast::wire {

/// ServerHello.random of a HelloRetryRequest: SHA-256 of "HelloRetryRequest".
inline constexpr std::array<std::uint8_t, 32> hello_retry_request_random = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// The last eight bytes of ServerHello.random when a server that knows TLS 1.3 negotiates TLS 1.2, and when one that
/// knows TLS 1.2 negotiates less.
inline constexpr std::array<std::uint8_t, 8> downgrade_to_tls1_2 = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x01};
inline constexpr std::array<std::uint8_t, 8> downgrade_to_tls1_1 = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x00};

/// A ServerHello or HelloRetryRequest, received or to be written; views over the body or of the caller's.
struct ServerHello {
  ProtocolVersion legacy_version = ProtocolVersion::tls1_2;
  Bytes random;                  ///< 32 bytes
  Bytes legacy_session_id_echo;  ///< at most 32 bytes
  CipherSuite cipher_suite{};
  std::uint8_t legacy_compression_method = 0;  ///< always 0 in TLS 1.3
  Extensions extensions;                       ///< as they came; not looked at when written

  std::optional<ProtocolVersion> selected_version;  ///< supported_versions; nothing means TLS 1.2 or below
  std::optional<KeyShareEntry> key_share;           ///< of a ServerHello
  std::optional<NamedGroup> selected_group;         ///< key_share of a HelloRetryRequest
  std::optional<Bytes> cookie;                      ///< of a HelloRetryRequest
  std::optional<std::uint16_t> selected_identity;   ///< pre_shared_key of a ServerHello

  bool is_hello_retry_request() const noexcept;
  /// The version that was negotiated: supported_versions before legacy_version.
  ProtocolVersion version() const noexcept { return selected_version.value_or(legacy_version); }
  MessageKind kind() const noexcept;
};

/// Parses the body of a server_hello message. Without supported_versions it is one of TLS 1.2 or below, and its
/// extensions are only in `extensions`. Fails with decode_error (evidence `message`, `field`), as parse_extensions
/// does, and with decode_error, bad_extension.
[[nodiscard]] Result<ServerHello> parse_server_hello(Bytes body);

/// Appends the whole message: a HelloRetryRequest if `random` says so. Fails as write_message does.
[[nodiscard]] Result<> write_server_hello(Buffer& out, const ServerHello& hello);
/// Appends what stands before the extensions, in TLS 1.2 as in TLS 1.3.
void write_server_hello_head(base::Writer& w, const ServerHello& hello);

}  // namespace handfast::wire
