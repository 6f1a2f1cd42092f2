// Strict DER (X.690, section 10): one way to write each value, and that way only.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::x509::der {

/// Identifier octets. Tag numbers past 30 occur nowhere in certificates and are refused.
enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object_identifier = 0x06,
  enumerated = 0x0a,
  utf8_string = 0x0c,
  numeric_string = 0x12,
  printable_string = 0x13,
  teletex_string = 0x14,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  visible_string = 0x1a,
  universal_string = 0x1c,
  bmp_string = 0x1e,
  sequence = 0x30,
  set = 0x31,
};
/// [number] with a primitive content, e.g. an IMPLICIT OCTET STRING.
constexpr Tag context(unsigned number) noexcept { return static_cast<Tag>(0x80 | number); }
/// [number] around other elements.
constexpr Tag context_constructed(unsigned number) noexcept { return static_cast<Tag>(0xa0 | number); }

/// One value; views of the input.
struct Element {
  Tag tag{};
  Bytes content;
  Bytes whole;  ///< identifier and length included
};

/// A cursor over the elements of one content. As base::Reader: a value that is not there or not DER marks the reader
/// as failed for good and leaves it empty, so a parser asks once, with `done`. It never recurses and never allocates;
/// a child (`enter`) is a reader of its own, failed from the start where its parent failed, and must be asked too.
class Reader {
 public:
  explicit Reader(Bytes bytes) noexcept : rest_(bytes) {}

  /// The next element, whatever it is; a zero tag and empty views where there is none.
  Element any() noexcept;
  /// The next element, which must have that tag.
  Element element(Tag tag) noexcept;
  /// Its content alone.
  Bytes take(Tag tag) noexcept { return element(tag).content; }
  Reader enter(Tag tag) noexcept;
  bool next_is(Tag tag) const noexcept { return !rest_.empty() && rest_[0] == static_cast<std::uint8_t>(tag); }

  /// 00 or FF (X.690, section 11.1).
  bool boolean(Tag tag = Tag::boolean) noexcept;
  /// Two's complement in the fewest octets, at least one.
  Bytes integer(Tag tag = Tag::integer) noexcept;
  /// A non-negative INTEGER below 2^32; a larger or negative one fails.
  std::uint32_t small_integer(Tag tag = Tag::integer) noexcept;
  /// A positive INTEGER of any length, without the leading zero octet (an RSA modulus).
  Bytes positive_integer() noexcept;
  /// A BIT STRING of whole octets: a key, a signature.
  Bytes octets_in_bit_string() noexcept;
  /// A NamedBitList: bit n of the list is bit n of the result, of the first 16. Zero bits at the end, which DER leaves
  /// out (X.690, section 11.2.2), are let pass: roots that every browser trusts have them.
  std::uint16_t named_bits(Tag tag = Tag::bit_string) noexcept;
  /// An OBJECT IDENTIFIER's content, with well-formed arcs.
  Bytes object_identifier() noexcept;
  /// UTCTime (1950 to 2049) or GeneralizedTime, in whole seconds and in UTC (RFC 5280, section 4.1.2.5), as seconds
  /// since 1970. A GeneralizedTime before 2050 is let pass: a root that every browser trusts has one.
  std::int64_t time() noexcept;
  /// The same, of GeneralizedTime alone.
  std::int64_t generalized_time() noexcept;

  Bytes peek() const noexcept { return rest_; }
  bool empty() const noexcept { return rest_.empty(); }
  bool ok() const noexcept { return ok_; }
  bool done() const noexcept { return ok_ && rest_.empty(); }
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace handfast::x509::der
