// AES-CBC on libcrypto's ciphers, with contexts of the thread.
#include "crypto/cbc.h"

#include <climits>
#include <memory>
#include <optional>
#include <utility>

#include "crypto/key_contexts.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

enum Direction : int { decrypting = 0, encrypting = 1 };

template <Direction direction>
class Context {
 public:
  bool set_key(BlockCipher cipher, Bytes key) noexcept {
    if (!context_) context_.reset(EVP_CIPHER_CTX_new());
    return context_ &&
           EVP_CipherInit_ex(context_.get(), cbc_method(cipher), nullptr, key.data(), nullptr, direction) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1;
  }
  void wipe() noexcept { EVP_CIPHER_CTX_reset(context_.get()); }
  bool run(const InitializationVector& iv, MutableBytes blocks) noexcept {
    int written = 0;
    return blocks.size() % cipher_block_size == 0 && blocks.size() <= INT_MAX &&
           EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), direction) == 1 &&
           EVP_CipherUpdate(context_.get(), blocks.data(), &written, blocks.data(), static_cast<int>(blocks.size())) ==
               1 &&
           static_cast<std::size_t>(written) == blocks.size();
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context_;
};

/// Two blocks of the MAC's key, hashed once.
class MacContext {
 public:
  void set_key(HashAlgorithm hash, Bytes key) noexcept { hmac_.emplace(hash, key); }
  void wipe() noexcept { hmac_.reset(); }
  const Hmac* get() const noexcept { return &*hmac_; }

 private:
  std::optional<Hmac> hmac_;
};

/// What a thread keeps, and for how long: as for AEADs.
struct Contexts {
  KeyContexts<Context<encrypting>> encrypt;
  KeyContexts<Context<decrypting>> decrypt;
  KeyContexts<MacContext> mac;
};

}  // namespace

CbcKeys::CbcKeys(CbcAlgorithm algorithm, Bytes mac_key, Bytes key) noexcept
    : mac_key_(mac_key), key_(key), id_(next_key_id()), algorithm_(algorithm) {}

CbcKeys::CbcKeys(CbcKeys&& other) noexcept
    : mac_key_(std::move(other.mac_key_)),
      key_(std::move(other.key_)),
      id_(std::exchange(other.id_, 0)),
      algorithm_(other.algorithm_) {}

CbcKeys::~CbcKeys() {
  Contexts* contexts = PerThread<Contexts>::existing();
  if (id_ == 0 || contexts == nullptr) return;
  contexts->encrypt.forget(id_);
  contexts->decrypt.forget(id_);
  contexts->mac.forget(id_);
}

bool CbcKeys::encrypt(const InitializationVector& iv, MutableBytes blocks) noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id_ == 0) return false;
  QuietErrors quiet;
  auto* context =
      contexts->encrypt.get(id_, [&](auto& fresh) { return fresh.set_key(algorithm_.cipher, key_.view()); });
  return context != nullptr && context->run(iv, blocks);
}

bool CbcKeys::decrypt(const InitializationVector& iv, MutableBytes blocks) noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id_ == 0) return false;
  QuietErrors quiet;
  auto* context =
      contexts->decrypt.get(id_, [&](auto& fresh) { return fresh.set_key(algorithm_.cipher, key_.view()); });
  return context != nullptr && context->run(iv, blocks);
}

const Hmac* CbcKeys::mac() noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id_ == 0) return nullptr;
  const MacContext* context = contexts->mac.get(id_, [&](MacContext& fresh) {
    fresh.set_key(algorithm_.mac, mac_key_.view());
    return true;
  });
  return context->get();
}

}  // namespace handfast::crypto
