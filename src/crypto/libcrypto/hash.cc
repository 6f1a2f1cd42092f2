// The running hash on libcrypto's low-level functions: the state stands in the object itself, where EVP_MD_CTX would
// allocate it, and there is nothing to fetch.
#include "crypto/hash.h"

#include <openssl/sha.h>

#include <new>

namespace handfast::crypto {

namespace {

static_assert(sizeof(SHA_CTX) <= 216 && sizeof(SHA256_CTX) <= 216 && sizeof(SHA512_CTX) <= 216);
static_assert(alignof(SHA512_CTX) <= 8);

template <typename Context>
Context* as(std::array<std::byte, 216>& state) noexcept {
  return std::launder(reinterpret_cast<Context*>(state.data()));
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) noexcept : algorithm_(algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1: SHA1_Init(new (state_.data()) SHA_CTX); break;
    case HashAlgorithm::sha256: SHA256_Init(new (state_.data()) SHA256_CTX); break;
    case HashAlgorithm::sha384: SHA384_Init(new (state_.data()) SHA512_CTX); break;
    case HashAlgorithm::sha512: SHA512_Init(new (state_.data()) SHA512_CTX); break;
  }
}

void Hash::update(Bytes bytes) noexcept {
  if (bytes.empty()) return;
  switch (algorithm_) {
    case HashAlgorithm::sha1: SHA1_Update(as<SHA_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha256: SHA256_Update(as<SHA256_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha384: SHA384_Update(as<SHA512_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha512: SHA512_Update(as<SHA512_CTX>(state_), bytes.data(), bytes.size()); break;
  }
}

Digest Hash::finish() && noexcept {
  Digest digest(digest_size(algorithm_));
  std::uint8_t* out = digest.writable().data();
  switch (algorithm_) {
    case HashAlgorithm::sha1: SHA1_Final(out, as<SHA_CTX>(state_)); break;
    case HashAlgorithm::sha256: SHA256_Final(out, as<SHA256_CTX>(state_)); break;
    case HashAlgorithm::sha384: SHA384_Final(out, as<SHA512_CTX>(state_)); break;
    case HashAlgorithm::sha512: SHA512_Final(out, as<SHA512_CTX>(state_)); break;
  }
  wipe();
  return digest;
}

Digest Hash::of(HashAlgorithm algorithm, Bytes bytes) noexcept {
  Hash hash(algorithm);
  hash.update(bytes);
  return std::move(hash).finish();
}

}  // namespace handfast::crypto
