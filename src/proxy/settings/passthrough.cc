// [[passthrough]]
#include <utility>

#include "proxy/passthrough.h"
#include "proxy/settings/ways.h"
#include "proxy/settings/weaknesses.h"

namespace handfast::proxy::settings {

Way read_passthrough(Table table, const Surroundings& around) {
  PassthroughOptions options;
  options.limits = around.limits;
  Way way{.kind = "passthrough",
          .address = read_address(table, "from"),
          .make = {},
          .check = {},
          .files = {},
          .tables = {}};
  table.texts("route", options.routes);
  table.text("default", options.fallback);
  table.texts("accept_proxy", options.accept_proxy);
  table.text("send_proxy", options.send_proxy);
  read_limits(table, options.limits);
  table.finish();
  find_open_senders(table, options.accept_proxy);
  way.make = [options](Lasting&) { return make_passthrough(options); };
  way.tables.push_back(std::move(table));
  return way;
}

}  // namespace handfast::proxy::settings
