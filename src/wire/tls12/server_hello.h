// What a ServerHello of TLS 1.2 carries beside the structure that it shares with TLS 1.3.
#pragma once

#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "wire/extension.h"
#include "wire/list.h"
#include "wire/server_hello.h"

namespace handfast::wire::tls12 {

/// The extensions of a ServerHello, received (views over the body) or to be written (empty or nothing: not sent).
struct ServerHelloExtensions {
  bool server_name = false;                        ///< RFC 6066, section 3: the name was used
  bool status_request = false;                     ///< a CertificateStatus may come
  bool extended_master_secret = false;             ///< RFC 7627
  bool encrypt_then_mac = false;                   ///< RFC 7366: of a suite with a block cipher
  bool session_ticket = false;                     ///< RFC 5077: a NewSessionTicket will come
  std::optional<Bytes> renegotiation_info;         ///< renegotiated_connection (RFC 5746); empty in a first handshake
  std::optional<Bytes> ec_point_formats;           ///< at least one (RFC 8422, section 5.1.2)
  std::optional<Bytes> application_protocol;       ///< exactly one (RFC 7301)
  std::optional<std::uint16_t> record_size_limit;  ///< at least min_record_size_limit (RFC 8449)
  std::optional<CertificateType> client_certificate_type;  ///< what the client is to show (RFC 7250)
  std::optional<CertificateType> server_certificate_type;  ///< what the server shows
  std::optional<Bytes> signed_certificate_timestamp;  ///< a SignedCertificateTimestampList with the length before it
};

/// Reads what parse_server_hello has found in a ServerHello of TLS 1.2 (`extensions`). Fails with decode_error,
/// bad_extension where one does not parse, illegal_parameter, bad_extension for a record_size_limit below 64.
/// Extensions that are of no concern here are passed over.
[[nodiscard]] Result<ServerHelloExtensions> parse_server_hello_extensions(const Extensions& extensions);

/// Appends the whole message: `hello` without the extensions of TLS 1.3, which it does not look at. Without any
/// extension there is no block. Fails as write_message does.
[[nodiscard]] Result<> write_server_hello(Buffer& out, const ServerHello& hello,
                                          const ServerHelloExtensions& extensions);

}  // namespace handfast::wire::tls12
