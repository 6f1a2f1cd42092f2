// A whole handshake message: its header, and the body by its type and version.
#include <fmt/format.h>

#include <algorithm>

#include "base/reader.h"
#include "doctor/dissect/extensions.h"
#include "doctor/dissect/field.h"
#include "doctor/dissect/messages.h"
#include "doctor/message.h"
#include "wire/handshake.h"

namespace handfast::doctor {
namespace {

namespace parts = dissection;
using enum ProtocolVersion;

struct Row {
  HandshakeType type;
  ProtocolVersion from, to;  ///< the versions that have it in this form
  void (*body)(parts::Dissector&);
};

constexpr Row table[] = {
    {HandshakeType::client_hello, ssl3_0, tls1_3, parts::client_hello},
    {HandshakeType::server_hello, ssl3_0, tls1_3, parts::server_hello},
    {HandshakeType::encrypted_extensions, ssl3_0, tls1_3, parts::encrypted_extensions},
    {HandshakeType::certificate_request, ssl3_0, tls1_1, parts::tls10::certificate_request},
    {HandshakeType::certificate_request, tls1_2, tls1_2, parts::tls12::certificate_request},
    {HandshakeType::certificate_request, tls1_3, tls1_3, parts::certificate_request},
    {HandshakeType::certificate, ssl3_0, tls1_2, parts::tls12::certificate},
    {HandshakeType::certificate, tls1_3, tls1_3, parts::certificate},
    {HandshakeType::compressed_certificate, ssl3_0, tls1_3, parts::compressed_certificate},
    {HandshakeType::certificate_verify, ssl3_0, tls1_1, parts::tls10::certificate_verify},
    {HandshakeType::certificate_verify, tls1_2, tls1_3, parts::certificate_verify},
    {HandshakeType::finished, ssl3_0, tls1_3, parts::finished},
    {HandshakeType::new_session_ticket, ssl3_0, tls1_2, parts::tls12::new_session_ticket},
    {HandshakeType::new_session_ticket, tls1_3, tls1_3, parts::new_session_ticket},
    {HandshakeType::key_update, ssl3_0, tls1_3, parts::key_update},
    {HandshakeType::end_of_early_data, ssl3_0, tls1_3, parts::empty_message},
    {HandshakeType::server_key_exchange, ssl3_0, tls1_1, parts::tls10::server_key_exchange},
    {HandshakeType::server_key_exchange, tls1_2, tls1_3, parts::tls12::server_key_exchange},
    {HandshakeType::client_key_exchange, ssl3_0, tls1_3, parts::tls12::client_key_exchange},
    {HandshakeType::server_hello_done, ssl3_0, tls1_3, parts::empty_message},
    {HandshakeType::hello_request, ssl3_0, tls1_3, parts::empty_message},
    {HandshakeType::certificate_status, ssl3_0, tls1_3, parts::certificate_status},
};

/// A version that has no number here is of a time to come, and most like the newest.
void body(parts::Dissector& d, HandshakeType type, ProtocolVersion version) {
  const ProtocolVersion known = std::clamp(version, ssl3_0, tls1_3);
  for (const Row& row : table)
    if (row.type == type && row.from <= known && known <= row.to) return row.body(d);
  if (!d.empty()) d.unparsed("a type of message that is not known here");
}

std::string title_of(Bytes message) {
  if (message.empty()) return "empty";
  const HandshakeType type{message.front()};
  const bool hello = type == HandshakeType::server_hello && message.size() > wire::handshake_header_size;
  if (hello && parts::is_hello_retry_request(message.subspan(wire::handshake_header_size))) return "HelloRetryRequest";
  return title(type);
}

}  // namespace

Field dissect(Bytes message, ProtocolVersion version) {
  return parts::take_apart(message, title_of(message), [&](parts::Dissector& d) {
    const HandshakeType type{static_cast<std::uint8_t>(d.number("msg_type", 1, parts::handshake_type))};
    const std::uint64_t length = d.number("length", 3, parts::byte_count);
    const std::size_t there = d.peek().size();
    d.within(static_cast<std::size_t>(length), [&](parts::Dissector& inner) { body(inner, type, version); });
    // A message that was cut is told of as far as it goes.
    if (length > there) d.too_long(length, there);
  });
}

}  // namespace handfast::doctor
