#include "doctor/lab/scenario.h"

#include <algorithm>
#include <utility>

#include "base/replace_file.h"
#include "doctor/overload.h"

namespace handfast::doctor::lab {
namespace {

Result<std::shared_ptr<const ServerConfig>> config_of(const Made& made, ServerOptions options,
                                                      CredentialExtras extras) {
  auto credential = Credential::make(made.chain, made.key, std::move(extras));
  if (!credential) return fail(std::move(credential.error()));
  options.credentials.push_back(*std::move(credential));
  return ServerConfig::make(std::move(options));
}

Result<net::Serve> served(Result<std::shared_ptr<const ServerConfig>> config, TlsServer server) {
  if (!config) return fail(std::move(config.error()));
  server.rule = always(*std::move(config));
  return serve_tls(std::move(server));
}

}  // namespace

std::string word(const Code& of) {
  return std::visit(
      Overload{[](std::monostate) { return std::string("ok"); }, [](Alert alert) { return "alert_" + name(alert); },
               [](auto known) { return std::string(name(known)); }},
      of);
}

std::string_view reference(const Code& of) {
  return std::visit(Overload{[](std::monostate) { return std::string_view(); }, [](auto known) { return code(known); }},
                    of);
}

Result<std::shared_ptr<const ServerConfig>> Site::config(const Plan& plan, ServerOptions options) const {
  auto made = workshop.make(plan);
  if (!made) return fail(std::move(made.error()));
  return config_of(*made, std::move(options), {});
}

Result<net::Serve> Site::serve(const Plan& plan, ServerOptions options) const {
  return served(config(plan, std::move(options)), {});
}

Result<net::Serve> Site::serve(const Made& made, ServerOptions options, CredentialExtras extras) const {
  return served(config_of(made, std::move(options), std::move(extras)), {});
}

Result<net::Serve> Site::serve(Tampering tampering, ServerOptions options) const {
  options.trace_secrets = true;
  TlsServer server;
  server.tampering = std::move(tampering);
  return served(config(plan(), std::move(options)), std::move(server));
}

Result<net::Serve> Site::serve(Break breaks, ServerOptions options) const {
  TlsServer server;
  server.breaks = breaks;
  return served(config(plan(), std::move(options)), std::move(server));
}

Result<void> Site::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path path = folder / name;
  // Keys are among them, and nobody else is to follow a link that stands there.
  std::string problem = base::replace_file(path.string(), content, base::FileAccess::owner);
  if (problem.empty()) return {};
  return fail(Error(Alert::internal_error, Reason::file_not_readable)
                  .with("path", path.string())
                  .with("error", std::move(problem)));
}

Result<ServerOptions> Site::asking_clients(ServerOptions options) const {
  const std::vector<Bytes> roots = {workshop.root().certificate.der()};
  auto trust = TrustAnchors::from_der(roots);
  if (!trust) return fail(std::move(trust.error()));
  options.client_auth = ClientAuth::require;
  options.client_ca_names = (*trust)->subjects();
  options.client_trust = *std::move(trust);
  return options;
}

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> all = [] {
    std::vector<Scenario> out;
    for (const auto family : {good_scenarios, name_scenarios, certificate_scenarios, chain_scenarios, client_scenarios,
                              negotiation_scenarios, protocol_scenarios, transport_scenarios}) {
      const std::span<const Scenario> rows = family();
      out.insert(out.end(), rows.begin(), rows.end());
    }
    return out;
  }();
  return all;
}

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::ranges::find(scenarios(), name, &Scenario::name);
  return found == scenarios().end() ? nullptr : &*found;
}

}  // namespace handfast::doctor::lab
