#include "x509/der.h"

#include <bit>

namespace handfast::x509::der {

Element Reader::any() noexcept {
  Element element;
  // Two octets at least; tag numbers past 30 have all five low bits set, and 0 is BER's end-of-contents.
  if (rest_.size() < 2 || rest_[0] == 0 || (rest_[0] & 0x1f) == 0x1f) {
    fail();
    return element;
  }
  std::size_t length = rest_[1];
  std::size_t header = 2;
  if (length >= 0x80) {
    std::size_t octets = length & 0x7f;
    if (octets == 0 || octets > 4 || rest_.size() < 2 + octets || rest_[2] == 0) {
      fail();
      return element;
    }
    length = 0;
    for (std::uint8_t octet : rest_.subspan(2, octets)) length = length << 8 | octet;
    if (length < 0x80) {
      fail();
      return element;
    }
    header += octets;
  }
  if (length > rest_.size() - header) {
    fail();
    return element;
  }
  element.tag = static_cast<Tag>(rest_[0]);
  element.whole = rest_.first(header + length);
  element.content = element.whole.subspan(header);
  rest_ = rest_.subspan(header + length);
  return element;
}

Element Reader::element(Tag tag) noexcept {
  if (!next_is(tag)) {
    fail();
    return {};
  }
  return any();
}

Reader Reader::enter(Tag tag) noexcept {
  Reader child(take(tag));
  if (!ok_) child.fail();
  return child;
}

bool Reader::boolean(Tag tag) noexcept {
  Bytes content = take(tag);
  if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) {
    fail();
    return false;
  }
  return content[0] == 0xff;
}

Bytes Reader::integer(Tag tag) noexcept {
  Bytes content = take(tag);
  bool padded =
      content.size() > 1 && ((content[0] == 0x00 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80));
  if (content.empty() || padded) {
    fail();
    return {};
  }
  return content;
}

std::uint32_t Reader::small_integer(Tag tag) noexcept {
  Bytes content = integer(tag);
  if (!content.empty() && content[0] >= 0x80) fail();
  if (content.size() > 1 && content[0] == 0) content = content.subspan(1);
  if (content.size() > 4) fail();
  if (!ok_) return 0;
  std::uint32_t value = 0;
  for (std::uint8_t octet : content) value = value << 8 | octet;
  return value;
}

Bytes Reader::positive_integer() noexcept {
  Bytes content = integer();
  if (content.empty()) return {};
  if (content[0] >= 0x80 || (content.size() == 1 && content[0] == 0)) {
    fail();
    return {};
  }
  return content[0] == 0 ? content.subspan(1) : content;
}

Bytes Reader::octets_in_bit_string() noexcept {
  Bytes content = take(Tag::bit_string);
  if (content.empty() || content[0] != 0) {
    fail();
    return {};
  }
  return content.subspan(1);
}

std::uint16_t Reader::named_bits(Tag tag) noexcept {
  Bytes content = take(tag);
  if (content.empty() || content[0] > 7) {
    fail();
    return 0;
  }
  unsigned unused = content[0];
  Bytes bits = content.subspan(1);
  bool padded = bits.empty() ? unused == 0 : static_cast<unsigned>(std::countr_zero(bits.back())) >= unused;
  if (!padded) {
    fail();
    return 0;
  }
  unsigned value = 0;
  for (std::size_t bit = 0; bit < 16 && bit / 8 < bits.size(); ++bit)
    if (bits[bit / 8] & (0x80 >> bit % 8)) value |= 1u << bit;
  return static_cast<std::uint16_t>(value);
}

Bytes Reader::object_identifier() noexcept {
  Bytes content = take(Tag::object_identifier);
  bool first_of_arc = true;
  for (std::uint8_t octet : content) {
    if (first_of_arc && octet == 0x80) fail();  // an arc with a leading zero
    first_of_arc = octet < 0x80;
  }
  if (content.empty() || !first_of_arc) fail();
  return ok_ ? content : Bytes{};
}

namespace {

/// Days from 1970-01-01 in the proleptic Gregorian calendar, with years that begin in March.
constexpr std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) noexcept {
  if (month <= 2) --year;
  std::int64_t era = year / 400;
  std::int64_t year_of_era = year - era * 400;
  std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
static_assert(days_since_1970(1970, 1, 1) == 0);
static_assert(days_since_1970(2000, 3, 1) == 11017);

constexpr int days_in_month(int year, int month) noexcept {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

std::int64_t Reader::time() noexcept {
  bool generalized = next_is(Tag::generalized_time);
  Bytes text = take(generalized ? Tag::generalized_time : Tag::utc_time);
  std::size_t year_digits = generalized ? 4 : 2;
  if (text.size() != year_digits + 11 || text.back() != 'Z') {
    fail();
    return 0;
  }
  for (std::uint8_t character : text.first(text.size() - 1))
    if (character < '0' || character > '9') fail();
  if (!ok_) return 0;

  auto two_digits = [&text](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  int year = generalized ? two_digits(0) * 100 + two_digits(2) : two_digits(0) + (two_digits(0) < 50 ? 2000 : 1900);
  int month = two_digits(year_digits);
  int day = two_digits(year_digits + 2);
  int hour = two_digits(year_digits + 4);
  int minute = two_digits(year_digits + 6);
  int second = two_digits(year_digits + 8);
  bool real = month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month) && hour < 24 && minute < 60 &&
              second < 60;
  if (!real) {
    fail();
    return 0;
  }
  return days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

std::int64_t Reader::generalized_time() noexcept {
  if (!next_is(Tag::generalized_time)) fail();
  return time();
}

}  // namespace handfast::x509::der
