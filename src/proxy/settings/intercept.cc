// [[intercept]] and its [[intercept.rule]]s.
#include <fmt/format.h>

#include <utility>

#include "proxy/intercept.h"
#include "proxy/settings/ways.h"
#include "proxy/settings/weaknesses.h"

namespace handfast::proxy::settings {
namespace {

void read_replacements(Table& table, std::string_view key, std::vector<Replacement>& replacements) {
  for (Table& each : table.tables(key)) {
    Replacement replacement;
    each.text("from", replacement.from);
    each.text("to", replacement.to);
    each.finish();
    replacements.push_back(std::move(replacement));
  }
}

RuleOptions read_rule(Table& table, const Surroundings& around) {
  RuleOptions rule;
  table.texts("host", rule.hosts);
  table.text("path", rule.path);
  table.texts("method", rule.methods);
  table.text("header", rule.header);
  if (const auto status = table.number("block", 400, 599)) rule.block = static_cast<unsigned>(*status);
  table.text("redirect", rule.redirect);
  read_path(table, "map_file", around, rule.map_file);
  table.texts("set_request_header", rule.set_request_header);
  table.texts("remove_request_header", rule.remove_request_header);
  table.texts("set_response_header", rule.set_response_header);
  table.texts("remove_response_header", rule.remove_response_header);
  read_replacements(table, "replace_in_request", rule.replace_in_request);
  read_replacements(table, "replace_in_response", rule.replace_in_response);
  table.finish();
  return rule;
}

}  // namespace

Way read_intercept(Table table, const Surroundings& around) {
  InterceptOptions options;
  options.limits = around.limits;
  Way way{.kind = "intercept",
          .address = read_address(table, "listen"),
          .make = {},
          .check = {},
          .files = {},
          .tables = {}};
  table.yes("transparent", options.transparent);
  read_path(table, "ca_dir", around, options.ca_dir);
  read_paths(table, "ca", around, options.trust);
  read_path(table, "har", around, options.har);
  if (const auto bytes = table.number("har_size", 0, std::int64_t{1} << 40))
    options.har_size = static_cast<std::uint64_t>(*bytes);
  if (const auto bytes = table.number("har_body", 0, 1 << 30)) options.har_body = static_cast<std::size_t>(*bytes);
  table.texts("passthrough", options.passthrough);
  table.texts("allow", options.access.allow);
  table.texts("deny", options.access.deny);
  if (const auto refusals = table.number("pin_after", 0, 1000))
    options.pinning.refusals = static_cast<std::size_t>(*refusals);
  read_limits(table, options.limits);
  std::vector<Table> rules = table.tables("rule");
  table.finish();

  find_open_access(table, options.access.allow);
  if (!is_this_machine(way.address.host) && !options.transparent)
    table.weakness(table.position("listen"),
                   "Whoever reaches this machine may use the proxy, and what they say is looked into.",
                   "Listen at 127.0.0.1, or at an address that only those reach who know of it.");
  if (!options.har.empty())
    table.weakness(table.position("har"),
                   fmt::format("{} holds what was said in the clear, passwords and cookies among it.", options.har),
                   "Keep it from others, and no longer than it is needed.");
  way.tables.push_back(std::move(table));
  for (Table& rule : rules) {
    options.rules.push_back(read_rule(rule, around));
    way.tables.push_back(std::move(rule));
  }
  way.files = files_of(options);
  way.check = [options] { return check_intercept(options); };
  way.make = [options](Lasting& lasting) -> Result<std::shared_ptr<const Service>> {
    Result<MadeIntercept> made = make_intercept(options, lasting);
    if (!made) return fail(std::move(made).error());
    return made->service;
  };
  return way;
}

}  // namespace handfast::proxy::settings
