#include "proxy/forwarded.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "http/grammar.h"
#include "net/address_block.h"
#include "x509/ascii.h"

namespace handfast::proxy {
namespace {

/// A field's name as the origins have it that tell only its letters and digits apart.
std::string folded(std::string_view name) {
  std::string out;
  for (const char each : name) {
    const char c = x509::lower(each);
    out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }
  return out;
}

/// What proxies say of clients, and origins believe: "X-Forwarded-User" as much as "X-Forwarded-For".
bool is_said_by_proxies(std::string_view name) {
  const std::string plain = folded(name);
  return plain == "forwarded" || plain == "x-real-ip" || plain.starts_with("x-forwarded-");
}

/// RFC 7239, section 4: a token as it is, else a quoted-string.
std::string value_text(std::string_view value) {
  return http::is_token(value) ? std::string(value) : fmt::format("\"{}\"", value);
}

}  // namespace

void remove_ours(http::Fields& fields, std::string_view name) {
  std::erase_if(fields, [ours = folded(name)](const http::Field& field) { return folded(field.name) == ours; });
}

void set_forwarded(http::Fields& fields, const ForwardedFor& from) {
  std::erase_if(fields, [](const http::Field& field) { return is_said_by_proxies(field.name); });
  // An IPv4 address is one however the socket has it, and a zone is nobody else's.
  const boost::asio::ip::address client = net::unmapped(from.client);
  const std::string address = client.to_string();
  fields.push_back({"X-Forwarded-For", address});
  fields.push_back({"X-Forwarded-Proto", std::string(from.scheme)});
  if (!from.host.empty()) fields.push_back({"X-Forwarded-Host", from.host});
  // RFC 7239, section 6: an IPv6 address stands in brackets.
  std::string said = "for=" + (client.is_v6() ? fmt::format("\"[{}]\"", address) : address);
  if (!from.host.empty()) said += ";host=" + value_text(from.host);
  said.append(";proto=").append(from.scheme);
  fields.push_back({"Forwarded", std::move(said)});
}

}  // namespace handfast::proxy
