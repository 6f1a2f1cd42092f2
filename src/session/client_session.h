// A session of a client: what the server has to be told to find it.
#pragma once

#include <handfast/bytes.h>
#include <handfast/session.h>

#include "session/session.h"

namespace handfast::session {

struct ClientSession {
  Session session;
  Buffer ticket;                         ///< of either version; empty: there is a session ID instead
  Buffer session_id;                     ///< TLS 1.2 without a ticket
  ClientSessionKey key;                  ///< for what it is good
  bool resumption_across_names = false;  ///< a flag of the ticket
};

}  // namespace handfast::session
