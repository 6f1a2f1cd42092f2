// [[tunnel]]
#include <utility>

#include <fmt/format.h>

#include "proxy/settings/ways.h"
#include "proxy/tunnel.h"

namespace handfast::proxy::settings {
namespace {

/// Where `from` listens: it may say "tls://" first.
net::HostPort read_from(Table& table, std::string& from) {
  table.text("from", from);
  if (from.empty()) return read_address(table, "from");
  Result<TunnelEnd> end = parse_tunnel_end("from", from);
  if (end) return std::move(end->address);
  table.error(table.position("from"), fmt::format("{} is no address to listen at: {}.", from, end.error().message()),
              "tls://ADDRESS:PORT or tcp://ADDRESS:PORT; without the address it is every one of this machine.");
  return {};
}

}  // namespace

Way read_tunnel(Table table, const Surroundings& around) {
  TunnelOptions options;
  options.limits = around.limits;
  const net::HostPort address = read_from(table, options.from);
  table.text("to", options.to);
  read_credentials(table, around, options.server.credentials);
  read_paths(table, around, "client_ca", options.server.client_ca);
  table.texts("client_allow", options.server.client_allow);
  read_paths(table, around, "ca", options.origin.ca);
  table.text("server_name", options.server_name);
  read_path(table, around, "client_cert", options.origin.credential.certificate);
  read_path(table, around, "client_key", options.origin.credential.key);
  table.texts("alpn", options.application_protocols);
  table.texts("accept_proxy", options.accept_proxy);
  table.text("send_proxy", options.send_proxy);
  read_limits(table, options.limits);
  table.finish();
  find_open_senders(table, options.accept_proxy);
  return {.kind = "tunnel",
          .address = address,
          .make = [options](Lasting& lasting) { return make_tunnel(options, lasting); },
          .files = files_of(options),
          .table = std::move(table)};
}

}  // namespace handfast::proxy::settings
