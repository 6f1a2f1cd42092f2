// What protects the records of one direction.
#pragma once

#include <optional>
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

/// Of a block cipher.
struct CbcTrafficKeys {
  crypto::CbcKeys keys;
  crypto::MacOrder order;
  /// In TLS 1.0 the first record's (RFC 2246, section 6.3); nothing: each record brings its own.
  std::optional<crypto::InitializationVector> iv;
};

/// As the suite has it.
using RecordKeys = std::variant<TrafficKeys, CbcTrafficKeys>;

}  // namespace tls12

}  // namespace handfast::schedule
