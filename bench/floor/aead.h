// Bare AES-GCM: two contexts with a prefetched cipher, which are keyed again and never made anew.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <openssl/evp.h>

#include <handfast/bytes.h>

#include "check.h"
#include "freed.h"

namespace handfast::bench {

/// Records that are opened were sealed once, under this key: keying a context with it costs what the derived key would.
inline constexpr std::array<std::uint8_t, 16> record_key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
inline constexpr std::array<std::uint8_t, 12> record_nonce{};

class AesGcm {
 public:
  static constexpr std::size_t tag_size = 16;

  explicit AesGcm(const char* cipher = "AES-128-GCM")
      : cipher_(EVP_CIPHER_fetch(nullptr, cipher, nullptr)),
        sealing_(EVP_CIPHER_CTX_new()),
        opening_(EVP_CIPHER_CTX_new()) {
    check(EVP_EncryptInit_ex2(sealing_.get(), cipher_.get(), nullptr, nullptr, nullptr) == 1 &&
              EVP_DecryptInit_ex2(opening_.get(), cipher_.get(), nullptr, nullptr, nullptr) == 1,
          "EVP_CipherInit_ex2");
  }

  void key_sealing(const std::uint8_t* key) {
    check(EVP_EncryptInit_ex2(sealing_.get(), nullptr, key, nullptr, nullptr) == 1, "EVP_EncryptInit_ex2");
  }
  void key_opening(const std::uint8_t* key) {
    check(EVP_DecryptInit_ex2(opening_.get(), nullptr, key, nullptr, nullptr) == 1, "EVP_DecryptInit_ex2");
  }

  /// `out` has room for the ciphertext and the tag.
  void seal(const std::uint8_t* nonce, Bytes associated_data, Bytes plaintext, std::uint8_t* out) {
    EVP_CIPHER_CTX* context = sealing_.get();
    int size = 0;
    check(EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
              EVP_EncryptUpdate(context, nullptr, &size, associated_data.data(), int_size(associated_data)) == 1 &&
              EVP_EncryptUpdate(context, out, &size, plaintext.data(), int_size(plaintext)) == 1 &&
              EVP_EncryptFinal_ex(context, out + plaintext.size(), &size) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out + plaintext.size()) == 1,
          "sealing");
  }

  /// In place: `sealed` is ciphertext and tag.
  void open(const std::uint8_t* nonce, Bytes associated_data, MutableBytes sealed) {
    EVP_CIPHER_CTX* context = opening_.get();
    const MutableBytes text = sealed.first(sealed.size() - tag_size);
    int size = 0;
    check(EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce, nullptr) == 1 &&
              EVP_DecryptUpdate(context, nullptr, &size, associated_data.data(), int_size(associated_data)) == 1 &&
              EVP_DecryptUpdate(context, text.data(), &size, text.data(), int_size(text)) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, sealed.data() + text.size()) == 1 &&
              EVP_DecryptFinal_ex(context, text.data(), &size) == 1,
          "opening");
  }

 private:
  static int int_size(Bytes bytes) noexcept { return static_cast<int>(bytes.size()); }

  std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER_free>> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> sealing_;
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> opening_;
};

}  // namespace handfast::bench
