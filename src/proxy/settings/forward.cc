// [[forward]]
#include <utility>

#include "proxy/forward.h"
#include "proxy/settings/ways.h"
#include "proxy/settings/weaknesses.h"

namespace handfast::proxy::settings {

Way read_forward(Table table, const Surroundings& around) {
  ForwardOptions options;
  options.limits = around.limits;
  Way way{
      .kind = "forward", .address = read_address(table, "listen"), .make = {}, .check = {}, .files = {}, .tables = {}};
  table.texts("allow", options.access.allow);
  table.texts("deny", options.access.deny);
  options.tls = read_server_tls(table, around);
  read_path(table, "auth_file", around, options.auth_file);
  table.text("realm", options.realm);
  read_limits(table, options.limits);
  table.finish();

  find_open_access(table, options.access.allow);
  for (const CredentialFiles& files : options.tls.credentials) find_weak_credential(table, files);
  if (!options.auth_file.empty() && options.tls.credentials.empty() && !is_this_machine(way.address.host))
    table.weakness(table.position("auth_file"),
                   "Clients send their password in the clear: the proxy has no certificate.",
                   "Give it cert and key, and clients an https:// proxy.");
  if (options.auth_file.empty() && options.tls.client_ca.empty() && !is_this_machine(way.address.host))
    table.weakness(table.position("listen"), "Whoever reaches this machine may use the proxy, from any address.",
                   "Listen at 127.0.0.1, or ask for a password (auth_file) or a certificate (client_ca).");
  way.files = files_of(options);
  way.make = [options](const Lasting& lasting) { return make_forward(options, lasting); };
  way.tables.push_back(std::move(table));
  return way;
}

}  // namespace handfast::proxy::settings
