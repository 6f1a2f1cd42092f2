// What a pre-shared key from outside is made of: a key and an identity for each hash.
#pragma once

#include <handfast/bytes.h>
#include <handfast/session.h>

#include "base/secret.h"
#include "crypto/algorithm.h"

namespace handfast {

/// One PskIdentity that may be offered, and its key.
struct PreSharedKey::Parts {
  Buffer identity;             ///< as it stands in pre_shared_key
  base::Secret early_secret;   ///< HKDF-Extract(0, key): the first stage of the key schedule
  crypto::HashAlgorithm hash;  ///< of the suites that it fits
  bool imported;               ///< whether its binder is under "imp binder" (RFC 9258, section 5.2)
};

}  // namespace handfast
