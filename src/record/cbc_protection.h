// Records of TLS 1.2 and below under a block cipher (RFC 5246, section 6.2.3.2; RFC 2246, section 6.2.3.2), by
// MAC-then-encrypt or encrypt-then-MAC (RFC 7366).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>
#include <handfast/random.h>

#include "base/random_supply.h"
#include "crypto/cbc.h"

namespace handfast::record {

/// seq_num, type, version and length of a record's content (RFC 5246, sections 6.2.3.1 and 6.2.3.3).
using PseudoHeader = std::array<std::uint8_t, 13>;

/// One direction, one pair of keys. A fragment is what stands behind a record's header: a random IV, then blocks of
/// content, MAC and padding, or under encrypt-then-MAC blocks of content and padding, then the MAC. In TLS 1.0 there is
/// no IV in it: the last block of the record before is.
class CbcProtection {
 public:
  /// `random` outlives it; IVs are drawn from it, unless there is the first of a chain of TLS 1.0.
  CbcProtection(crypto::CbcKeys keys, crypto::MacOrder order, Random& random,
                std::optional<crypto::InitializationVector> first_iv = {}) noexcept
      : keys_(std::move(keys)), ivs_(random), order_(order), next_iv_(first_iv) {}

  /// The length of the fragment with so many bytes of content: the least padding that there is room for.
  std::size_t fragment_size(std::size_t content_size) const noexcept;
  /// `fragment` is as long as that; `header` says the length of `content`. False if a primitive failed.
  [[nodiscard]] bool seal(PseudoHeader header, Bytes content, MutableBytes fragment) noexcept;

  /// Decrypts in place; gives the content inside `fragment`, or nothing for one that is not authentic. What is wrong
  /// with it is not told, nor does it take another time. The length in `header` is not looked at.
  std::optional<Bytes> open(PseudoHeader header, MutableBytes fragment) noexcept;

  /// Whoever sees a record knows the IV of the next one, and chooses content against it (BEAST).
  bool has_known_ivs() const noexcept { return next_iv_.has_value(); }

 private:
  std::size_t explicit_iv_size() const noexcept { return next_iv_ ? 0 : crypto::cipher_block_size; }
  crypto::InitializationVector make_iv() noexcept;
  bool encrypt(const crypto::InitializationVector& iv, MutableBytes blocks) noexcept;
  std::optional<Bytes> open_with_mac_inside(PseudoHeader header, MutableBytes fragment) noexcept;
  std::optional<Bytes> open_with_mac_behind(PseudoHeader header, MutableBytes fragment) noexcept;
  /// What stands behind the IV, in place.
  bool decrypt(MutableBytes fragment) noexcept;

  crypto::CbcKeys keys_;
  base::RandomSupply ivs_;
  crypto::MacOrder order_;
  std::optional<crypto::InitializationVector> next_iv_;  ///< of TLS 1.0
};

}  // namespace handfast::record
