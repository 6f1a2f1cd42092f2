#include "x509/der_writer.h"

#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace handfast::x509::der {

void Writer::insert_header(Tag tag, std::size_t start) {
  std::size_t length = out_.size() - start;
  std::array<std::uint8_t, 2 + sizeof length> header{static_cast<std::uint8_t>(tag)};
  std::size_t size = 2;
  if (length < 0x80) {
    header[1] = static_cast<std::uint8_t>(length);
  } else {
    std::size_t octets = (static_cast<std::size_t>(std::bit_width(length)) + 7) / 8;
    header[1] = static_cast<std::uint8_t>(0x80 | octets);
    for (std::size_t left = octets; left-- > 0;) header[size++] = static_cast<std::uint8_t>(length >> 8 * left);
  }
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), header.begin(),
              header.begin() + static_cast<std::ptrdiff_t>(size));
}

void Writer::boolean(bool value) {
  std::uint8_t octet = value ? 0xff : 0x00;
  element(Tag::boolean, {&octet, 1});
}

void Writer::integer(std::uint32_t value) {
  within(Tag::integer, [&] {
    // One bit more than the number has, for the sign.
    for (int left = std::bit_width(value) / 8; left >= 0; --left)
      out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * left));
  });
}

void Writer::bit_string(Bytes octets) {
  within(Tag::bit_string, [&] {
    out_.push_back(0);
    raw(octets);
  });
}

void Writer::named_bits(std::uint16_t bits) {
  int count = std::bit_width(bits);
  within(Tag::bit_string, [&] {
    out_.push_back(static_cast<std::uint8_t>((8 - count % 8) % 8));
    for (int start = 0; start < count; start += 8) {
      unsigned octet = 0;
      for (int bit = 0; bit < 8; ++bit) octet = octet << 1 | (bits >> (start + bit) & 1u);
      out_.push_back(static_cast<std::uint8_t>(octet));
    }
  });
}

namespace {

/// "19500101000000", or empty for a time before 1950 or after 9999.
std::string digits(std::int64_t seconds) {
  using namespace std::chrono;
  constexpr std::int64_t earliest = sys_seconds(sys_days(1950y / 1 / 1)).time_since_epoch().count();
  constexpr std::int64_t end = sys_seconds(sys_days(year(10000) / 1 / 1)).time_since_epoch().count();
  if (seconds < earliest || seconds >= end) return {};
  sys_seconds time{std::chrono::seconds(seconds)};
  sys_days day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(time - day);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace

bool Writer::time(std::int64_t seconds) {
  std::string text = digits(seconds);
  if (text >= "2050") return generalized_time(seconds);
  if (text.empty()) return false;
  this->text(Tag::utc_time, text.substr(2) + "Z");
  return true;
}

bool Writer::generalized_time(std::int64_t seconds) {
  std::string text = digits(seconds);
  if (text.empty()) return false;
  this->text(Tag::generalized_time, text + "Z");
  return true;
}

namespace {

/// The number at the start of `text`, up to the next dot, which is taken with it.
std::optional<std::uint64_t> take_arc(std::string_view& text) {
  std::uint64_t arc = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), arc);
  if (error != std::errc()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty()) return arc;
  if (text.front() != '.' || text.size() == 1) return {};
  text.remove_prefix(1);
  return arc;
}

}  // namespace

bool Writer::object_identifier(std::string_view dotted) {
  std::optional<std::uint64_t> first = take_arc(dotted);
  std::optional<std::uint64_t> second = dotted.empty() ? std::nullopt : take_arc(dotted);
  if (!first || !second || *first > 2 || (*first < 2 && *second > 39) || *second > 0xffffffff) return false;
  Buffer content;
  auto append = [&content](std::uint64_t arc) {
    int groups = arc == 0 ? 1 : static_cast<int>((std::bit_width(arc) + 6) / 7);
    while (groups-- > 0)
      content.push_back(static_cast<std::uint8_t>((arc >> 7 * groups & 0x7f) | (groups > 0 ? 0x80 : 0)));
  };
  append(*first * 40 + *second);
  while (!dotted.empty()) {
    std::optional<std::uint64_t> arc = take_arc(dotted);
    if (!arc) return false;
    append(*arc);
  }
  element(Tag::object_identifier, content);
  return true;
}

}  // namespace handfast::x509::der
