#include "record/protection.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>

#include "base/copy.h"

namespace handfast::record {
namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t number) noexcept {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return std::bit_cast<std::array<std::uint8_t, 8>>(number);
}

}  // namespace

Protection::Protection(const crypto::SuiteParts& suite, crypto::Aead key, const crypto::Nonce& iv,
                       std::uint64_t record_limit) noexcept
    : key_(std::move(key)), iv_(iv), format_(format_of(suite)), version_(suite.version), record_limit_(record_limit) {}

Protection::Format Protection::format_of(const crypto::SuiteParts& suite) noexcept {
  if (suite.version == ProtocolVersion::tls1_3) return Format::tls1_3;
  return suite.aead() == crypto::AeadAlgorithm::chacha20_poly1305 ? Format::tls1_2_chacha20_poly1305
                                                                  : Format::tls1_2_gcm;
}

crypto::Nonce Protection::nonce() const noexcept {
  // RFC 8446, section 5.3, and RFC 7905, section 2: the sequence number, big-endian, padded to the left, XOR the IV.
  // For TLS 1.2's AES-GCM the IV is a salt and zeros: this gives the salt and the sequence number as the explicit part,
  // which never repeats (RFC 5288, section 3).
  crypto::Nonce nonce = iv_;
  const std::array<std::uint8_t, 8> number = big_endian(sequence_);
  for (std::size_t i = 0; i < number.size(); ++i) nonce[4 + i] = static_cast<std::uint8_t>(nonce[4 + i] ^ number[i]);
  return nonce;
}

/// Of TLS 1.2 (RFC 5246, section 6.2.3.3): seq_num, type, version, length. Type and version are those of the record.
PseudoHeader Protection::additional_data(Bytes record, std::size_t plaintext_size) const noexcept {
  PseudoHeader data;
  base::copy(record.first(3), base::copy(big_endian(sequence_), data));
  data[11] = static_cast<std::uint8_t>(plaintext_size >> 8);
  data[12] = static_cast<std::uint8_t>(plaintext_size);
  return data;
}

std::size_t Protection::record_size(std::size_t content_size) const noexcept {
  if (format_ == Format::cbc) [[unlikely]]
    return header_size + cbc().fragment_size(content_size);
  return header_size + explicit_nonce_size() + content_size + inner_overhead() + crypto::aead_tag_size;
}

Result<void> Protection::seal(ContentType type, Bytes content, std::size_t padding, base::OutputBuffer& out) {
  assert(padding == 0 || can_pad());
  // A sequence number never wraps (RFC 8446, section 5.3; RFC 5246, section 6.1). In TLS 1.3 a worn key is replaced
  // long before, by KeyUpdate.
  if (sequence_ == UINT64_MAX) return fail(Alert::internal_error, Reason::sequence_exhausted);
  const std::size_t size = record_size(content.size()) + padding;
  MutableBytes record = out.append(size);
  const ContentType outer_type = format_ == Format::tls1_3 ? ContentType::application_data : type;
  write_header(record, outer_type, legacy_version(), size - header_size);
  if (!encrypt(type, content, padding, record)) {
    out.shrink(size);
    return fail(Error(Alert::internal_error, Reason::internal_error).with("operation", "AEAD seal"));
  }
  ++sequence_;
  return {};
}

bool Protection::encrypt(ContentType type, Bytes content, std::size_t padding, MutableBytes record) noexcept {
  MutableBytes sealed = record.subspan(header_size);
  if (format_ == Format::cbc) [[unlikely]]
    return cbc().seal(additional_data(record, content.size()), content, sealed);
  const crypto::Nonce nonce = this->nonce();
  if (format_ != Format::tls1_3) {
    sealed = base::copy(Bytes(nonce).last(explicit_nonce_size()), sealed);
    return aead().seal(nonce, additional_data(record, content.size()), content, {}, sealed);
  }
  // TLSInnerPlaintext is content, type, zeros: the common case has no padding and so a trailer of one byte.
  std::array<std::uint8_t, 1> type_byte{static_cast<std::uint8_t>(type)};
  Bytes trailer = type_byte;
  std::array<std::uint8_t, 1 + max_plaintext> padded_trailer;
  if (padding != 0) {
    padded_trailer[0] = type_byte[0];
    std::fill_n(padded_trailer.begin() + 1, padding, std::uint8_t{0});
    trailer = Bytes(padded_trailer).first(1 + padding);
  }
  return aead().seal(nonce, record.first(header_size), content, trailer, sealed);
}

Result<Opened> Protection::open(MutableBytes record, std::size_t limit) {
  const std::optional<Bytes> decrypted = sequence_ == UINT64_MAX ? std::nullopt : decrypt(record);
  if (!decrypted) return fail(Alert::bad_record_mac, Reason::bad_record_mac);
  ++sequence_;
  const Bytes inner = *decrypted;
  limit = std::min(limit, max_plaintext + inner_overhead());
  if (inner.size() > limit)
    return fail(Error(Alert::record_overflow, Reason::plaintext_too_long)
                    .with("length", static_cast<std::int64_t>(inner.size()))
                    .with("limit", static_cast<std::int64_t>(limit)));
  const ContentType outer_type{record[0]};
  if (format_ != Format::tls1_3) return Opened{outer_type, inner};
  if (outer_type != ContentType::application_data)
    return fail(
        Error(Alert::unexpected_message, Reason::bad_outer_content_type).with("content_type", name(outer_type)));
  // The content type is the last byte that is not zero (RFC 8446, section 5.4).
  std::size_t size = inner.size();
  while (size > 0 && inner[size - 1] == 0) --size;
  if (size == 0) return fail(Alert::unexpected_message, Reason::no_content_type);
  return Opened{ContentType{inner[size - 1]}, inner.first(size - 1)};
}

std::optional<Bytes> Protection::decrypt(MutableBytes record) noexcept {
  MutableBytes sealed = record.subspan(header_size);
  if (format_ == Format::cbc) [[unlikely]]
    return cbc().open(additional_data(record, 0), sealed);
  const std::size_t explicit_size = explicit_nonce_size();
  if (sealed.size() < explicit_size + crypto::aead_tag_size) return std::nullopt;
  crypto::Nonce nonce = this->nonce();
  sealed = sealed.subspan(explicit_size);
  const Bytes plaintext = sealed.first(sealed.size() - crypto::aead_tag_size);
  bool opened;
  if (format_ == Format::tls1_3) {
    opened = aead().open(nonce, record.first(header_size), sealed);
  } else {
    base::copy(record.subspan(header_size, explicit_size), MutableBytes(nonce).last(explicit_size));
    opened = aead().open(nonce, additional_data(record, plaintext.size()), sealed);
  }
  return opened ? std::optional(plaintext) : std::nullopt;
}

}  // namespace handfast::record
