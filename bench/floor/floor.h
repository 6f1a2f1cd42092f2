// The floor: the bare cryptography of one handshake, replayed, and nothing else.
#pragma once

#include <memory>

#include "case.h"
#include "chain.h"
#include "handshake.h"
#include "messages.h"

namespace handfast::bench {

/// What each side of a handshake must compute: random numbers, the key exchange, the transcript's hashes, the key
/// schedule, the signature or the three verifications, both Finished, tickets, and the records that hold what is
/// encrypted.
class Floor {
 public:
  virtual ~Floor() = default;
  virtual void client() = 0;
  virtual void server() = 0;
  static std::unique_ptr<Floor> make(const Case& which, const Chain& chain, Messages messages);
};

/// The floor of `abreast` handshakes.
void floors(Floor& floor, Meter auto& meter) {
  meter.run(Side::client, [&] {
    for (std::size_t i = 0; i < abreast; ++i) floor.client();
  });
  meter.run(Side::server, [&] {
    for (std::size_t i = 0; i < abreast; ++i) floor.server();
  });
}

}  // namespace handfast::bench
