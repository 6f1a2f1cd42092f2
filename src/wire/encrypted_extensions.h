// EncryptedExtensions (RFC 8446, section 4.3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"
#include "wire/list.h"

namespace handfast::wire {

/// EncryptedExtensions that were received, as views over the body.
struct EncryptedExtensions {
  Extensions extensions;
  bool server_name = false;                   ///< the server used it to choose
  std::optional<Bytes> application_protocol;  ///< the one that ALPN selected
  std::optional<List<NamedGroup>> supported_groups;
  std::optional<std::uint16_t> record_size_limit;          ///< at least min_record_size_limit
  std::optional<CertificateType> client_certificate_type;  ///< what the client is to show (RFC 7250)
  std::optional<CertificateType> server_certificate_type;  ///< what the server shows
  std::optional<List<TrustAnchorID>> trust_anchors;        ///< at least one: those that the server has certificates for
  bool early_data = false;                                 ///< accepted
};

/// Fails with decode_error (evidence `message`, `field`), as parse_extensions does, and with bad_extension
/// (decode_error; illegal_parameter for a record_size_limit below 64). Whether each was offered is check_solicited's to
/// say.
[[nodiscard]] Result<EncryptedExtensions> parse_encrypted_extensions(Bytes body);

/// EncryptedExtensions to be written. What is empty, zero, false or nothing is not sent.
struct EncryptedExtensionsFields {
  bool server_name = false;
  Bytes application_protocol;
  std::span<const NamedGroup> supported_groups;
  std::uint16_t record_size_limit = 0;
  std::optional<CertificateType> client_certificate_type;
  std::optional<CertificateType> server_certificate_type;
  bool early_data = false;
  std::span<const Extension> others;
};

/// Appends the whole message. Fails as write_message does.
[[nodiscard]] Result<> write_encrypted_extensions(Buffer& out, const EncryptedExtensionsFields& fields);

}  // namespace handfast::wire
