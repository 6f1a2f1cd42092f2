// AEADs on AWS-LC's EVP_AEAD, with contexts of the thread.
#include "crypto/aead.h"

#include <openssl/aead.h>

#include "crypto/key_contexts.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

const EVP_AEAD* method_of(AeadAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case AeadAlgorithm::aes_128_gcm: return EVP_aead_aes_128_gcm();
    case AeadAlgorithm::aes_256_gcm: return EVP_aead_aes_256_gcm();
    case AeadAlgorithm::chacha20_poly1305: return EVP_aead_chacha20_poly1305();
  }
  return nullptr;
}

class Context {
 public:
  Context() noexcept { EVP_AEAD_CTX_zero(&context_); }
  ~Context() { wipe(); }
  bool set_key(AeadAlgorithm algorithm, Bytes key) noexcept {
    EVP_AEAD_CTX_cleanup(&context_);
    return EVP_AEAD_CTX_init(&context_, method_of(algorithm), key.data(), key.size(), aead_tag_size, nullptr) == 1;
  }
  void wipe() noexcept {
    EVP_AEAD_CTX_cleanup(&context_);
    base::wipe(&context_, sizeof context_);  // the key schedule stands in the object
  }
  const EVP_AEAD_CTX* get() const noexcept { return &context_; }

 private:
  EVP_AEAD_CTX context_;
};

/// What a thread keeps. One context does both directions. It goes with its thread, or with its key when that thread
/// destroys it; on any other thread that has used the key its schedule stays until the slot is keyed anew or the
/// thread ends.
using Contexts = KeyContexts<Context>;

const EVP_AEAD_CTX* context_for(std::uint64_t id, AeadAlgorithm algorithm, Bytes key) noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id == 0) return nullptr;
  Context* context = contexts->get(id, [&](Context& fresh) { return fresh.set_key(algorithm, key); });
  return context != nullptr ? context->get() : nullptr;
}

}  // namespace

void forget_key(std::uint64_t id) noexcept {
  if (Contexts* contexts = PerThread<Contexts>::existing()) contexts->forget(id);
}

bool Aead::seal(const Nonce& nonce, Bytes associated_data, Bytes first, Bytes second, MutableBytes out) noexcept {
  QuietErrors quiet;
  const EVP_AEAD_CTX* context = context_for(id_, algorithm_, key_.view());
  std::uint8_t* tail = out.data() + first.size();  // `second`, encrypted, and the tag
  std::size_t tail_size = 0;
  return context != nullptr &&
         EVP_AEAD_CTX_seal_scatter(context, out.data(), tail, &tail_size, second.size() + aead_tag_size, nonce.data(),
                                   nonce.size(), first.data(), first.size(), second.data(), second.size(),
                                   associated_data.data(), associated_data.size()) == 1;
}

bool Aead::open(const Nonce& nonce, Bytes associated_data, MutableBytes sealed) noexcept {
  if (sealed.size() < aead_tag_size) return false;
  QuietErrors quiet;
  const EVP_AEAD_CTX* context = context_for(id_, algorithm_, key_.view());
  MutableBytes text = sealed.first(sealed.size() - aead_tag_size);
  return context != nullptr && EVP_AEAD_CTX_open_gather(context, text.data(), nonce.data(), nonce.size(), text.data(),
                                                        text.size(), text.data() + text.size(), aead_tag_size,
                                                        associated_data.data(), associated_data.size()) == 1;
}

}  // namespace handfast::crypto
