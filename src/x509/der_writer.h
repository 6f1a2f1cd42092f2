// Writes DER.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <handfast/bytes.h>

#include "x509/der.h"

namespace handfast::x509::der {

/// Appends elements. The buffer must outlive the writer. What is written is DER as long as the contents are.
class Writer {
 public:
  explicit Writer(Buffer& out) noexcept : out_(out) {}

  /// An element around what `content` writes: `w.within(Tag::sequence, [&] { w.integer(1); });`
  template <typename Content>
  void within(Tag tag, Content&& content) {
    std::size_t start = out_.size();
    content();
    insert_header(tag, start);
  }
  void element(Tag tag, Bytes content) {
    within(tag, [&] { raw(content); });
  }
  /// An element that is DER already.
  void raw(Bytes der) {
    for (std::uint8_t octet : der) out_.push_back(octet);  // insert, inlined here, makes g++ 12 warn without cause
  }

  void boolean(bool value);
  void integer(std::uint32_t value);
  void enumerated(std::uint8_t value) { element(Tag::enumerated, {&value, 1}); }  ///< below 128
  void null() { element(Tag::null, {}); }
  /// A BIT STRING of whole octets.
  void bit_string(Bytes octets);
  /// A NamedBitList: bit n of `bits` is bit n of the list.
  void named_bits(std::uint16_t bits);
  void text(Tag tag, std::string_view characters) { element(tag, as_bytes(characters)); }
  /// Seconds since 1970, as UTCTime up to 2049 and as GeneralizedTime from then on (RFC 5280, section 4.1.2.5). False,
  /// with nothing written, for a time before 1950 or after 9999.
  [[nodiscard]] bool time(std::int64_t seconds);
  /// The same, as GeneralizedTime whatever the year (RFC 6960, section 4.2.2.1).
  [[nodiscard]] bool generalized_time(std::int64_t seconds);
  /// An OBJECT IDENTIFIER by its content (x509/oid.h).
  void object_identifier(Bytes content) { element(Tag::object_identifier, content); }
  /// An OBJECT IDENTIFIER from "1.2.840". False, with nothing written, for a text that is none.
  [[nodiscard]] bool object_identifier(std::string_view dotted);

 private:
  void insert_header(Tag tag, std::size_t start);
  Buffer& out_;
};

}  // namespace handfast::x509::der
