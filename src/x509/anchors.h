// What TrustAnchors holds: certificates, found by subject.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <handfast/trust.h>

#include "crypto/signature.h"
#include "x509/certificate.h"

namespace handfast {

struct TrustAnchors::Store {
  struct Entry {
    std::uint64_t subject_hash;  ///< x509::hash_name
    x509::Certificate certificate;
    /// Its key, imported once for all that it verifies; nothing where it can't be.
    std::optional<crypto::VerifyingKey> key;
  };
  std::vector<Entry> entries;  ///< in the order of their hashes, none twice
  bool pinned = false;
  std::size_t passed_over = 0;

  /// Those whose subject may be that Name: hashes can collide.
  std::span<const Entry> find(Bytes subject) const noexcept;
  bool contains(const x509::Certificate& certificate) const noexcept;
};

}  // namespace handfast
