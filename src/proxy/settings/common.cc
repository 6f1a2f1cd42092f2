// What the tables of all listeners have.
#include <utility>

#include <fmt/format.h>

#include "proxy/settings/ways.h"

namespace handfast::proxy::settings {

std::string Surroundings::resolve(const std::string& path) const {
  return path.empty() ? path : (folder / path).lexically_normal().string();
}

void read_limits(Table& parent, Limits& limits) {
  constexpr std::int64_t most = 1'000'000'000;
  for (Table& table : parent.tables("limits")) {
    const auto count = [&table](std::string_view key, auto& value, std::int64_t least) {
      if (const auto found = table.number(key, least, most)) value = static_cast<std::size_t>(*found);
    };
    count("connections", limits.connections, 0);
    count("per_address", limits.per_address, 0);
    count("header_bytes", limits.header_bytes, least_header_bytes);
    count("minimum_rate", limits.minimum_rate, 0);
    table.seconds("rate_grace", limits.rate_grace);
    table.seconds("handshake_timeout", limits.handshake_timeout);
    table.seconds("header_timeout", limits.header_timeout);
    table.seconds("idle_timeout", limits.idle_timeout);
    table.seconds("tunnel_timeout", limits.tunnel_timeout);
    table.seconds("connect_timeout", limits.connect_timeout);
    table.seconds("response_timeout", limits.response_timeout);
    for (const auto& [key, value] :
         {std::pair{"handshake_timeout", limits.handshake_timeout}, std::pair{"header_timeout", limits.header_timeout},
          std::pair{"idle_timeout", limits.idle_timeout}}) {
      if (table.has(key) && value.count() == 0)
        table.weakness(table.position(key),
                       fmt::format("{} is 0: a client that says nothing is waited for for ever.", key),
                       "Give it some seconds.");
    }
    if (limits.per_address == 0 && limits.connections == 0 && table.has("connections"))
      table.weakness(table.position("connections"), "Nothing limits how many connections there are.",
                     "Set connections to what memory allows: some 12 KB each.");
    table.finish();
  }
}

void read_path(Table& table, std::string_view key, const Surroundings& around, std::string& path) {
  table.text(key, path);
  path = around.resolve(path);
}

void read_paths(Table& table, std::string_view key, const Surroundings& around, std::vector<std::string>& paths) {
  table.texts(key, paths);
  for (std::string& path : paths) path = around.resolve(path);
}

std::vector<CredentialFiles> read_credentials(Table& table, const Surroundings& around) {
  std::vector<std::string> certificates, keys;
  read_paths(table, "cert", around, certificates);
  read_paths(table, "key", around, keys);
  if (!keys.empty() && keys.size() != certificates.size()) {
    table.error(table.position("key"),
                fmt::format("There are {} of cert and {} of key.", certificates.size(), keys.size()),
                "One key for each certificate, in the same order; or none, where each is in its certificate's file.");
    return {};
  }
  std::vector<CredentialFiles> credentials;
  for (std::size_t i = 0; i < certificates.size(); ++i)
    credentials.push_back({certificates[i], keys.empty() ? std::string() : keys[i]});
  return credentials;
}

ServerTls read_server_tls(Table& table, const Surroundings& around) {
  ServerTls tls;
  tls.credentials = read_credentials(table, around);
  read_paths(table, "client_ca", around, tls.client_ca);
  table.texts("client_allow", tls.client_allow);
  return tls;
}

OriginTls read_origin_tls(Table& table, const Surroundings& around) {
  OriginTls tls;
  read_paths(table, "ca", around, tls.ca);
  read_path(table, "upstream_cert", around, tls.credential.certificate);
  read_path(table, "upstream_key", around, tls.credential.key);
  if (tls.credential.certificate.empty() && !tls.credential.key.empty())
    table.error(table.position("upstream_key"), "There is an upstream_key, and no upstream_cert.",
                "Name the certificate that it belongs to.");
  return tls;
}

net::HostPort read_address(Table& table, std::string_view key) {
  std::string text;
  table.text(key, text);
  if (text.empty()) {
    if (!table.has(key))
      table.error(table.position(key), fmt::format("There is no {}: where does it listen?", key),
                  fmt::format("{} = \"127.0.0.1:8443\", or \":8443\" for every address.", key));
    return {};
  }
  Result<net::HostPort> address = net::parse_host_port(text, std::nullopt);
  if (address) return *std::move(address);
  table.error(table.position(key), fmt::format("{} is no address to listen at: {}.", text, address.error().message()),
              "ADDRESS:PORT, or :PORT for every address of this machine.");
  return {};
}

}  // namespace handfast::proxy::settings
