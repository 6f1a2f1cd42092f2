// [[tunnel]]
#include <utility>

#include "proxy/settings/ways.h"
#include "proxy/settings/weaknesses.h"
#include "proxy/tunnel.h"

namespace handfast::proxy::settings {

Way read_tunnel(Table table, const Surroundings& around) {
  TunnelOptions options;
  options.limits = around.limits;
  table.text("from", options.from);
  table.text("to", options.to);
  Way way{.kind = "tunnel", .address = {}, .make = {}, .check = {}, .files = {}, .tables = {}};
  if (Result<TunnelEnd> from = parse_tunnel_end("from", options.from))
    way.address = from->address;
  else
    table.error(table.position("from"), "from does not say where it listens.",
                "from = \"tls://:8443\" where clients speak TLS, \"tcp://127.0.0.1:8080\" where they do not.");
  options.server = read_server_tls(table, around);
  options.origin = read_origin_tls(table, around);
  table.text("server_name", options.server_name);
  table.texts("alpn", options.application_protocols);
  table.texts("accept_proxy", options.accept_proxy);
  table.text("send_proxy", options.send_proxy);
  read_limits(table, options.limits);
  table.finish();

  find_open_senders(table, options.accept_proxy);
  for (const CredentialFiles& files : options.server.credentials) find_weak_credential(table, files);
  if (options.from.starts_with("tls://")) find_clear_targets(table, "to", {options.to});
  way.files = files_of(options);
  way.make = [options](const Lasting& lasting) { return make_tunnel(options, lasting); };
  way.tables.push_back(std::move(table));
  return way;
}

}  // namespace handfast::proxy::settings
