// [[reverse]], and [[reverse.site]] where it has several.
#include <fmt/format.h>

#include <utility>

#include "proxy/reverse.h"
#include "proxy/settings/ways.h"
#include "proxy/settings/weaknesses.h"

namespace handfast::proxy::settings {
namespace {

void find_weak_site(Table& table, const SiteOptions& site) {
  for (const CredentialFiles& files : site.credentials) find_weak_credential(table, files);
  find_clear_targets(table, "to", site.to);
  find_early_data(table, site.early_data);
  find_withdrawn_versions(table, site.versions);
  if (site.client_auth == "request")
    table.weakness(table.position("client_auth"), "A client without a certificate is served as well.",
                   "client_auth = \"require\", unless the origin looks at Client-Cert.");
}

SiteOptions read_site(Table& table, const Surroundings& around) {
  SiteOptions site;
  table.texts("name", site.names);
  table.texts("to", site.to);
  site.credentials = read_credentials(table, around);
  table.text("tls", site.versions);
  table.text("suites", site.suites);
  table.text("groups", site.groups);
  table.texts("alpn", site.alpn);
  table.text("client_auth", site.client_auth);
  read_paths(table, "client_ca", around, site.client_ca);
  read_path(table, "client_crl", around, site.client_crl);
  table.texts("client_allow", site.client_allow);
  if (const auto tickets = table.number("tickets", 0, 16)) site.tickets = *tickets;
  if (const auto lifetime = table.number("ticket_lifetime", 1, Lasting::longest_ticket_lifetime))
    site.ticket_lifetime = *lifetime;
  if (const auto bytes = table.number("early_data", 0, 1 << 20)) site.early_data = *bytes;
  table.yes("require_ems", site.require_extended_master_secret);
  site.origin = read_origin_tls(table, around);
  table.text("upstream_name", site.origin_name);
  table.text("upstream_host", site.origin_host);
  table.text("send_proxy", site.send_proxy);
  table.yes("pass_client_cert", site.pass_client_cert);
  find_weak_site(table, site);
  return site;
}

}  // namespace

Way read_reverse(Table table, const Surroundings& around) {
  ReverseOptions options;
  options.limits = around.limits;
  Way way{
      .kind = "reverse", .address = read_address(table, "from"), .make = {}, .check = {}, .files = {}, .tables = {}};
  table.texts("accept_proxy", options.accept_proxy);
  find_open_senders(table, options.accept_proxy);
  read_limits(table, options.limits);
  std::vector<Table> sites = table.tables("site");
  // One site alone may stand in the table itself.
  if (sites.empty() || table.has("to")) options.sites.push_back(read_site(table, around));
  table.finish();
  way.tables.push_back(std::move(table));
  for (Table& site : sites) {
    options.sites.push_back(read_site(site, around));
    site.finish();
    way.tables.push_back(std::move(site));
  }
  way.files = files_of(options);
  // The first site stands in the listener's own table, or in the first one below it.
  const std::int64_t first = way.tables.size() > options.sites.size() ? 1 : 0;
  way.make = [options, first](const Lasting& lasting) -> Result<std::shared_ptr<const Service>> {
    auto service = make_reverse(options, lasting);
    if (service) return service;
    const Fact::Value* site = service.error().find("site");
    const std::int64_t* number = site != nullptr ? std::get_if<std::int64_t>(site) : nullptr;
    if (number == nullptr) return service;
    return fail(std::move(service).error().with("table", *number + first));
  };
  return way;
}

}  // namespace handfast::proxy::settings
