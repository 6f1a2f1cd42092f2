// What outlives a reload: sessions go on under the new configuration where that is the same, and nothing that was seen
// once is forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <handfast/session.h>

namespace handfast::proxy {

class HarFile;
struct InterceptionMemory;

/// Of one process, shared by all its services. What it holds is bound by itself to the policy it was made under
/// (ServerSessions, ClientSessions), so that services can share it.
struct Lasting {
  /// For how long tickets open at most, in seconds: no service may promise more.
  static constexpr std::int64_t longest_ticket_lifetime = 24 * 3600;

  Lasting();

  std::shared_ptr<TicketKeys> ticket_keys;
  std::shared_ptr<SessionStore> sessions;           ///< of clients that take no tickets
  std::shared_ptr<StrikeRegister> strike_register;  ///< for early data
  std::shared_ptr<ClientSessionStore> origin_sessions;
  std::shared_ptr<InterceptionMemory> interception;    ///< null until somebody intercepts
  std::map<std::string, std::weak_ptr<HarFile>> hars;  ///< that are written to, by their path
};

}  // namespace handfast::proxy
