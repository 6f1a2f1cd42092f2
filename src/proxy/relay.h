// Bytes from each side of a connection to the other, until both have ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/net_error.h>

#include "proxy/leg.h"

namespace handfast::proxy {

/// Sees what the client sends, before it goes on.
class RelayObserver {
 public:
  virtual ~RelayObserver() = default;
  /// False: it has seen enough, and is not asked any more.
  virtual bool from_client(Bytes bytes) = 0;
};

struct RelayOptions {
  /// After so long without a byte in either direction it is over; 0: never.
  std::chrono::milliseconds idle_timeout{std::chrono::hours(1)};
  RelayObserver* observer = nullptr;  ///< it outlives `relay`
};

struct Relayed {
  std::uint64_t to_origin = 0;  ///< bytes of the application
  std::uint64_t to_client = 0;
  bool idle = false;              ///< it ended because nothing came any more
  std::optional<NetError> error;  ///< the first one, of either side; nothing: both ended in good order
  bool origin_failed = false;     ///< then: whose it was
};

/// Moves bytes both ways. The next ones are read when the other side has taken those that were there: at most 64 KB of
/// data wait in each direction, and none while nothing comes. One side's end is handed on as an end of that half; what
/// goes wrong on one side breaks the other one off, so that nobody takes a part for the whole; so does memory that runs
/// out. Afterwards both are closed.
Awaitable<Relayed> relay(Leg& client, Leg& origin, RelayOptions options);

}  // namespace handfast::proxy
