// Reads and writes NewSessionTicket.
#include "wire/new_session_ticket.h"

#include "wire/handshake.h"

namespace handfast::wire {

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
  return message;
}

Result<> write_new_session_ticket(Buffer& out, const NewSessionTicket& ticket) {
  return write_message(out, HandshakeType::new_session_ticket, [&](base::Writer& w) {
    w.u32(ticket.ticket_lifetime);
    w.u32(ticket.ticket_age_add);
    w.vector8(ticket.ticket_nonce);
    w.vector16(ticket.ticket);
    auto extensions = w.length16();
    if (ticket.max_early_data_size)
      write_extension(w, ExtensionType::early_data, [&](base::Writer& to) { to.u32(*ticket.max_early_data_size); });
  });
}

}  // namespace handfast::wire
