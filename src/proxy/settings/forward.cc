// [[forward]]
#include <utility>

#include "proxy/forward.h"
#include "proxy/settings/ways.h"

namespace handfast::proxy::settings {
namespace {

bool is_this_machine(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

void find_weaknesses(Table& table, const ForwardOptions& options, const net::HostPort& address) {
  if (is_this_machine(address.host)) return;
  if (options.auth_file.empty() && options.tls.client_ca.empty())
    table.weakness(table.position("listen"), "Whoever reaches this proxy may use it.",
                   "auth_file = \"users\" says who may; or listen on 127.0.0.1.");
  if (!options.auth_file.empty() && options.tls.credentials.empty())
    table.weakness(table.position("auth_file"), "Passwords come to this proxy in the clear.",
                   "With cert and key clients come to it by TLS.");
}

}  // namespace

Way read_forward(Table table, const Surroundings& around) {
  ForwardOptions options;
  options.limits = around.limits;
  const net::HostPort address = read_address(table, "listen");
  table.texts("allow", options.access.allow);
  table.texts("deny", options.access.deny);
  read_credentials(table, around, options.tls.credentials);
  read_paths(table, around, "client_ca", options.tls.client_ca);
  table.texts("client_allow", options.tls.client_allow);
  read_path(table, around, "auth_file", options.auth_file);
  table.text("realm", options.realm);
  read_limits(table, options.limits);
  table.finish();
  find_weaknesses(table, options, address);
  return {.kind = "forward",
          .address = address,
          .make = [options](Lasting& lasting) { return make_forward(options, lasting); },
          .files = files_of(options),
          .table = std::move(table)};
}

}  // namespace handfast::proxy::settings
