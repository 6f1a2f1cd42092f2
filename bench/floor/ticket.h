// The bare sealing of a ticket: AES-256-GCM, keyed anew for each (session/ticket.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

#include "base/copy.h"
#include "floor/aead.h"

namespace handfast::bench {

class TicketSealing {
 public:
  /// For tickets of that size, all in all.
  explicit TicketSealing(std::size_t ticket)
      : aead_("AES-256-GCM"),
        session_(ticket - header_size - AesGcm::tag_size),
        sealed_(ticket - header_size),
        scratch_(sealed_.size()) {
    aead_.key_sealing(key.data());
    aead_.seal(record_nonce.data(), associated_data, session_, sealed_.data());
  }
  void seal() {
    aead_.key_sealing(key.data());
    aead_.seal(record_nonce.data(), associated_data, session_, scratch_.data());
  }
  void open() {
    base::copy(sealed_, scratch_);
    aead_.key_opening(key.data());
    aead_.open(record_nonce.data(), associated_data, scratch_);
  }

 private:
  static constexpr std::size_t header_size = 16 + 32;  // the key's name, and the salt
  static constexpr std::array<std::uint8_t, header_size + 32> associated_data{};
  static constexpr std::array<std::uint8_t, 32> key{1, 2, 3, 4, 5, 6, 7, 8};

  AesGcm aead_;
  Buffer session_;
  Buffer sealed_;
  Buffer scratch_;
};

}  // namespace handfast::bench
