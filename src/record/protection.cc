#include "record/protection.h"

#include <algorithm>
#include <array>

namespace handfast::record {

crypto::Nonce Protection::nonce() const noexcept {
  // Section 5.3: the sequence number, big-endian, padded to the left, XOR the IV.
  crypto::Nonce nonce = iv_;
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] = static_cast<std::uint8_t>(nonce[nonce.size() - 1 - i] ^ sequence_ >> (8 * i));
  return nonce;
}

Result<void> Protection::seal(ContentType type, Bytes content, std::size_t padding, base::OutputBuffer& out) {
  // A sequence number never wraps (section 5.3); a worn key is replaced long before, by KeyUpdate.
  if (sequence_ == UINT64_MAX) return fail(Alert::internal_error, Reason::sequence_exhausted);
  std::size_t sealed_size = content.size() + 1 + padding + crypto::aead_tag_size;
  MutableBytes record = out.append(header_size + sealed_size);
  write_header(record, ContentType::application_data, static_cast<std::uint16_t>(ProtocolVersion::tls1_2), sealed_size);
  // TLSInnerPlaintext is content, type, zeros: the common case has no padding and so a trailer of one byte.
  std::array<std::uint8_t, 1> type_byte{static_cast<std::uint8_t>(type)};
  Bytes trailer = type_byte;
  std::array<std::uint8_t, 1 + max_plaintext> padded_trailer;
  if (padding != 0) {
    padded_trailer[0] = type_byte[0];
    std::fill_n(padded_trailer.begin() + 1, padding, std::uint8_t{0});
    trailer = Bytes(padded_trailer).first(1 + padding);
  }
  if (!key_.seal(nonce(), record.first(header_size), content, trailer, record.subspan(header_size))) {
    out.shrink(record.size());
    return fail(Error(Alert::internal_error, Reason::internal_error).with("operation", "AEAD seal"));
  }
  ++sequence_;
  return {};
}

Result<Opened> Protection::open(MutableBytes record, std::size_t inner_limit) {
  MutableBytes sealed = record.subspan(header_size);
  if (sequence_ == UINT64_MAX || !key_.open(nonce(), record.first(header_size), sealed))
    return fail(Alert::bad_record_mac, Reason::bad_record_mac);
  ++sequence_;
  Bytes inner = sealed.first(sealed.size() - crypto::aead_tag_size);
  if (inner.size() > inner_limit)
    return fail(Error(Alert::record_overflow, Reason::plaintext_too_long)
                    .with("length", static_cast<std::int64_t>(inner.size()))
                    .with("limit", static_cast<std::int64_t>(inner_limit)));
  // The content type is the last byte that is not zero (section 5.4).
  std::size_t size = inner.size();
  while (size > 0 && inner[size - 1] == 0) --size;
  if (size == 0) return fail(Alert::unexpected_message, Reason::no_content_type);
  return Opened{ContentType{inner[size - 1]}, inner.first(size - 1)};
}

}  // namespace handfast::record
