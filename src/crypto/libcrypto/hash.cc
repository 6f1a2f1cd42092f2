// The running hash on libcrypto's low-level functions: the state stands in the object itself, where EVP_MD_CTX would
// allocate it, and there is nothing to fetch.
#include "crypto/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <new>

namespace handfast::crypto {

namespace {

#ifdef OPENSSL_NO_MD5
/// Nobody gets as far as to hash with it: no config speaks a version that would.
struct MD5_CTX {};
void MD5_Init(MD5_CTX*) noexcept {}
void MD5_Update(MD5_CTX*, const void*, std::size_t) noexcept {}
void MD5_Final(std::uint8_t*, MD5_CTX*) noexcept {}
#endif

/// Of HashAlgorithm::md5_sha1.
struct Md5AndSha1 {
  MD5_CTX md5;
  SHA_CTX sha1;
};

static_assert(sizeof(Md5AndSha1) <= 216 && sizeof(SHA_CTX) <= 216 && sizeof(SHA256_CTX) <= 216 &&
              sizeof(SHA512_CTX) <= 216);
static_assert(alignof(SHA512_CTX) <= 8);

template <typename Context>
Context* as(std::array<std::byte, 216>& state) noexcept {
  return std::launder(reinterpret_cast<Context*>(state.data()));
}

}  // namespace

bool has_md5() noexcept {
#ifdef OPENSSL_NO_MD5
  return false;
#else
  return true;
#endif
}

Hash::Hash(HashAlgorithm algorithm) noexcept : algorithm_(algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1: SHA1_Init(new (state_.data()) SHA_CTX); break;
    case HashAlgorithm::sha256: SHA256_Init(new (state_.data()) SHA256_CTX); break;
    case HashAlgorithm::sha384: SHA384_Init(new (state_.data()) SHA512_CTX); break;
    case HashAlgorithm::sha512: SHA512_Init(new (state_.data()) SHA512_CTX); break;
    case HashAlgorithm::md5_sha1: {
      auto* both = new (state_.data()) Md5AndSha1;
      MD5_Init(&both->md5);
      SHA1_Init(&both->sha1);
      break;
    }
  }
}

void Hash::update(Bytes bytes) noexcept {
  if (bytes.empty()) return;
  switch (algorithm_) {
    case HashAlgorithm::sha1: SHA1_Update(as<SHA_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha256: SHA256_Update(as<SHA256_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha384: SHA384_Update(as<SHA512_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::sha512: SHA512_Update(as<SHA512_CTX>(state_), bytes.data(), bytes.size()); break;
    case HashAlgorithm::md5_sha1: update_each(bytes, bytes); break;
  }
}

void Hash::update(const Digest& digest) noexcept {
  if (algorithm_ != HashAlgorithm::md5_sha1) return update(digest.view());
  update_each(digest.view().first(md5_size), digest.view().subspan(md5_size));
}

void Hash::update_each(Bytes md5, Bytes sha1) noexcept {
  auto* both = as<Md5AndSha1>(state_);
  MD5_Update(&both->md5, md5.data(), md5.size());
  SHA1_Update(&both->sha1, sha1.data(), sha1.size());
}

Digest Hash::finish() && noexcept {
  Digest digest(digest_size(algorithm_));
  std::uint8_t* out = digest.writable().data();
  switch (algorithm_) {
    case HashAlgorithm::sha1: SHA1_Final(out, as<SHA_CTX>(state_)); break;
    case HashAlgorithm::sha256: SHA256_Final(out, as<SHA256_CTX>(state_)); break;
    case HashAlgorithm::sha384: SHA384_Final(out, as<SHA512_CTX>(state_)); break;
    case HashAlgorithm::sha512: SHA512_Final(out, as<SHA512_CTX>(state_)); break;
    case HashAlgorithm::md5_sha1: {
      auto* both = as<Md5AndSha1>(state_);
      MD5_Final(out, &both->md5);
      SHA1_Final(out + md5_size, &both->sha1);
      break;
    }
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
