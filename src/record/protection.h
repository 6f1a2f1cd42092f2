// Protected records, of TLS 1.3 (RFC 8446, section 5.2) and of TLS 1.2, with AEADs (RFC 5246, section 6.2.3.3) and
// block ciphers (CbcProtection), which TLS 1.1 and 1.0 have alone: one direction, one key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "base/output_buffer.h"
#include "crypto/aead.h"
#include "crypto/cipher_suite.h"
#include "record/cbc_protection.h"
#include "record/record.h"

namespace handfast::record {

/// What a protected record held.
struct Opened {
  ContentType type;
  Bytes content;
};

/// The key, IV and sequence number of one direction, for records as `suite` and its version lay them out.
/// `record_limit` is how many records it may protect.
class Protection {
 public:
  Protection(const crypto::SuiteParts& suite, crypto::Aead key, const crypto::Nonce& iv,
             std::uint64_t record_limit) noexcept;
  /// Of a suite without an AEAD; `version` is TLS 1.2 or below.
  Protection(std::unique_ptr<CbcProtection> cbc, ProtocolVersion version) noexcept
      : key_(std::move(cbc)), iv_{}, format_(Format::cbc), version_(version), record_limit_(UINT64_MAX) {}
  ~Protection() { base::wipe(iv_.data(), iv_.size()); }
  Protection(Protection&&) noexcept = default;
  Protection& operator=(Protection&&) noexcept = default;

  /// Appends one record with `content` (at most max_plaintext bytes) and `padding` zeros behind it, none unless
  /// `can_pad`. Fails with sequence_exhausted, internal_error.
  Result<void> seal(ContentType type, Bytes content, std::size_t padding, base::OutputBuffer& out);

  /// Decrypts a whole record (header and all) in place and takes the padding off. `limit` is the most that the
  /// plaintext may have, max_plaintext and inner_overhead at the utmost; type and padding, where they are inside, count
  /// as well (RFC 8449, section 4). Fails with bad_record_mac, record_overflow (plaintext_too_long), unexpected_message
  /// (no_content_type, bad_outer_content_type). A record that can't be decrypted leaves the sequence number as it was,
  /// so that a server can skip early data that it has no key for (RFC 8446, section 4.2.10).
  Result<Opened> open(MutableBytes record, std::size_t limit);

  /// What is encrypted beside content and padding: in TLS 1.3 the byte of the content type.
  std::size_t inner_overhead() const noexcept { return format_ == Format::tls1_3 ? 1 : 0; }
  /// How long a record without padding is, header and all.
  std::size_t record_size(std::size_t content_size) const noexcept;
  /// The longest fragment that a record may have: under a block cipher more than an AEAD takes (RFC 5246, section
  /// 6.2.3).
  std::size_t max_fragment() const noexcept { return format_ == Format::cbc ? max_cbc_ciphertext : max_ciphertext; }
  /// What stands in the header of its records.
  std::uint16_t legacy_version() const noexcept { return record_version(version_); }
  /// TLS 1.2's AEADs have no padding, and its block ciphers no more than they need.
  bool can_pad() const noexcept { return format_ == Format::tls1_3; }
  /// CbcProtection::has_known_ivs.
  bool has_known_ivs() const noexcept { return format_ == Format::cbc && cbc().has_known_ivs(); }

  /// Records protected (or opened) until now.
  std::uint64_t records() const noexcept { return sequence_; }
  /// The limit is near enough for a KeyUpdate.
  bool worn() const noexcept { return sequence_ >= record_limit_; }

 private:
  enum class Format : std::uint8_t { tls1_3, tls1_2_gcm, tls1_2_chacha20_poly1305, cbc };
  static Format format_of(const crypto::SuiteParts& suite) noexcept;

  crypto::Nonce nonce() const noexcept;
  /// How many bytes of the nonce stand in front of what is encrypted.
  std::size_t explicit_nonce_size() const noexcept { return format_ == Format::tls1_2_gcm ? 8 : 0; }
  PseudoHeader additional_data(Bytes record, std::size_t plaintext_size) const noexcept;
  bool encrypt(ContentType type, Bytes content, std::size_t padding, MutableBytes record) noexcept;
  /// What was encrypted, inside the record.
  std::optional<Bytes> decrypt(MutableBytes record) noexcept;

  crypto::Aead& aead() noexcept { return *std::get_if<crypto::Aead>(&key_); }
  CbcProtection& cbc() noexcept { return **std::get_if<std::unique_ptr<CbcProtection>>(&key_); }
  const CbcProtection& cbc() const noexcept { return **std::get_if<std::unique_ptr<CbcProtection>>(&key_); }

  std::variant<crypto::Aead, std::unique_ptr<CbcProtection>> key_;
  crypto::Nonce iv_;
  Format format_;
  ProtocolVersion version_;
  std::uint64_t sequence_ = 0;
  std::uint64_t record_limit_;
};

}  // namespace handfast::record
