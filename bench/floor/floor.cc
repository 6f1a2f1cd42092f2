// Which floor a case has.
#include "floor/floor.h"

#include <utility>

#include "floor/tls12.h"
#include "floor/tls12_resumed.h"
#include "floor/tls13.h"
#include "floor/tls13_resumed.h"

namespace handfast::bench {

std::unique_ptr<Floor> Floor::make(const Case& which, const Chain& chain, Messages messages) {
  const bool resumed = which.resumption != Resumption::none;
  if (version(which) == ProtocolVersion::tls1_2) {
    if (resumed) return std::make_unique<Tls12ResumedFloor>(std::move(messages));
    return std::make_unique<Tls12Floor>(which, chain, std::move(messages));
  }
  if (resumed) return std::make_unique<Tls13ResumedFloor>(which, std::move(messages));
  return std::make_unique<Tls13Floor>(which, chain, std::move(messages));
}

}  // namespace handfast::bench
