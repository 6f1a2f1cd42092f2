// Reads HOST:PORT.
#include "net/address.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "net/idna.h"

namespace handfast::net {
namespace {

std::unexpected<Error> bad_address(std::string_view text, const char* problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "address")
                  .with("value", std::string(text))
                  .with("problem", problem));
}

/// As it is copied from a browser: "https://example.com/path".
std::unexpected<Error> is_a_url(std::string_view text, std::string_view rest) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", "address")
                  .with("value", std::string(text))
                  .with("problem", "it is a URL")
                  .with("remedy", fmt::format("Give the host alone, with its port where it is not the usual one: {}",
                                              rest.substr(0, rest.find_first_of("/?#")))));
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text, std::optional<std::uint16_t> default_port) {
  constexpr std::string_view scheme_end = "://";
  if (const std::size_t at = text.find(scheme_end); at != std::string_view::npos)
    return is_a_url(text, text.substr(at + scheme_end.size()));
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return bad_address(text, "the bracket is not closed");
    host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (host.empty()) return bad_address(text, "nothing stands between the brackets");
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }  // with two colons or more and no bracket, all of it is an IPv6 address

  if (text.empty()) return bad_address(text, "it is empty");
  Result<std::string> name = to_a_labels(host);
  if (!name) return fail(std::move(name).error());
  if (port.empty()) {
    if (!default_port) return bad_address(text, "the port is missing");
    return HostPort{*std::move(name), *default_port};
  }
  if (!port.starts_with(':')) return bad_address(text, "only a port may follow the bracket");
  const std::optional<std::uint16_t> number = parse_port(port.substr(1));
  if (!number) return bad_address(text, "the port is not a number from 0 to 65535");
  return HostPort{*std::move(name), *number};
}

std::string to_text(const HostPort& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  const fmt::format_int port(address.port);
  std::string text;
  text.reserve(address.host.size() + 8);
  text.append(brackets ? "[" : "").append(address.host).append(brackets ? "]:" : ":").append(port.data(), port.size());
  return text;
}

}  // namespace handfast::net
