// AEADs on OpenSSL: ciphers fetched once, contexts of the thread.
#include "crypto/aead.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <climits>
#include <memory>
#include <utility>

#include "crypto/key_contexts.h"
#include "crypto/libcrypto/handles.h"

namespace handfast::crypto {

namespace {

EVP_CIPHER* cipher_of(AeadAlgorithm algorithm) noexcept {
  static const std::array<EVP_CIPHER*, 3> ciphers = {
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr),
      EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr),
  };
  return ciphers[std::to_underlying(algorithm)];
}

enum Direction : int { decrypt = 0, encrypt = 1 };

/// A context of one direction. A new key of the same cipher costs less than a new context.
template <Direction direction>
class Context {
 public:
  bool set_key(AeadAlgorithm algorithm, Bytes key) noexcept {
    if (!context_) context_.reset(EVP_CIPHER_CTX_new());
    if (!context_) return false;
    EVP_CIPHER* cipher = has_cipher_ && algorithm == algorithm_ ? nullptr : cipher_of(algorithm);
    has_cipher_ = EVP_CipherInit_ex2(context_.get(), cipher, key.data(), nullptr, direction, nullptr) == 1;
    algorithm_ = algorithm;
    return has_cipher_;
  }
  void wipe() noexcept {
    EVP_CIPHER_CTX_reset(context_.get());  // cleanses the key schedule
    has_cipher_ = false;
  }
  bool set_nonce(const Nonce& nonce, const OSSL_PARAM* parameters) noexcept {
    return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), direction, parameters) == 1;
  }
  /// `out` is nullptr for associated data; otherwise it is moved to behind what was written.
  bool update(std::uint8_t*& out, Bytes in) noexcept {
    int written = 0;
    if (in.empty()) return true;
    if (in.size() > INT_MAX) return false;
    if (EVP_CipherUpdate(context_.get(), out, &written, in.data(), static_cast<int>(in.size())) != 1) return false;
    if (out != nullptr) out += written;
    return true;
  }
  bool authenticate(Bytes associated_data) noexcept {
    std::uint8_t* none = nullptr;
    return update(none, associated_data);
  }
  bool finish(std::uint8_t* end) noexcept {
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), end, &written) == 1;
  }
  bool get_tag(std::uint8_t* tag) noexcept {
    std::array<OSSL_PARAM, 2> parameters = tag_parameter(tag);
    return EVP_CIPHER_CTX_get_params(context_.get(), parameters.data()) == 1;
  }
  static std::array<OSSL_PARAM, 2> tag_parameter(std::uint8_t* tag) noexcept {
    return {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, aead_tag_size),
            OSSL_PARAM_construct_end()};
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context_;
  AeadAlgorithm algorithm_{};
  bool has_cipher_ = false;
};

/// What a thread keeps. A context goes with its thread, or with its key when that thread destroys it; on any other
/// thread that has used the key its schedule stays until the slot is keyed anew or the thread ends.
struct Contexts {
  KeyContexts<Context<encrypt>> sealing;
  KeyContexts<Context<decrypt>> opening;
};

}  // namespace

void forget_key(std::uint64_t id) noexcept {
  if (Contexts* contexts = PerThread<Contexts>::existing()) {
    contexts->sealing.forget(id);
    contexts->opening.forget(id);
  }
}

bool Aead::seal(const Nonce& nonce, Bytes associated_data, Bytes first, Bytes second, MutableBytes out) noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id_ == 0) return false;
  QuietErrors quiet;
  auto set_key = [&](Context<encrypt>& context) { return context.set_key(algorithm_, key_.view()); };
  Context<encrypt>* context = contexts->sealing.get(id_, set_key);
  std::uint8_t* end = out.data();
  return context != nullptr && context->set_nonce(nonce, nullptr) && context->authenticate(associated_data) &&
         context->update(end, first) && context->update(end, second) && context->finish(end) && context->get_tag(end);
}

bool Aead::open(const Nonce& nonce, Bytes associated_data, MutableBytes sealed) noexcept {
  Contexts* contexts = PerThread<Contexts>::get();
  if (contexts == nullptr || id_ == 0 || sealed.size() < aead_tag_size) return false;
  QuietErrors quiet;
  auto set_key = [&](Context<decrypt>& context) { return context.set_key(algorithm_, key_.view()); };
  Context<decrypt>* context = contexts->opening.get(id_, set_key);
  MutableBytes text = sealed.first(sealed.size() - aead_tag_size);
  std::array<OSSL_PARAM, 2> tag = Context<decrypt>::tag_parameter(sealed.data() + text.size());
  std::uint8_t* end = sealed.data();
  return context != nullptr && context->set_nonce(nonce, tag.data()) && context->authenticate(associated_data) &&
         context->update(end, text) && context->finish(end);
}

}  // namespace handfast::crypto
