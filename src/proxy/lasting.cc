// Lasting: made once.
#include "proxy/lasting.h"

#include <handfast/clock.h>

namespace handfast::proxy {

Lasting::Lasting()
    : ticket_keys(std::make_shared<RotatingTicketKeys>(
          RotatingTicketKeys::Options{.ticket_lifetime = longest_ticket_lifetime})),
      sessions(std::make_shared<MemorySessionStore>()),
      strike_register(std::make_shared<StrikeRegister>(system_clock().now_milliseconds())),
      origin_sessions(std::make_shared<MemoryClientSessionStore>()) {}

}  // namespace handfast::proxy
