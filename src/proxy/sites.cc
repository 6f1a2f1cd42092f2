#include "proxy/sites.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <handfast/revocation_lists.h>

#include "config/tls_words.h"
#include "net/idna.h"
#include "proxy/bad_option.h"
#include "x509/server_name.h"

namespace handfast::proxy {
namespace {

/// The same error, said of another key.
std::unexpected<Error> of_option(const char* option, const Error& error) {
  Error out = Error(error.alert(), error.reason()).with("option", option);
  for (const Fact& fact : error.evidence())
    if (fact.name != "option") out = std::move(out).with(fact.name, fact.value);
  return fail(std::move(out));
}

/// What is wrong with our own certificate towards origins is said of that one.
std::unexpected<Error> of_upstream(const Error& error) {
  const Fact::Value* option = error.find("option");
  const bool own = option != nullptr && handfast::to_text(*option) == "upstream-cert";
  return own ? of_option("upstream-cert", error) : fail(error);
}

constexpr std::string_view wildcard = "*.";

/// Canonical, the one form that SNI and Host come in: "shop.example", "*.shop.example".
Result<std::string> canonical(const std::string& text) {
  const bool below = text.starts_with(wildcard);
  Result<std::string> labels = net::to_a_labels(below ? std::string_view(text).substr(2) : std::string_view(text));
  if (!labels) return of_option("name", labels.error());
  Result<x509::ServerName> name = x509::ServerName::parse(*labels);
  if (!name || (below && name->is_ip()))
    return bad_option("name", text, "it is no name of a host",
                      "Write shop.example, or *.shop.example for all below it.");
  return (below ? std::string(wildcard) : std::string()) + name->text();
}

/// A name of the site that no certificate is for can't be served. Of all below a domain any one will do.
bool is_for(const Credential& credential, const std::string& name) {
  return credential.matches(name.starts_with(wildcard) ? "a" + name.substr(1) : name);
}

Result<> add_credentials(const SiteOptions& site, const std::vector<std::string>& names, ServerOptions& options) {
  for (const CredentialFiles& files : site.credentials) {
    auto credential = load_credential("cert", files);
    if (!credential) return fail(std::move(credential.error()));
    options.credentials.push_back(*std::move(credential));
  }
  if (site.made_credential) options.credentials.push_back(site.made_credential);
  if (options.credentials.empty())
    return bad_option("cert", "", "a site needs a certificate", "Name its chain, leaf first, and its key.");
  for (const std::string& name : names)
    if (std::ranges::none_of(options.credentials, [&](const auto& each) { return is_for(*each, name); }))
      return bad_option("cert", name, fmt::format("no certificate is for {}", name),
                        "Name a chain whose first certificate has that name among its subjectAltNames.");
  return {};
}

Result<> add_policy(const SiteOptions& site, ServerOptions& options) {
  if (!site.versions.empty()) {
    auto range = config::parse_versions("tls", site.versions);
    if (!range) return fail(std::move(range.error()));
    options.min_version = range->lowest;
    options.max_version = range->highest;
  }
  if (!site.suites.empty()) {
    auto suites = config::parse_cipher_suites("suites", site.suites);
    if (!suites) return fail(std::move(suites.error()));
    options.cipher_suites = *std::move(suites);
  }
  if (!site.groups.empty()) {
    auto groups = config::parse_groups("groups", site.groups);
    if (!groups) return fail(std::move(groups.error()));
    options.groups = *std::move(groups);
  }
  options.require_extended_master_secret = site.require_extended_master_secret;
  return {};
}

Result<> add_client_auth(const SiteOptions& site, ServerOptions& options) {
  const bool asked = site.client_auth == "request" || site.client_auth == "require";
  if (!asked && !site.client_auth.empty() && site.client_auth != "none")
    return bad_option("client-auth", site.client_auth, "it is none of none, request, require", "Write one of these.");
  if (!asked) {
    for (const auto& [key, given] : {std::pair{"client-ca", !site.client_ca.empty()},
                                     {"client-crl", !site.client_crl.empty()},
                                     {"client-allow", !site.client_allow.empty()},
                                     {"pass-client-cert", site.pass_client_cert}})
      if (given)
        return bad_option(key, "", "it is of no use where clients are asked for no certificate",
                          "Add client-auth: request, or require.");
    return {};
  }
  if (site.client_ca.empty())
    return bad_option("client-auth", site.client_auth,
                      "client-ca must name the authorities that client certificates come from",
                      "Name a PEM file, or a folder of them, as client-ca.");
  options.client_auth = site.client_auth == "require" ? ClientAuth::require : ClientAuth::request;
  auto trust = load_authorities(site.client_ca);
  if (!trust) return fail(std::move(trust.error()));
  // Clients with several certificates choose by these names.
  options.client_ca_names = (*trust)->subjects();
  options.client_trust = *std::move(trust);
  if (!site.client_crl.empty()) {
    auto lists = RevocationLists::from_path(site.client_crl);
    if (!lists) return fail(std::move(lists.error()));
    options.client_verification.revocation = RevocationPolicy::prefer;
    options.client_verification.revocation_lists = *std::move(lists);
  }
  if (!site.client_allow.empty()) {
    auto rule = IdentityRule::any_of(site.client_allow);
    if (!rule) return of_option("client-allow", rule.error());
    options.authorization = *std::move(rule);
  }
  return {};
}

Result<> add_sessions(const SiteOptions& site, const Lasting& lasting, std::string context, ServerOptions& options) {
  if (site.tickets < 0 || site.tickets > 16)
    return bad_option("tickets", std::to_string(site.tickets), "there are 0 to 16", "Two are enough for most.");
  if (site.ticket_lifetime < 1 || site.ticket_lifetime > Lasting::longest_ticket_lifetime)
    return bad_option("ticket-lifetime", std::to_string(site.ticket_lifetime),
                      fmt::format("it is 1 to {} seconds", Lasting::longest_ticket_lifetime),
                      "Two hours, 7200, is usual.");
  if (site.early_data < 0 || site.early_data > (1 << 20))
    return bad_option("early-data", std::to_string(site.early_data), "it is 0 to 1048576 bytes",
                      "16384 is enough for requests without content.");
  ServerSessions& sessions = options.sessions;
  sessions.context = std::move(context);
  if (site.tickets == 0) {
    if (site.early_data > 0)
      return bad_option("early-data", std::to_string(site.early_data),
                        "it comes with a session that is resumed; not with no tickets", "Leave one of the two out.");
    return {};
  }
  sessions.tickets = static_cast<std::uint8_t>(site.tickets);
  sessions.lifetime = site.ticket_lifetime;
  sessions.ticket_keys = lasting.ticket_keys;
  sessions.store = lasting.sessions;
  if (site.early_data > 0) {
    if (options.max_version < ProtocolVersion::tls1_3)
      return bad_option("early-data", site.versions, "there is none before TLS 1.3, which the versions leave out",
                        "Let the versions reach 1.3, or leave early-data out.");
    sessions.max_early_data = static_cast<std::uint32_t>(site.early_data);
    sessions.strike_register = lasting.strike_register;
  }
  return {};
}

Result<std::shared_ptr<const ServerConfig>> make_config(const SiteOptions& site, const Site& made,
                                                        const Lasting& lasting) {
  ServerOptions options;
  const bool bytes = made.upstreams->kind() == Upstreams::Kind::bytes;
  // RFC 8446, section 2.3: it may come twice, and no one here knows which bytes may.
  if (bytes && site.early_data > 0)
    return bad_option("early-data", std::to_string(site.early_data),
                      "a tcp:// origin can't tell what came before the handshake was over",
                      "Leave it out, or speak HTTP to the origin: http://, https://.");
  if (!bytes && !site.alpn.empty())
    return bad_option("alpn", site.alpn.front(), "http:// and https:// origins are spoken to in http/1.1",
                      "Leave it out, or send bytes on to a tcp:// origin.");
  options.application_protocols = bytes ? site.alpn : std::vector<std::string>{"http/1.1", "http/1.0"};
  if (Result<> added = add_credentials(site, made.names, options); !added) return fail(std::move(added.error()));
  if (Result<> added = add_policy(site, options); !added) return fail(std::move(added.error()));
  if (Result<> added = add_client_auth(site, options); !added) return fail(std::move(added.error()));
  // The same on every reload, and no other site's: no name stands in two.
  std::string context = fmt::format("reverse {}", fmt::join(made.names, " "));
  if (Result<> added = add_sessions(site, lasting, std::move(context), options); !added)
    return fail(std::move(added.error()));
  return ServerConfig::make(std::move(options));
}

Result<std::unique_ptr<const Site>> make_site(const SiteOptions& options, const Lasting& lasting) {
  auto site = std::make_unique<Site>();
  for (const std::string& text : options.names) {
    Result<std::string> name = canonical(text);
    if (!name) return fail(std::move(name.error()));
    site->names.push_back(*std::move(name));
  }
  std::ranges::sort(site->names);
  site->label = site->names.empty() ? "*" : site->names.front();
  std::shared_ptr<const ClientConfig> origin_tls;
  if (any_with_tls(options.to)) {
    auto config = load(options.origin, lasting);
    if (!config) return of_upstream(config.error());
    origin_tls = *std::move(config);
  } else if (!options.origin.ca.empty() || !options.origin.credential.certificate.empty()) {
    return bad_option(options.origin.ca.empty() ? "upstream-cert" : "ca", "", "no origin is spoken to over TLS",
                      "Write https:// in front of the origin, or leave it out.");
  }
  auto upstreams = Upstreams::make(options.to, std::move(origin_tls), options.origin_name);
  if (!upstreams) return fail(std::move(upstreams.error()));
  site->upstreams = *std::move(upstreams);
  Result<SendProxy> send_proxy = parse_send_proxy("send-proxy", options.send_proxy);
  if (!send_proxy) return fail(std::move(send_proxy.error()));
  site->send_proxy = *send_proxy;
  site->origin_host = options.origin_host;
  site->pass_identity = options.pass_client_cert ? PassIdentity::yes : PassIdentity::no;
  auto config = make_config(options, *site, lasting);
  if (!config) return fail(std::move(config.error()));
  site->config = *std::move(config);
  return site;
}

}  // namespace

bool Site::covers(std::string_view sni, std::string_view host) const {
  return sni.empty() || sni == host || std::ranges::any_of(config->options().credentials, [&](const auto& each) {
           return each->matches(sni) && each->matches(host);
         });
}

Result<Sites> Sites::make(std::span<const SiteOptions> options, const Lasting& lasting) {
  Sites sites;
  std::set<std::string> names;
  for (const SiteOptions& each : options) {
    auto site = make_site(each, lasting);
    if (!site) return fail(std::move(site.error()).with("site", &each - options.data()));
    std::vector<std::string> own = (*site)->names;
    if (own.empty()) own.emplace_back("*");
    for (const std::string& name : own)
      if (!names.insert(name).second)
        return bad_option("name", name,
                          name == "*" ? "two sites have no name: which is for the rest?" : "two sites have it",
                          "Give each site names of its own.");
    sites.all_.push_back(*std::move(site));
  }
  if (sites.all_.empty())
    return bad_option("to", "", "there is no origin", "Say where requests go: http://127.0.0.1:8080.");
  return sites;
}

const Site* Sites::find(std::string_view name) const noexcept {
  const Site* best = nullptr;
  std::size_t length = 0;  // of the domain that fits so far
  for (const auto& site : all_) {
    if (site->names.empty() && best == nullptr) best = site.get();
    for (const std::string& own : site->names) {
      if (own == name) return site.get();
      if (!own.starts_with(wildcard)) continue;
      const std::string_view domain = std::string_view(own).substr(1);  // ".shop.example"
      if (domain.size() <= length || name.size() <= domain.size() || !name.ends_with(domain)) continue;
      best = site.get();
      length = domain.size();
    }
  }
  return best;
}

std::vector<std::filesystem::path> files_of(const SiteOptions& options) {
  std::vector<std::filesystem::path> files = files_of(options.origin);
  files.insert(files.end(), options.client_ca.begin(), options.client_ca.end());
  if (!options.client_crl.empty()) files.emplace_back(options.client_crl);
  for (const CredentialFiles& credential : options.credentials)
    std::ranges::move(files_of(credential), std::back_inserter(files));
  return files;
}

}  // namespace handfast::proxy
