// Protected records (RFC 8446, section 5.2): one direction, one key.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/output_buffer.h"
#include "crypto/aead.h"
#include "record/record.h"

namespace handfast::record {

/// What a protected record held.
struct Opened {
  ContentType type;
  Bytes content;
};

/// The key, IV and sequence number of one direction. `record_limit` is how many records it may protect.
class Protection {
 public:
  Protection(crypto::Aead key, const crypto::Nonce& iv, std::uint64_t record_limit) noexcept
      : key_(std::move(key)), iv_(iv), record_limit_(record_limit) {}

  ~Protection() { base::wipe(iv_.data(), iv_.size()); }
  Protection(Protection&&) noexcept = default;
  Protection& operator=(Protection&&) noexcept = default;

  /// Appends one record with `content` (at most max_plaintext bytes) and `padding` zeros behind it. Fails with
  /// sequence_exhausted, internal_error.
  Result<void> seal(ContentType type, Bytes content, std::size_t padding, base::OutputBuffer& out);

  /// Decrypts a whole record (header and all) in place and takes the padding off. `inner_limit` is the most that
  /// content, type and padding may have together. Fails with bad_record_mac, record_overflow (plaintext_too_long),
  /// unexpected_message (no_content_type). A failure leaves the sequence number as it was, so that a server can skip
  /// early data that it has no key for (section 4.2.10).
  Result<Opened> open(MutableBytes record, std::size_t inner_limit);

  /// Records protected (or opened) until now.
  std::uint64_t records() const noexcept { return sequence_; }
  /// The limit is near enough for a KeyUpdate.
  bool worn() const noexcept { return sequence_ >= record_limit_; }

 private:
  crypto::Nonce nonce() const noexcept;

  crypto::Aead key_;
  crypto::Nonce iv_;
  std::uint64_t sequence_ = 0;
  std::uint64_t record_limit_;
};

}  // namespace handfast::record
