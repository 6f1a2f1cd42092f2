// [[reverse]], and [[reverse.site]] where there are several
#include <utility>

#include <fmt/format.h>

#include "proxy/reverse.h"
#include "proxy/settings/ways.h"

namespace handfast::proxy::settings {
namespace {

void read_credentials(Table& table, const Surroundings& around, SiteOptions& site) {
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  table.texts("cert", certificates);
  table.texts("key", keys);
  if (!keys.empty() && keys.size() != certificates.size())
    table.error(table.position("key"),
                fmt::format("There are {} keys for {} certificates.", keys.size(), certificates.size()),
                "Give each certificate its key, in the same order; or none, where each is in its certificate's file.");
  for (std::size_t i = 0; i < certificates.size(); ++i)
    site.credentials.push_back(
        {around.resolve(certificates[i]), i < keys.size() ? around.resolve(keys[i]) : std::string()});
}

void read_paths(Table& table, const Surroundings& around, std::string_view key, std::vector<std::string>& paths) {
  table.texts(key, paths);
  for (std::string& path : paths) path = around.resolve(path);
}

void read_path(Table& table, const Surroundings& around, std::string_view key, std::string& path) {
  table.text(key, path);
  path = around.resolve(path);
}

void read_number(Table& table, std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& value) {
  if (const auto number = table.number(key, least, most)) value = *number;
}

void find_weaknesses(Table& table, const SiteOptions& site) {
  if (site.versions.starts_with("1.0") || site.versions.starts_with("1.1"))
    table.weakness(table.position("tls"), "TLS 1.0 and 1.1 are broken and deprecated (RFC 8996).",
                   "tls = \"1.2..1.3\", which is the default.");
  if (site.early_data > 0)
    table.weakness(table.position("early_data"),
                   "Whoever sees a client's early data on its way may send it as well (RFC 8446, section 8).",
                   "Origins behind it have to know Early-Data (RFC 8470); else leave early_data out.");
}

/// All keys of a site.
void read_site(Table& table, const Surroundings& around, SiteOptions& site) {
  constexpr std::int64_t longest = Lasting::longest_ticket_lifetime;
  table.texts("name", site.names);
  table.texts("to", site.to);
  read_credentials(table, around, site);
  table.text("tls", site.versions);
  table.text("suites", site.suites);
  table.text("groups", site.groups);
  table.yes("require_ems", site.require_extended_master_secret);
  table.texts("alpn", site.alpn);
  table.text("client_auth", site.client_auth);
  read_paths(table, around, "client_ca", site.client_ca);
  read_path(table, around, "client_crl", site.client_crl);
  table.texts("client_allow", site.client_allow);
  read_number(table, "tickets", 0, 16, site.tickets);
  read_number(table, "ticket_lifetime", 1, longest, site.ticket_lifetime);
  read_number(table, "early_data", 0, 1 << 20, site.early_data);
  read_paths(table, around, "ca", site.origin.ca);
  table.text("upstream_name", site.origin_name);
  read_path(table, around, "upstream_cert", site.origin.credential.certificate);
  read_path(table, around, "upstream_key", site.origin.credential.key);
  table.text("upstream_host", site.origin_host);
  table.text("send_proxy", site.send_proxy);
  table.yes("pass_client_cert", site.pass_client_cert);
  find_weaknesses(table, site);
}

}  // namespace

Way read_reverse(Table table, const Surroundings& around) {
  ReverseOptions options;
  options.limits = around.limits;
  const net::HostPort address = read_address(table, "from");
  table.texts("accept_proxy", options.accept_proxy);
  read_limits(table, options.limits);
  find_open_senders(table, options.accept_proxy);
  for (Table& each : table.tables("site")) {
    SiteOptions& site = options.sites.emplace_back();
    read_site(each, around, site);
    each.finish();
  }
  // One alone stands in the table itself; with others it is the one for the rest.
  if (table.has("to") || options.sites.empty()) read_site(table, around, options.sites.emplace_back());
  table.finish();
  return {.kind = "reverse",
          .address = address,
          .make = [options](Lasting& lasting) { return make_reverse(options, lasting); },
          .files = files_of(options),
          .table = std::move(table)};
}

}  // namespace handfast::proxy::settings
