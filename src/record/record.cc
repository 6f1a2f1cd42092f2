#include "record/record.h"

#include <algorithm>
#include <string_view>

#include "base/copy.h"
#include "base/reader.h"

namespace handfast::record {

Header parse_header(Bytes input) noexcept {
  base::Reader reader(input.first(header_size));
  ContentType type{reader.u8()};
  std::uint16_t version = reader.u16();
  return {type, version, reader.u16()};
}

void write_header(MutableBytes out, ContentType type, std::uint16_t legacy_version, std::size_t length) noexcept {
  out[0] = static_cast<std::uint8_t>(type);
  out[1] = static_cast<std::uint8_t>(legacy_version >> 8);
  out[2] = static_cast<std::uint8_t>(legacy_version);
  out[3] = static_cast<std::uint8_t>(length >> 8);
  out[4] = static_cast<std::uint8_t>(length);
}

Error not_a_record(Bytes input) {
  std::string_view text = as_text(input);
  constexpr std::string_view methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "HTTP/", "OPTIONS ", "DELETE ", "PATCH "};
  auto begins_with = [&](std::string_view word) { return text.starts_with(word.substr(0, header_size)); };
  Reason reason = begins_with("CONNECT ")                     ? Reason::http_proxy_request
                  : std::ranges::any_of(methods, begins_with) ? Reason::http_request
                                                              : Reason::not_tls;
  Bytes first = input.first(std::min<std::size_t>(input.size(), 64));
  return Error(Alert::protocol_version, reason).with("first_bytes", Buffer(first.begin(), first.end()));
}

void write_plaintext(ContentType type, std::uint16_t legacy_version, Bytes fragment, base::OutputBuffer& out) {
  MutableBytes room = out.append(header_size + fragment.size());
  write_header(room, type, legacy_version, fragment.size());
  base::copy(fragment, room.subspan(header_size));
}

}  // namespace handfast::record
