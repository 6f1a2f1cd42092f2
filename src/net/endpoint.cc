#include "net/endpoint.h"

#include <fmt/format.h>

#include "net/address.h"

namespace handfast::net {

std::string to_text(const boost::asio::ip::address& address) {
  if (!address.is_v4()) return address.to_string();
  std::string text;
  for (const unsigned char byte : address.to_v4().to_bytes()) {
    const fmt::format_int digits(static_cast<unsigned>(byte));
    if (!text.empty()) text += '.';
    text.append(digits.data(), digits.size());
  }
  return text;
}

std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint) {
  return to_text(HostPort{to_text(endpoint.address()), endpoint.port()});
}

}  // namespace handfast::net
