#include "http/framing.h"

#include <optional>
#include <string>
#include <vector>

#include "http/grammar.h"

namespace handfast::http {
namespace {

/// Nothing where there is no Content-Length.
Parsed<std::optional<std::uint64_t>> content_length(Fields& fields) {
  std::optional<std::uint64_t> length;
  std::size_t values = 0;
  for (const Field& field : fields) {
    if (!same_name(field.name, "Content-Length")) continue;
    ListReader list(field.value);
    while (const std::optional<std::string_view> element = list.next()) {
      const std::optional<std::uint64_t> number = parse_digits(*element);
      if (!number) return std::unexpected(Refusal::bad_content_length);
      if (length && *length != *number) return std::unexpected(Refusal::differing_content_lengths);
      length = number;
      ++values;
    }
  }
  // RFC 9112, section 6.3, item 5: equal ones are one, before they go on.
  if (values > 1) set(fields, "Content-Length", std::to_string(*length));
  return length;
}

/// Whether the body is chunked. RFC 9112, section 6.1: chunked is applied once and last, and HTTP/1.0 knows it not.
Parsed<bool> is_chunked(const Fields& fields, unsigned minor_version) {
  std::vector<std::string_view> codings;
  for (const Field& field : fields) {
    if (!same_name(field.name, "Transfer-Encoding")) continue;
    ListReader list(field.value);
    while (const std::optional<std::string_view> element = list.next()) codings.push_back(*element);
  }
  if (codings.empty()) return false;
  if (minor_version == 0 || !same_name(codings.back(), "chunked"))
    return std::unexpected(Refusal::bad_transfer_encoding);
  codings.pop_back();
  for (const std::string_view coding : codings) {
    if (!is_token(coding) || same_name(coding, "chunked")) return std::unexpected(Refusal::bad_transfer_encoding);
  }
  if (!codings.empty()) return std::unexpected(Refusal::unknown_transfer_encoding);
  return true;
}

/// What the two fields say; `otherwise` where neither is there.
Parsed<Framing> said(Fields& fields, unsigned minor_version, Framing::Kind otherwise) {
  const Parsed<bool> chunked = is_chunked(fields, minor_version);
  if (!chunked) return std::unexpected(chunked.error());
  const Parsed<std::optional<std::uint64_t>> length = content_length(fields);
  if (!length) return std::unexpected(length.error());
  // RFC 9112, section 6.3, item 3: "ought to be handled as an error".
  if (*chunked && *length) return std::unexpected(Refusal::length_and_chunked);
  if (*chunked) return Framing{Framing::Kind::chunked};
  if (!*length) return Framing{otherwise};
  return **length == 0 ? Framing{} : Framing{Framing::Kind::length, **length};
}

}  // namespace

Parsed<Framing> framing_of(RequestHead& head) {
  const Parsed<Framing> framing = said(head.fields, head.minor_version, Framing::Kind::none);
  if (framing && head.method == "CONNECT" && framing->kind != Framing::Kind::none)
    return std::unexpected(Refusal::content_in_connect);
  return framing;
}

Parsed<Framing> framing_of(ResponseHead& head, std::string_view method) {
  // What is said is looked at where it counts for nothing as well: nobody behind us may count it otherwise.
  const Parsed<Framing> framing = said(head.fields, head.minor_version, Framing::Kind::until_close);
  if (!framing) return framing;
  if (method == "CONNECT" && head.status / 100 == 2) return Framing{Framing::Kind::tunnel};
  const bool empty = method == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304;
  return empty ? Framing{} : *framing;
}

bool keeps_alive(unsigned minor_version, const Fields& fields) noexcept {
  if (has_token(fields, "Connection", "close")) return false;
  return minor_version >= 1 || has_token(fields, "Connection", "keep-alive");
}

}  // namespace handfast::http
