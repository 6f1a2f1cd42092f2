// What protects the records of one direction.
#pragma once

#include <variant>

#include "crypto/aead.h"
#include "crypto/cbc.h"

namespace handfast::schedule {

/// A key and its IV: RFC 8446, section 7.3; RFC 5246, section 6.3.
struct TrafficKeys {
  crypto::Aead key;
  crypto::Nonce iv;
};

namespace tls12 {

/// Of a block cipher, whose records bring their IVs.
struct CbcTrafficKeys {
  crypto::CbcKeys keys;
  crypto::MacOrder order;
};

/// As the suite has it.
using RecordKeys = std::variant<TrafficKeys, CbcTrafficKeys>;

}  // namespace tls12

}  // namespace handfast::schedule
