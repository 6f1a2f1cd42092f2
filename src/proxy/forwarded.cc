#include "proxy/forwarded.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "http/grammar.h"
#include "net/address_block.h"
#include "net/endpoint.h"
#include "x509/ascii.h"

namespace handfast::proxy {
namespace {

/// A character of a field's name as the origins have it that tell only letters and digits apart.
char folded(char each) {
  const char c = x509::lower(each);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}
bool is_same(std::string_view name, std::string_view other) {
  return std::ranges::equal(name, other, {}, folded, folded);
}

/// What proxies say of clients, and origins believe: "X-Forwarded-User" as much as "X-Forwarded-For".
bool is_said_by_proxies(std::string_view name) {
  constexpr std::string_view prefix = "X-Forwarded-";
  return is_same(name, "Forwarded") || is_same(name, "X-Real-IP") || is_same(name.substr(0, prefix.size()), prefix);
}

/// RFC 7239, section 4: a token as it is, else a quoted-string.
std::string value_text(std::string_view value) {
  return http::is_token(value) ? std::string(value) : fmt::format("\"{}\"", value);
}

}  // namespace

void remove_ours(http::Fields& fields, std::string_view name) {
  std::erase_if(fields, [name](const http::Field& field) { return is_same(field.name, name); });
}

void set_forwarded(http::Fields& fields, const ForwardedFor& from) {
  std::erase_if(fields, [](const http::Field& field) { return is_said_by_proxies(field.name); });
  // An IPv4 address is one however the socket has it, and a zone is nobody else's.
  const boost::asio::ip::address client = net::unmapped(from.client);
  const std::string address = net::to_text(client);
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
