// The floor of a resumed handshake of TLS 1.2.
#pragma once

#include <optional>

#include "floor/floor.h"
#include "floor/ticket.h"
#include "floor/tls12_schedule.h"

namespace handfast::bench {

/// Two hellos and two Finished (RFC 5246, section 7.3). With a ticket the server opens that first; a session that is
/// found by its ID costs nothing here.
class Tls12ResumedFloor final : public Floor {
 public:
  explicit Tls12ResumedFloor(Messages messages);

  void client() override;
  void server() override;

 private:
  Messages messages_;
  Randoms12 randoms_;
  Tls12Records records_;
  std::optional<TicketSealing> ticket_;
};

}  // namespace handfast::bench
