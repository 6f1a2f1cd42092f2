// Reads and writes NewSessionTicket of TLS 1.2.
#include "wire/tls12/new_session_ticket.h"

#include "base/reader.h"
#include "wire/handshake.h"

namespace handfast::wire::tls12 {

Result<NewSessionTicket> parse_new_session_ticket(Bytes body) {
  NewSessionTicket message;
  base::Reader r(body);
  message.ticket_lifetime_hint = r.u32();
  if (!r.ok()) return malformed("new_session_ticket", "ticket_lifetime_hint");
  message.ticket = r.vector16();
  if (!r.done()) return malformed("new_session_ticket", "ticket");
  return message;
}

Result<> write_new_session_ticket(Buffer& out, const NewSessionTicket& message) {
  return write_message(out, HandshakeType::new_session_ticket, [&](base::Writer& w) {
    w.u32(message.ticket_lifetime_hint);
    w.vector16(message.ticket);
  });
}

}  // namespace handfast::wire::tls12
