// What protects the records of one direction.
#pragma once

#include "crypto/aead.h"

namespace handfast::schedule {

/// A key and its IV: RFC 8446, section 7.3; RFC 5246, section 6.3.
struct TrafficKeys {
  crypto::Aead key;
  crypto::Nonce iv;
};

}  // namespace handfast::schedule
