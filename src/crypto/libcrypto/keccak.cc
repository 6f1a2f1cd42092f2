// SHA-3 and SHAKE through EVP, the only way to them: one context a thread and function, whose state is allocated once.
#include "crypto/keccak.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

using Contexts = std::array<DigestContext, 4>;

Contexts& contexts() noexcept {
  thread_local Contexts kept;
  return kept;
}

bool compute(Keccak function, std::initializer_list<Bytes> pieces, MutableBytes out) noexcept {
  DigestContext& hash = contexts()[std::to_underlying(function)];
  if (!hash) hash.reset(EVP_MD_CTX_new());
  if (!hash || EVP_DigestInit_ex(hash.get(), keccak_method(function), nullptr) != 1) return false;
  for (Bytes piece : pieces)
    if (EVP_DigestUpdate(hash.get(), piece.data(), piece.size()) != 1) return false;
  const bool shake = function == Keccak::shake128 || function == Keccak::shake256;
  return shake ? EVP_DigestFinalXOF(hash.get(), out.data(), out.size()) == 1
               : EVP_DigestFinal_ex(hash.get(), out.data(), nullptr) == 1;
}

}  // namespace

void keccak(Keccak function, std::initializer_list<Bytes> pieces, MutableBytes out) noexcept {
  QuietErrors quiet;
  if (compute(function, pieces, out)) return;
  // There is no memory, or no such function. What is not a hash must not become a secret.
  std::fputs("handfast: libcrypto computes no SHA-3\n", stderr);
  std::abort();
}

KeccakWipe::~KeccakWipe() {
  for (DigestContext& hash : contexts())
    if (hash) EVP_MD_CTX_reset(hash.get());  // cleanses the state
}

}  // namespace handfast::crypto
