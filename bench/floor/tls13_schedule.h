// The key schedule of TLS 1.3 (RFC 8446, section 7.1); secrets that do not depend on the handshake were computed
// before.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>

#include "floor/sha256.h"

namespace handfast::bench {

inline std::array<std::uint8_t, 5> record_header13(std::size_t length) noexcept {
  return {23, 3, 3, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
}

inline const Block32& empty_hash() noexcept {
  static const Block32 empty = Sha256().digest();
  return empty;
}

/// The early secret of a PSK, and what is derived from it: the binder, and the salt of the next stage.
class Tls13EarlySecret {
 public:
  explicit Tls13EarlySecret(const Block32& psk) noexcept : hmac_(zeros().code(psk)) {}
  Block32 binder(const Block32& hello_hash) const noexcept {
    const HmacSha256 binder_key(expand_label(hmac_, "res binder", empty_hash()));
    return HmacSha256(expand_label(binder_key, "finished", {})).code(hello_hash);
  }
  HmacSha256 salt() const noexcept { return HmacSha256(expand_label(hmac_, "derived", empty_hash())); }

  /// The salt without a PSK: always the same.
  static const HmacSha256& salt_without_psk() noexcept {
    static const HmacSha256 salt = Tls13EarlySecret(Block32{}).salt();
    return salt;
  }

 private:
  static const HmacSha256& zeros() noexcept {
    static const HmacSha256 zeros(Block32{});
    return zeros;
  }
  HmacSha256 hmac_;
};

/// The key schedule behind the key exchange, with every secret and key that both sides need.
class Tls13Schedule {
 public:
  Tls13Schedule(const HmacSha256& salt, const Block32& shared_secret, const Block32& transcript) noexcept
      : handshake_secret_(salt.code(shared_secret)),
        client_(expand_label(handshake_secret_, "c hs traffic", transcript)),
        server_(expand_label(handshake_secret_, "s hs traffic", transcript)) {
    make_keys(client_);
    make_keys(server_);
  }
  /// Finished (RFC 8446, section 4.4.4).
  Block32 client_finished(const Block32& transcript) const noexcept { return finished(client_, transcript); }
  Block32 server_finished(const Block32& transcript) const noexcept { return finished(server_, transcript); }
  /// The application's secrets and keys, and the exporter's secret.
  void application(const Block32& transcript) noexcept {
    const HmacSha256 salt(expand_label(handshake_secret_, "derived", empty_hash()));
    master_secret_.emplace(salt.code(Block32{}));
    make_keys(HmacSha256(expand_label(*master_secret_, "c ap traffic", transcript)));
    make_keys(HmacSha256(expand_label(*master_secret_, "s ap traffic", transcript)));
    keep(expand_label(*master_secret_, "exp master", transcript));
  }
  /// After `application`: the PSK of one ticket (section 4.6.1).
  void resumption(const Block32& transcript) const noexcept {
    constexpr std::array<std::uint8_t, 1> nonce{0};
    const HmacSha256 secret(expand_label(*master_secret_, "res master", transcript));
    keep(expand_label(secret, "resumption", nonce));
  }

 private:
  static Block32 finished(const HmacSha256& secret, const Block32& transcript) noexcept {
    return HmacSha256(expand_label(secret, "finished", {})).code(transcript);
  }
  static void make_keys(const HmacSha256& secret) noexcept {
    keep(expand_label(secret, "key", {}, 16));
    keep(expand_label(secret, "iv", {}, 12));
  }
  /// So that no compiler drops the computation.
  static void keep(const Block32& block) noexcept { __asm__ __volatile__("" : : "r"(&block) : "memory"); }

  HmacSha256 handshake_secret_;
  HmacSha256 client_;
  HmacSha256 server_;
  std::optional<HmacSha256> master_secret_;
};

}  // namespace handfast::bench
