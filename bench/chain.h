// The certificates of a case: a root, an intermediate and a leaf with its private key.
#pragma once

#include <handfast/bytes.h>

#include "crypto/algorithm.h"

namespace handfast::bench {

/// All in DER, the key as PKCS#8.
struct Chain {
  Buffer root;
  Buffer intermediate;
  Buffer leaf;
  Buffer key;
};

/// New keys and certificates, all of one type, the leaf for `server_name`.
Chain make_chain(crypto::KeyType type);

}  // namespace handfast::bench
