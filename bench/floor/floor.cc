// Which floor a case has.
#include "floor/floor.h"

#include <utility>

#include "floor/tls12.h"
#include "floor/tls13.h"

namespace handfast::bench {

std::unique_ptr<Floor> Floor::make(const Case& which, const Chain& chain, Messages messages) {
  if (version(which) == ProtocolVersion::tls1_2) return std::make_unique<Tls12Floor>(which, chain, std::move(messages));
  return std::make_unique<Tls13Floor>(which, chain, std::move(messages));
}

}  // namespace handfast::bench
