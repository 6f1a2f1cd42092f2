// The extension table, and what is checked of every extension block.
#include "wire/extension.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

constexpr unsigned bit(MessageKind message) { return 1u << static_cast<unsigned>(message); }
constexpr unsigned CH = bit(MessageKind::client_hello);
constexpr unsigned SH = bit(MessageKind::server_hello);
constexpr unsigned HRR = bit(MessageKind::hello_retry_request);
constexpr unsigned EE = bit(MessageKind::encrypted_extensions);
constexpr unsigned CT = bit(MessageKind::certificate);
constexpr unsigned CR = bit(MessageKind::certificate_request);
constexpr unsigned NST = bit(MessageKind::new_session_ticket);
constexpr unsigned SH12 = bit(MessageKind::server_hello_tls1_2);

struct Row {
  ExtensionType type;
  unsigned messages;  ///< where it may stand
};

// RFC 8446, section 4.2, and for those that are younger or belong to TLS 1.2 their own RFCs. Sorted by number. Some
// servers of TLS 1.2 send supported_groups although it is the client's alone; peers tolerate that, and so does this.
constexpr Row table[] = {
    {ExtensionType::server_name, CH | EE | SH12},
    {ExtensionType::max_fragment_length, CH | EE | SH12},
    {ExtensionType::status_request, CH | CR | CT | SH12},
    {ExtensionType::supported_groups, CH | EE | SH12},
    {ExtensionType::ec_point_formats, CH | SH12},
    {ExtensionType::signature_algorithms, CH | CR},
    {ExtensionType::use_srtp, CH | EE | SH12},
    {ExtensionType::heartbeat, CH | EE | SH12},
    {ExtensionType::application_layer_protocol_negotiation, CH | EE | SH12},
    {ExtensionType::signed_certificate_timestamp, CH | CR | CT | SH12},
    {ExtensionType::client_certificate_type, CH | EE | SH12},
    {ExtensionType::server_certificate_type, CH | EE | SH12},
    {ExtensionType::padding, CH},
    {ExtensionType::encrypt_then_mac, CH | SH12},
    {ExtensionType::extended_master_secret, CH | SH12},
    {ExtensionType::compress_certificate, CH | CR},
    {ExtensionType::record_size_limit, CH | EE | SH12},
    {ExtensionType::session_ticket, CH | SH12},
    {ExtensionType::pre_shared_key, CH | SH},
    {ExtensionType::early_data, CH | EE | NST},
    {ExtensionType::supported_versions, CH | SH | HRR},
    {ExtensionType::cookie, CH | HRR},
    {ExtensionType::psk_key_exchange_modes, CH},
    {ExtensionType::certificate_authorities, CH | CR},
    {ExtensionType::oid_filters, CR},
    {ExtensionType::post_handshake_auth, CH},
    {ExtensionType::signature_algorithms_cert, CH | CR},
    {ExtensionType::key_share, CH | SH | HRR},
    {ExtensionType::quic_transport_parameters, CH | EE},
    {ExtensionType::tls_flags, CH | SH | HRR | EE | CR | CT | NST},
    {ExtensionType::trust_anchors, CH | EE | CR | CT},
    {ExtensionType::encrypted_client_hello, CH | EE | HRR},
    {ExtensionType::renegotiation_info, CH | SH12},
};
static_assert(std::ranges::is_sorted(table, {}, &Row::type));
static_assert(std::size(table) <= 64, "a set of rows is one 64-bit word");

/// Most types are small: where their rows stand; behind the table for those that have none.
constexpr auto low_rows = [] {
  std::array<std::uint8_t, 64> rows;
  rows.fill(std::size(table));
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (const std::size_t type = std::to_underlying(table[i].type); type < rows.size())
      rows[type] = static_cast<std::uint8_t>(i);
  return rows;
}();

/// The extension's row, or nullptr if it has none.
const Row* find_row(ExtensionType type) noexcept {
  if (const std::size_t low = std::to_underlying(type); low < low_rows.size())
    return low_rows[low] < std::size(table) ? &table[low_rows[low]] : nullptr;
  const Row* row = std::ranges::lower_bound(table, type, {}, &Row::type);
  return row != std::end(table) && row->type == type ? row : nullptr;
}

std::uint64_t row_bit(const Row& row) noexcept { return std::uint64_t{1} << (&row - table); }

/// Which extensions a block has had until now.
class Seen {
 public:
  /// False if it was there before. The unknown ones are bounded by `max_extensions`.
  bool insert(ExtensionType type, const Row* row) noexcept {
    if (row) {
      const bool before = (rows_ & row_bit(*row)) != 0;
      rows_ |= row_bit(*row);
      return !before;
    }
    const auto end = unknown_.begin() + static_cast<std::ptrdiff_t>(unknown_count_);
    if (std::find(unknown_.begin(), end, type) != end) return false;
    unknown_[unknown_count_++] = type;
    return true;
  }

 private:
  std::uint64_t rows_ = 0;
  std::size_t unknown_count_ = 0;
  std::array<ExtensionType, max_extensions> unknown_;
};

/// RFC 8446 has two alerts for an extension that may not stand in a message: illegal_parameter in section 4.2,
/// unsupported_extension in the definition of that alert (section 6.2). In EncryptedExtensions, where it is most like
/// an answer to what was not asked, peers send the second; in a ServerHello of TLS 1.2 it mostly is one, and RFC 5246,
/// section 7.4.1.4, knows no other alert.
constexpr Alert forbidden_alert(MessageKind message) {
  const bool answers = message == MessageKind::encrypted_extensions || message == MessageKind::server_hello_tls1_2;
  return answers ? Alert::unsupported_extension : Alert::illegal_parameter;
}

/// RFC 8446 names no alert for an extension that stands twice; these are the ones that peers send.
constexpr Alert duplicate_alert(MessageKind message) {
  const bool illegal = message == MessageKind::hello_retry_request || message == MessageKind::new_session_ticket;
  return illegal ? Alert::illegal_parameter : Alert::decode_error;
}

Error extension_error(Alert alert, Reason reason, MessageKind message, ExtensionType extension) {
  return Error(alert, reason).with("message", std::string(name(message))).with("extension", name(extension));
}

}  // namespace

std::string_view name(MessageKind message) noexcept {
  switch (message) {
    case MessageKind::client_hello: return "client_hello";
    case MessageKind::server_hello: return "server_hello";
    case MessageKind::hello_retry_request: return "hello_retry_request";
    case MessageKind::encrypted_extensions: return "encrypted_extensions";
    case MessageKind::certificate: return "certificate";
    case MessageKind::certificate_request: return "certificate_request";
    case MessageKind::new_session_ticket: return "new_session_ticket";
    case MessageKind::server_hello_tls1_2: return "server_hello";
  }
  return "";
}

Extensions Extensions::checked(Bytes block) noexcept {
  Extensions extensions;
  base::Reader r(block);
  extensions.list_ = List<Extension>::read(r, block);
  return extensions;
}

std::optional<Bytes> Extensions::find(ExtensionType type) const noexcept {
  for (const Extension& extension : list_)
    if (extension.type == type) return extension.data;
  return std::nullopt;
}

Result<Extensions> parse_extensions(Bytes block, MessageKind message) {
  base::Reader r(block);
  Seen seen;
  for (std::size_t count = 0; !r.empty(); ++count) {
    const Extension extension = Extension::read(r);
    if (!r.ok()) return malformed(name(message), "extensions");
    if (count == max_extensions)
      return fail(Error(Alert::illegal_parameter, Reason::too_many_extensions)
                      .with("message", std::string(name(message)))
                      .with("limit", std::int64_t{max_extensions}));
    const Row* row = find_row(extension.type);
    if (row && (row->messages & bit(message)) == 0)
      return fail(extension_error(forbidden_alert(message), Reason::forbidden_extension, message, extension.type));
    if (!seen.insert(extension.type, row))
      return fail(extension_error(duplicate_alert(message), Reason::duplicate_extension, message, extension.type));
  }
  return Extensions::checked(block);
}

void ExtensionSet::add(ExtensionType type) noexcept {
  if (const Row* row = find_row(type)) rows_ |= row_bit(*row);
}

void ExtensionSet::remove(ExtensionType type) noexcept {
  if (const Row* row = find_row(type)) rows_ &= ~row_bit(*row);
}

bool ExtensionSet::contains(ExtensionType type) const noexcept {
  const Row* row = find_row(type);
  return row && (rows_ & row_bit(*row)) != 0;
}

Result<> check_solicited(const Extensions& response, const ExtensionSet& offered, MessageKind message) {
  for (const Extension& extension : response)
    if (!offered.contains(extension.type) && extension.type != ExtensionType::cookie)
      return fail(
          extension_error(Alert::unsupported_extension, Reason::unsolicited_extension, message, extension.type));
  return {};
}

std::unexpected<Error> missing_extension(MessageKind message, ExtensionType extension) {
  return fail(extension_error(Alert::missing_extension, Reason::missing_extension, message, extension));
}

std::unexpected<Error> bad_extension(MessageKind message, ExtensionType extension) {
  return fail(extension_error(Alert::decode_error, Reason::bad_extension, message, extension));
}

std::unexpected<Error> illegal_extension(MessageKind message, ExtensionType extension) {
  return fail(extension_error(Alert::illegal_parameter, Reason::bad_extension, message, extension));
}

KeyShareEntry KeyShareEntry::read(base::Reader& r) noexcept {
  const NamedGroup group{r.u16()};
  const Bytes key_exchange = r.vector16();
  if (key_exchange.empty()) r.fail();
  return {group, key_exchange};
}

void KeyShareEntry::write(base::Writer& w) const {
  w.u16(static_cast<std::uint16_t>(group));
  w.vector16(key_exchange);
}

ProtocolName ProtocolName::read(base::Reader& r) noexcept {
  const Bytes name = r.vector8();
  if (name.empty()) r.fail();
  return {name};
}

Buffer trust_anchor_list(std::span<const Buffer> identifiers) {
  Buffer content;
  base::Writer w(content);
  auto list = w.length16();
  for (const Buffer& id : identifiers) w.vector8(id);
  return content;
}

CertificateStatus CertificateStatus::read(base::Reader& r) noexcept {
  if (r.u8() != ocsp_status_type) r.fail();
  const Bytes ocsp_response = r.vector24();
  if (ocsp_response.empty()) r.fail();
  return {ocsp_response};
}

void CertificateStatus::write(base::Writer& w) const {
  w.u8(ocsp_status_type);
  w.vector24(ocsp_response);
}

Bytes read_selected_protocol(base::Reader& r) noexcept {
  base::Reader list(r.vector16());
  const ProtocolName protocol = ProtocolName::read(list);
  if (!list.done()) r.fail();
  return protocol.name;
}

void write_selected_protocol(base::Writer& w, Bytes protocol) {
  write_extension(w, ExtensionType::application_layer_protocol_negotiation, [&](base::Writer& to) {
    auto list = to.length16();
    to.vector8(protocol);
  });
}

void write_certificate_type(base::Writer& w, ExtensionType extension, std::optional<CertificateType> type) {
  if (type) write_extension(w, extension, [&](base::Writer& to) { to.u8(std::to_underlying(*type)); });
}

Opaque16 Opaque16::read(base::Reader& r) noexcept {
  const Bytes data = r.vector16();
  if (data.empty()) r.fail();
  return {data};
}

}  // namespace handfast::wire
