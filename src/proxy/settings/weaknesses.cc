// Weaknesses, each in a sentence that says what comes of it.
#include "proxy/settings/weaknesses.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <handfast/clock.h>
#include <handfast/credential.h>
#include <boost/asio/ip/address.hpp>

#include "config/tls_words.h"
#include "doctor/style.h"
#include "net/address.h"
#include "net/address_block.h"
#include "x509/certificate.h"

namespace handfast::proxy::settings {
namespace {

constexpr std::int64_t soon = std::int64_t{30} * 24 * 3600;

}  // namespace

bool is_this_machine(std::string_view host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return error ? host == "localhost" || host.ends_with(".localhost") : address.is_loopback();
}

void find_open_senders(Table& table, const std::vector<std::string>& accept_proxy) {
  for (const std::string& each : accept_proxy)
    if (each.ends_with("/0"))
      table.weakness(table.position("accept_proxy"),
                     fmt::format("Whoever connects may say that it is somebody else: {} is everybody.", each),
                     "Name the addresses of the balancers that stand in front.");
}

void find_weak_credential(Table& table, const CredentialFiles& files) {
  const std::string& key = files.key.empty() ? files.certificate : files.key;
  struct stat found{};
  if (::stat(key.c_str(), &found) == 0 && (found.st_mode & (S_IRGRP | S_IROTH)) != 0)
    table.weakness(table.position(files.key.empty() ? "cert" : "key"),
                   fmt::format("{} holds a private key, and others on this machine can read it.", key),
                   fmt::format("chmod 600 {}", doctor::shell_word(key)));
  const auto credential = Credential::from_files(files.certificate, key);
  if (!credential) return;  // that is an error, told where it is loaded
  const std::int64_t end = (*credential)->not_after();
  if (end - system_clock().now() < soon)
    table.weakness(table.position("cert"),
                   fmt::format("The certificate in {} runs out on {}.", files.certificate, x509::time_text(end)),
                   "Renew it; the file is read anew when it changes.");
}

void find_clear_targets(Table& table, std::string_view key, const std::vector<std::string>& targets) {
  for (const std::string& target : targets) {
    std::string_view rest = target;
    if (rest.starts_with("http://"))
      rest.remove_prefix(7);
    else if (rest.starts_with("tcp://"))
      rest.remove_prefix(6);
    else
      continue;
    const auto address = net::parse_host_port(rest.substr(0, rest.find('/')), std::uint16_t{80});
    if (address && !is_this_machine(address->host))
      table.weakness(table.position(key),
                     fmt::format("{} is another machine, and what was encrypted goes to it in the clear.",
                                 doctor::printable_utf8(target)),
                     "Let it speak TLS, https:// or tls://, or run it on this machine.");
  }
}

void find_open_access(Table& table, const std::vector<std::string>& allow) {
  // No other entry opens them, however much it contains (proxy/access.h).
  const std::array here{net::AddressBlock::parse("127.0.0.0/8").value(), net::AddressBlock::parse("::1").value()};
  for (const std::string& each : allow) {
    const auto block = net::AddressBlock::parse(each);
    if (block && std::ranges::any_of(here, [&](const net::AddressBlock& own) { return block->within(own); }))
      table.weakness(table.position("allow"),
                     fmt::format("{} lets clients reach what listens on this machine for itself alone.", each),
                     "Name the very ports: 127.0.0.1:8080.");
  }
}

void find_withdrawn_versions(Table& table, const std::string& versions) {
  const auto range = config::parse_versions("tls", versions);
  if (!range || range->lowest >= ProtocolVersion::tls1_2) return;
  table.weakness(
      table.position("tls"),
      fmt::format("{} was withdrawn in 2021 (RFC 8996): its handshakes stand on MD5 and SHA-1, and its records "
                  "on CBC.",
                  name(range->lowest)),
      "tls = \"1.2..1.3\", unless there are clients that have nothing else.");
}

void find_early_data(Table& table, std::int64_t bytes) {
  if (bytes > 0)
    table.weakness(
        table.position("early_data"),
        "Early data can be held back, and sent, by whoever sees it on its way: GET and HEAD reach the origin "
        "before the client has shown that it is there, marked Early-Data: 1.",
        "Leave it out unless the origin answers such requests alike, however often they come (RFC 8470).");
}

}  // namespace handfast::proxy::settings
