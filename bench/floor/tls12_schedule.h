// What both sides of TLS 1.2 derive, and the record of a Finished (RFC 5246, sections 6.2.3.3, 6.3, 7.4.9 and 8.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <openssl/crypto.h>

#include <handfast/bytes.h>

#include "base/copy.h"
#include "check.h"
#include "floor/aead.h"
#include "floor/sha256.h"
#include "messages.h"

namespace handfast::bench {

/// The client's random, then the server's.
using Randoms12 = std::array<std::uint8_t, 64>;

inline Randoms12 randoms_of(const Messages& messages) noexcept {
  constexpr std::size_t before = 4 + 2;  // header and version
  Randoms12 randoms;
  base::copy(Bytes(messages.server_hello).subspan(before, 32),
             base::copy(Bytes(messages.client_hello).subspan(before, 32), randoms));
  return randoms;
}

/// HMAC keyed with the master secret, extended (RFC 7627).
inline HmacSha256 derive_master_secret(const Block32& shared_secret, const Block32& session_hash) noexcept {
  std::array<std::uint8_t, 48> master_secret;
  prf(HmacSha256(shared_secret), "extended master secret", session_hash, master_secret);
  return HmacSha256(master_secret);
}

/// What comes of a master secret; the key block is derived at once.
class Tls12Schedule {
 public:
  using VerifyData = std::array<std::uint8_t, 12>;

  Tls12Schedule(const HmacSha256& master_secret, const Randoms12& randoms) noexcept : master_secret_(master_secret) {
    std::array<std::uint8_t, 64> seed;  // the server's random comes first
    base::copy(Bytes(randoms).first(32), base::copy(Bytes(randoms).last(32), seed));
    std::array<std::uint8_t, 2 * (16 + 4)> key_block;
    prf(master_secret_, "key expansion", seed, key_block);
  }
  VerifyData finished(std::string_view label, const Block32& transcript) const noexcept {
    VerifyData data;
    prf(master_secret_, label, transcript, data);
    return data;
  }

 private:
  HmacSha256 master_secret_;
};

/// AES-GCM in both directions, and the one record of each: a Finished.
class Tls12Records {
 public:
  /// Seals what will be opened.
  explicit Tls12Records(const Messages& messages) {
    check(messages.client_finished.size() == finished_size && messages.server_finished.size() == finished_size,
          "a Finished of TLS 1.2");
    aead_.key_sealing(record_key.data());
    aead_.seal(record_nonce.data(), additional_data, messages.client_finished, sealed_.data());
  }
  void set_sending_key() { aead_.key_sealing(record_key.data()); }
  void set_receiving_key() { aead_.key_opening(record_key.data()); }

  void seal_finished(Bytes finished) { aead_.seal(record_nonce.data(), additional_data, finished, scratch_.data()); }
  /// Opens what the peer has sealed and looks at its verify_data.
  void open_finished(Bytes expected) {
    base::copy(sealed_, scratch_);
    aead_.open(record_nonce.data(), additional_data, scratch_);
    CRYPTO_memcmp(expected.data(), scratch_.data() + header_size, expected.size());
  }

 private:
  static constexpr std::size_t header_size = 4;  // of a handshake message
  static constexpr std::size_t finished_size = header_size + 12;
  /// seq_num, type, version, length.
  static constexpr std::array<std::uint8_t, 13> additional_data{0, 0, 0, 0, 0, 0, 0, 0, 22, 3, 3, 0, finished_size};
  using Sealed = std::array<std::uint8_t, finished_size + AesGcm::tag_size>;

  AesGcm aead_;
  Sealed sealed_;  ///< as a record's content, under `record_key`
  Sealed scratch_;
};

}  // namespace handfast::bench
