// Where the engine's random bytes come from.
#pragma once

#include <handfast/bytes.h>

namespace handfast {

/// A source of random bytes. The config names one (RFC 8446, appendix C.1), so that tests are deterministic; used from
/// every thread that drives a connection of that config. A connection draws what its handshake may need at once, and
/// wipes what it did not.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. It may not fail: a source that can't answer ends the process.
  virtual void fill(MutableBytes out) = 0;
};

/// libcrypto's generator, seeded by the operating system.
Random& system_random() noexcept;

}  // namespace handfast
