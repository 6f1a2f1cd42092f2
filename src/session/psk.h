// What a pre-shared key from outside is made of: a key and an identity for each hash.
#pragma once

#include <handfast/bytes.h>
#include <handfast/session.h>

#include "base/secret.h"
#include "crypto/algorithm.h"

namespace handfast {

/// One PskIdentity that may be offered, and its key.
struct PreSharedKey::Parts {
  Buffer identity;     ///< as it stands in pre_shared_key
  base::Secret key;    ///< an external key past Secret's room is kept as HMAC would: its hash. See external().
  crypto::HashAlgorithm hash;
  bool imported;       ///< whether the binder is an "imp binder" (RFC 9258, section 5.2)
};

}  // namespace handfast
