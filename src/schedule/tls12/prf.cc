#include "schedule/tls12/prf.h"

#include <algorithm>

#include "base/secret.h"

namespace handfast::schedule::tls12 {

namespace {

/// One block of P_hash, which has the place `index`, into an output that began as zeros.
void add_block(Bytes block, std::size_t index, MutableBytes out) noexcept {
  const std::size_t begin = std::min(index * block.size(), out.size());
  out = out.subspan(begin, std::min(block.size(), out.size() - begin));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= block[i];
}

}  // namespace

void prf(const crypto::Hmac& secret, std::string_view label, Bytes seed, Bytes more_seed, MutableBytes out) noexcept {
  // P_hash: block i of the output is HMAC(A(i) + label + seed), where A(i) = HMAC(A(i-1)) and A(0) = label + seed.
  // P_MD5 and P_SHA-1, whose blocks are not of one length, are XORed.
  const bool two = secret.algorithm() == crypto::HashAlgorithm::md5_sha1;
  const std::size_t shortest = two ? crypto::md5_size : crypto::digest_size(secret.algorithm());
  std::ranges::fill(out, std::uint8_t{0});
  crypto::Digest a = secret.code(as_bytes(label), seed, more_seed);
  crypto::Digest block;
  for (std::size_t i = 0; i * shortest < out.size(); ++i) {
    if (i > 0) a = secret.code(a);
    block = secret.code(a, as_bytes(label), seed, more_seed);
    add_block(block.view().first(shortest), i, out);
    if (two) add_block(block.view().subspan(shortest), i, out);
  }
  // Whoever has A(i) and not the secret can compute nothing; but a block is a part of what was derived.
  base::wipe(block.writable().data(), block.size());
}

}  // namespace handfast::schedule::tls12
