// Reads and writes NewSessionTicket.
#include "wire/new_session_ticket.h"

#include "wire/handshake.h"

namespace handfast::wire {
namespace {

/// TLSFlags (draft-ietf-tls-tlsflags, section 2): flag n is the bit n % 8, from the least significant, of the byte
/// n / 8.
constexpr std::size_t resumption_across_names_byte = 1;  // draft-ietf-tls-cross-sni-resumption: flag 8
constexpr std::uint8_t resumption_across_names_bit = 1;

Result<> read_tls_flags(NewSessionTicket& message, Bytes data) {
  base::Reader r(data);
  const Bytes flags = r.vector8();
  if (!r.done() || flags.empty()) return bad_extension(MessageKind::new_session_ticket, ExtensionType::tls_flags);
  // Section 2: trailing zero bytes are left out, and whoever finds one says illegal_parameter.
  if (flags.back() == 0) return illegal_extension(MessageKind::new_session_ticket, ExtensionType::tls_flags);
  message.resumption_across_names = flags.size() > resumption_across_names_byte &&
                                    (flags[resumption_across_names_byte] & resumption_across_names_bit) != 0;
  return {};
}

}  // namespace

Result<NewSessionTicket> parse_new_session_ticket(Bytes body) {
  constexpr MessageKind kind = MessageKind::new_session_ticket;
  NewSessionTicket message;
  base::Reader r(body);
  message.ticket_lifetime = r.u32();
  if (!r.ok()) return malformed(name(kind), "ticket_lifetime");
  message.ticket_age_add = r.u32();
  if (!r.ok()) return malformed(name(kind), "ticket_age_add");
  message.ticket_nonce = r.vector8();
  if (!r.ok()) return malformed(name(kind), "ticket_nonce");
  message.ticket = r.vector16();
  if (message.ticket.empty()) return malformed(name(kind), "ticket");
  const Bytes block = r.vector16();
  if (!r.done()) return malformed(name(kind), "extensions");
  Result<Extensions> extensions = parse_extensions(block, kind);
  if (!extensions) return fail(std::move(extensions.error()));
  message.extensions = *extensions;
  if (std::optional<Bytes> early_data = message.extensions.find(ExtensionType::early_data)) {
    base::Reader content(*early_data);
    message.max_early_data_size = content.u32();
    if (!content.done()) return bad_extension(kind, ExtensionType::early_data);
  }
  if (std::optional<Bytes> tls_flags = message.extensions.find(ExtensionType::tls_flags))
    if (Result<> read = read_tls_flags(message, *tls_flags); !read) return fail(std::move(read.error()));
  return message;
}

Result<> write_new_session_ticket(Buffer& out, const NewSessionTicket& ticket) {
  return write_message(out, HandshakeType::new_session_ticket, [&](base::Writer& w) {
    w.u32(ticket.ticket_lifetime);
    w.u32(ticket.ticket_age_add);
    w.vector8(ticket.ticket_nonce);
    w.vector16(ticket.ticket);
    auto extensions = w.length16();
    if (ticket.grease != 0) write_extension(w, {ExtensionType{ticket.grease}, {}});
    if (ticket.max_early_data_size)
      write_extension(w, ExtensionType::early_data, [&](base::Writer& to) { to.u32(*ticket.max_early_data_size); });
    if (ticket.resumption_across_names)
      write_extension(w, ExtensionType::tls_flags, [&](base::Writer& to) {
        auto flags = to.length8();
        to.fill(resumption_across_names_byte, 0);
        to.u8(resumption_across_names_bit);
      });
  });
}

}  // namespace handfast::wire
