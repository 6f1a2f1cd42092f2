// Extensions: which there are, where each may stand, and blocks of them (RFC 8446, section 4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/reader.h"
#include "base/writer.h"
#include "wire/list.h"

namespace handfast::wire {

/// A block with more extensions than this is refused (Reason::too_many_extensions).
inline constexpr std::size_t max_extensions = 64;

/// The messages that carry extensions. A HelloRetryRequest has rules of its own, and so has the ServerHello of TLS 1.2,
/// which carries what EncryptedExtensions and Certificate carry in TLS 1.3.
enum class MessageKind : std::uint8_t {
  client_hello,
  server_hello,
  hello_retry_request,
  encrypted_extensions,
  certificate,
  certificate_request,
  new_session_ticket,
  server_hello_tls1_2,
};
std::string_view name(MessageKind) noexcept;  ///< "client_hello"; both ServerHellos are "server_hello"

/// One extension as it stands in a message; `data` is a view over it.
struct Extension {
  ExtensionType type;
  Bytes data;
  static Extension read(base::Reader& r) noexcept {
    ExtensionType type{r.u16()};
    return {type, r.vector16()};
  }
};

/// A block of extensions that is well formed: at most `max_extensions`, none twice, none that is known and may not
/// stand in that message. A view over the message.
class Extensions {
 public:
  Extensions() noexcept = default;
  List<Extension>::Iterator begin() const noexcept { return list_.begin(); }
  std::default_sentinel_t end() const noexcept { return {}; }
  bool empty() const noexcept { return list_.empty(); }
  std::size_t size() const noexcept { return list_.size(); }
  /// The data of the extension of that type, if it is there.
  std::optional<Bytes> find(ExtensionType type) const noexcept;
  bool contains(ExtensionType type) const noexcept { return find(type).has_value(); }
  /// The block without the length before it.
  Bytes bytes() const noexcept { return list_.bytes(); }

  /// For a block that was checked by parse_extensions before.
  static Extensions checked(Bytes block) noexcept;

 private:
  List<Extension> list_;
};

/// Parses the content of an extension block (without its length). Fails with decode_error, Reason::decode_error where
/// it does not parse; duplicate_extension where one stands twice: decode_error, in a HelloRetryRequest or
/// NewSessionTicket illegal_parameter; forbidden_extension for a known one that may not stand in such a message:
/// illegal_parameter (RFC 8446, section 4.2), in EncryptedExtensions and the ServerHello of TLS 1.2
/// unsupported_extension (section 6.2; RFC 5246, section 7.4.1.4); and with illegal_parameter, too_many_extensions for
/// more than `max_extensions`.
[[nodiscard]] Result<Extensions> parse_extensions(Bytes block, MessageKind message);

/// A set of known extension types, e.g. those that a ClientHello offered.
class ExtensionSet {
 public:
  /// Types without a row in the table (GREASE) are not remembered: no answer to them is ever right.
  void add(ExtensionType type) noexcept;
  void remove(ExtensionType type) noexcept;
  bool contains(ExtensionType type) const noexcept;

 private:
  std::uint64_t rows_ = 0;
};

/// Whether every extension of a response was asked for; a cookie needs no asking. Fails with unsupported_extension,
/// unsolicited_extension (RFC 8446, section 4.2).
[[nodiscard]] Result<> check_solicited(const Extensions& response, const ExtensionSet& offered, MessageKind message);

/// The error for an extension that has to be there.
std::unexpected<Error> missing_extension(MessageKind message, ExtensionType extension);
/// The error for an extension whose content does not parse.
std::unexpected<Error> bad_extension(MessageKind message, ExtensionType extension);
/// The same for content that parses but is not allowed: illegal_parameter.
std::unexpected<Error> illegal_extension(MessageKind message, ExtensionType extension);

// What several messages have in common inside their extensions.

/// RFC 8446, section 4.2.8.
struct KeyShareEntry {
  NamedGroup group;
  Bytes key_exchange;  ///< <1..2^16-1>
  static KeyShareEntry read(base::Reader& r) noexcept;
  void write(base::Writer& w) const;
};

/// An opaque item <1..2^8-1>: ProtocolName (RFC 7301, section 3.1).
struct ProtocolName {
  Bytes name;
  static ProtocolName read(base::Reader& r) noexcept;
};

/// TrustAnchorID (draft-ietf-tls-trust-anchor-ids, section 4): the content of a relative OBJECT IDENTIFIER, which
/// nobody here looks into.
struct TrustAnchorID {
  Bytes id;  ///< <1..2^8-1>
  static TrustAnchorID read(base::Reader& r) noexcept { return {ProtocolName::read(r).name}; }
};
/// The content of trust_anchors in a ClientHello or EncryptedExtensions.
Buffer trust_anchor_list(std::span<const Buffer> identifiers);

/// An opaque item <1..2^16-1>: a DistinguishedName in DER (RFC 8446, section 4.2.4), a SerializedSCT (RFC 6962,
/// section 3.3).
struct Opaque16 {
  Bytes data;
  static Opaque16 read(base::Reader& r) noexcept;
};

/// CertificateStatusType (RFC 6066, section 8): the one kind of status that is known here.
inline constexpr std::uint8_t ocsp_status_type = 1;

/// RFC 6066, section 8: in TLS 1.3 the content of status_request in a Certificate, in TLS 1.2 a message.
struct CertificateStatus {
  Bytes ocsp_response;  ///< <1..2^24-1>, an OCSPResponse in DER
  static CertificateStatus read(base::Reader& r) noexcept;
  void write(base::Writer& w) const;
};

/// ALPN as a server answers it: a list of exactly one name (RFC 7301, section 3.1).
Bytes read_selected_protocol(base::Reader& r) noexcept;
void write_selected_protocol(base::Writer& w, Bytes protocol);  ///< the whole extension

/// client_certificate_type or server_certificate_type as a server answers it (RFC 7250, section 3): one type. Without
/// one nothing is written.
void write_certificate_type(base::Writer& w, ExtensionType extension, std::optional<CertificateType> type);

/// RFC 8449, section 4: the smallest value that may be sent.
inline constexpr std::uint16_t min_record_size_limit = 64;
/// And the largest: in TLS 1.3 the content type counts.
constexpr std::uint16_t max_record_size_limit(ProtocolVersion version) noexcept {
  return version == ProtocolVersion::tls1_3 ? 16385 : 16384;
}

/// A content that never differs, for those who write it.
inline constexpr std::uint8_t ocsp_status_request[] = {1, 0, 0, 0, 0};  ///< status_request in a hello, RFC 6066
inline constexpr std::uint8_t uncompressed_points[] = {1, 0};           ///< ec_point_formats, RFC 8422, section 5.1.2
inline constexpr std::uint8_t first_handshake[] = {0};                  ///< renegotiation_info, RFC 5746, section 3.4

/// Appends type and length, and what `content(base::Writer&)` writes.
template <typename Content>
void write_extension(base::Writer& w, ExtensionType type, Content&& content) {
  w.u16(static_cast<std::uint16_t>(type));
  auto length = w.length16();
  content(w);
}
inline void write_extension(base::Writer& w, const Extension& extension) {
  w.u16(static_cast<std::uint16_t>(extension.type));
  w.vector16(extension.data);
}

}  // namespace handfast::wire
