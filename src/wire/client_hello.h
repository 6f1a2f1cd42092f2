// ClientHello (RFC 8446, section 4.1.2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "wire/extension.h"
#include "wire/grease.h"
#include "wire/list.h"

namespace handfast::wire {

/// RFC 8446, section 4.2.9.
enum class PskKeyExchangeMode : std::uint8_t { psk_ke = 0, psk_dhe_ke = 1 };

/// RFC 8446, section 4.2.11.
struct PskIdentity {
  Bytes identity;  ///< <1..2^16-1>
  std::uint32_t obfuscated_ticket_age;
  static PskIdentity read(base::Reader& r) noexcept;
};
struct PskBinderEntry {
  /// <32..255>; one that is shorter is taken for a wrong one, by whoever compares it.
  Bytes binder;
  static PskBinderEntry read(base::Reader& r) noexcept;
};
struct OfferedPsks {
  List<PskIdentity> identities;
  List<PskBinderEntry> binders;  ///< as many as there are identities
  /// How many bytes of the message, at its end, are the binders with the length before them: what the binders
  /// themselves do not cover (section 4.2.11.2).
  std::size_t binders_size() const noexcept { return 2 + binders.bytes().size(); }
};

/// A ClientHello that was received, as views over its body. Extensions that are not known, or of no concern here, stand
/// in `extensions` only; the optional ones are those that came.
struct ClientHello {
  ProtocolVersion legacy_version{};
  Bytes random;                      ///< 32 bytes
  Bytes legacy_session_id;           ///< at most 32 bytes
  List<CipherSuite> cipher_suites;   ///< at least one
  Bytes legacy_compression_methods;  ///< at least one
  Extensions extensions;

  std::optional<std::string_view> server_name;  ///< the one host_name: 1 to 255 bytes, none of them NUL
  std::optional<List<ProtocolVersion>> supported_versions;
  std::optional<List<NamedGroup>> supported_groups;
  std::optional<List<SignatureScheme>> signature_algorithms;
  std::optional<List<SignatureScheme>> signature_algorithms_cert;
  std::optional<List<KeyShareEntry>> key_share;  ///< may be empty: the client asks for a HelloRetryRequest
  std::optional<List<ProtocolName>> application_layer_protocol_negotiation;
  std::optional<Bytes> cookie;
  std::optional<List<PskKeyExchangeMode>> psk_key_exchange_modes;
  std::optional<OfferedPsks> pre_shared_key;
  std::optional<std::uint16_t> record_size_limit;  ///< at least min_record_size_limit
  std::optional<List<Opaque16>> certificate_authorities;
  std::optional<List<CertificateType>> client_certificate_type;  ///< at least one, and more than X509 alone
  std::optional<List<CertificateType>> server_certificate_type;  ///< likewise
  std::optional<List<TrustAnchorID>> trust_anchors;              ///< may be empty: the client asks which there are
  bool early_data = false;
  bool post_handshake_auth = false;
  bool status_request = false;  ///< an OCSP response is asked for
  bool signed_certificate_timestamp = false;
  // TLS 1.2 and below.
  std::optional<Bytes> ec_point_formats;    ///< at least one
  std::optional<Bytes> renegotiation_info;  ///< renegotiated_connection
  std::optional<Bytes> session_ticket;
  bool extended_master_secret = false;
  bool encrypt_then_mac = false;
};

/// Parses the body of a ClientHello, of whatever version; one without an extension block is legal before TLS 1.3.
/// Fails with decode_error and Reason::decode_error (evidence `message`, `field`), as parse_extensions does, and with
///  - decode_error, bad_extension for a known extension that does not parse,
///  - illegal_parameter, bad_extension for a record_size_limit below 64, and for a list of certificate types that is
///    empty or names X509 alone,
///  - bad_psk for pre_shared_key (evidence `field`): decode_error where it does not parse, illegal_parameter where it
///    is not the last extension (`position`) or identities and binders differ in number (`binders`).
[[nodiscard]] Result<ClientHello> parse_client_hello(Bytes body);

/// The order in which extensions are written if the caller wants no other.
std::span<const ExtensionType> default_extension_order() noexcept;

/// A ClientHello to be written. What is empty, zero or nothing is not sent. All views are the caller's.
struct ClientHelloFields {
  ProtocolVersion legacy_version = ProtocolVersion::tls1_2;
  Bytes random;  ///< 32 bytes
  Bytes legacy_session_id;
  std::span<const CipherSuite> cipher_suites;

  std::string_view server_name;
  std::span<const ProtocolVersion> supported_versions;
  std::span<const NamedGroup> supported_groups;
  std::span<const SignatureScheme> signature_algorithms;
  std::span<const SignatureScheme> signature_algorithms_cert;
  std::optional<std::span<const KeyShareEntry>> key_share;
  std::span<const std::string> application_layer_protocol_negotiation;
  Bytes cookie;  ///< of a HelloRetryRequest
  std::span<const PskKeyExchangeMode> psk_key_exchange_modes;
  std::uint16_t record_size_limit = 0;
  std::span<const Buffer> certificate_authorities;  ///< DistinguishedNames in DER
  std::span<const CertificateType> client_certificate_type;
  std::span<const CertificateType> server_certificate_type;
  std::span<const Extension> others;  ///< whatever else, as it is to stand there
  std::span<const PskIdentity> psk_identities;
  std::span<const Bytes> psk_binders;  ///< zeros at first: see write_binders

  Grease grease;
  /// The message is padded to this many bytes, header included, where it is shorter (RFC 7685).
  std::size_t pad_to = 0;
  /// Extensions are written in this order, then those that it does not name. The two of GREASE stand at the front and
  /// at the end, then padding, then pre_shared_key, whatever the order says.
  std::span<const ExtensionType> order = default_extension_order();
};

/// Appends the whole message, header included, and gives the extensions that it offers (for check_solicited). Fails as
/// write_message does.
[[nodiscard]] Result<ExtensionSet> write_client_hello(Buffer& out, const ClientHelloFields& fields);

/// OfferedPsks::binders_size of what is to be written with these binders.
std::size_t binders_size(std::span<const Bytes> binders) noexcept;
/// Puts the binders in the place of those that `message`, a whole ClientHello, was written with; each has the size that
/// it had then. They cover what stands before them, so they come to be when it stands (RFC 8446, section 4.2.11.2).
void write_binders(MutableBytes message, std::span<const Bytes> binders) noexcept;

}  // namespace handfast::wire
