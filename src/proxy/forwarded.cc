#include "proxy/forwarded.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "http/grammar.h"

namespace handfast::proxy {
namespace {

/// What proxies say of clients, and origins believe.
constexpr std::array<std::string_view, 8> names = {
    "Forwarded",        "X-Forwarded-For",    "X-Forwarded-Proto", "X-Forwarded-Host",
    "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Ssl",   "X-Real-IP",
};

/// An IPv4 address is one however the socket has it.
boost::asio::ip::address plain(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

/// RFC 7239, section 4: a token as it is, else a quoted-string.
std::string value_text(std::string_view value) {
  return http::is_token(value) ? std::string(value) : fmt::format("\"{}\"", value);
}

}  // namespace

void remove_ours(http::Fields& fields, std::string_view name) {
  std::erase_if(fields, [&](const http::Field& field) {
    std::string dashed = field.name;
    std::ranges::replace(dashed, '_', '-');
    return http::same_name(dashed, name);
  });
}

void set_forwarded(http::Fields& fields, const ForwardedFor& from) {
  for (const std::string_view name : names) remove_ours(fields, name);
  const boost::asio::ip::address client = plain(from.client);
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
