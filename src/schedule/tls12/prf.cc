#include "schedule/tls12/prf.h"

#include <algorithm>

#include "base/copy.h"
#include "base/secret.h"

namespace handfast::schedule::tls12 {

void prf(const crypto::Hmac& secret, std::string_view label, Bytes seed, Bytes more_seed, MutableBytes out) noexcept {
  // P_hash: block i of the output is HMAC(A(i) + label + seed), where A(i) = HMAC(A(i-1)) and A(0) = label + seed.
  crypto::Digest a = secret.code(as_bytes(label), seed, more_seed);
  crypto::Digest block;
  while (true) {
    block = secret.code(a.view(), as_bytes(label), seed, more_seed);
    const MutableBytes part = out.first(std::min(out.size(), block.size()));
    base::copy(block.view().first(part.size()), part);
    out = out.subspan(part.size());
    if (out.empty()) break;
    a = secret.code(a.view());
  }
  // Whoever has A(i) and not the secret can compute nothing; but a block is a part of what was derived.
  base::wipe(block.writable().data(), block.size());
}

}  // namespace handfast::schedule::tls12
