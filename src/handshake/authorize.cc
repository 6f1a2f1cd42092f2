#include "handshake/authorize.h"

#include <string>
#include <utility>
#include <vector>

#include <handfast/identity.h>

namespace handfast::handshake {

Result<void> authorize(Engine& engine) {
  const Authorization* rule = engine.common().authorization.get();
  if (!rule) return {};
  Result<Identity> peer = identity_of(engine.info().peer_certificates.front());
  if (!peer) return fail(std::move(peer.error()));
  const bool permitted = rule->permits(*peer);
  engine.tracer()([&] {
    return DecisionEvent{"authorization", permitted ? peer->subject : std::string(), peer->terms(), rule->terms()};
  });
  if (permitted) return {};
  return fail(Error(Alert::access_denied, Reason::not_authorized).with("identity", peer->terms()));
}

}  // namespace handfast::handshake
