#include "http/write.h"

#include <iterator>

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>

#include "http/grammar.h"

namespace handfast::http {
namespace {

bool append_fields(std::string& out, const Fields& fields) {
  std::size_t size = out.size() + 2;
  for (const Field& field : fields) size += field.name.size() + field.value.size() + 4;
  out.reserve(size);
  for (const Field& field : fields)
    if (!append_field(out, field.name, field.value)) return false;
  out += "\r\n";
  return true;
}

}  // namespace

bool append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) return false;
  out.append(name).append(": ").append(value).append("\r\n");
  return true;
}

std::optional<std::string> write_head(const RequestHead& head) {
  if (!is_token(head.method) || !parse_target(head.method, head.target)) return std::nullopt;
  std::string out;
  out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  if (!append_fields(out, head.fields)) return std::nullopt;
  return out;
}

std::optional<std::string> write_head(const ResponseHead& head) {
  if (head.status < 100 || head.status > 599 || !is_field_value(head.reason)) return std::nullopt;
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", head.status, head.reason);
  if (!append_fields(out, head.fields)) return std::nullopt;
  return out;
}

void append_chunk(Buffer& out, Bytes content) {
  if (content.empty()) return;
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", content.size());
  out.insert(out.end(), content.begin(), content.end());
  out.push_back('\r');
  out.push_back('\n');
}

std::string_view reason_of(unsigned status) noexcept {
  if (status == 425) return "Too Early";  // RFC 8470, younger than Beast's list
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return reason == "<unknown-status>" ? std::string_view() : std::string_view(reason.data(), reason.size());
}

}  // namespace handfast::http
