// [[passthrough]]
#include <utility>

#include "proxy/passthrough.h"
#include "proxy/settings/ways.h"

namespace handfast::proxy::settings {

Way read_passthrough(Table table, const Surroundings& around) {
  PassthroughOptions options;
  options.limits = around.limits;
  const net::HostPort address = read_address(table, "from");
  table.texts("route", options.routes);
  table.text("default", options.fallback);
  table.texts("accept_proxy", options.accept_proxy);
  table.text("send_proxy", options.send_proxy);
  read_limits(table, options.limits);
  table.finish();
  find_open_senders(table, options.accept_proxy);
  return {.kind = "passthrough",
          .address = address,
          .make = [options](Lasting&) { return make_passthrough(options); },
          .files = {},
          .table = std::move(table)};
}

}  // namespace handfast::proxy::settings
