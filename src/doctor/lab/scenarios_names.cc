// Certificates for somebody else, or for nobody.
#include "doctor/lab/scenario.h"

namespace handfast::doctor::lab {
namespace {

/// A good chain for other names.
Plan plan_for(const Site& site, std::vector<std::string> names) {
  Plan plan = site.plan();
  plan.leaf.common_name = names.front();
  plan.leaf.names = std::move(names);
  return plan;
}

Result<net::Serve> other_name(const Site& site) {
  return site.serve(plan_for(site, {"www." + site.host, "shop.example"}));
}

Result<net::Serve> shallow_wildcard(const Site& site) {
  return site.serve(plan_for(site, {"*.wrong-name-wildcard.localhost"}));
}

/// Two sites on one address, with the certificates changed over: the name in SNI brings that of the other.
Result<net::Serve> mixed_up(const Site& site) {
  auto without_name = site.config(site.plan());
  if (!without_name) return fail(std::move(without_name.error()));
  auto with_name = site.config(plan_for(site, {"stage." + site.host}));
  if (!with_name) return fail(std::move(with_name.error()));
  return serve_tls({.rule = [with_name = *with_name, without_name = *without_name](const Hello& hello) {
    return Ruling(hello.message != nullptr && hello.message->server_name ? with_name : without_name);
  }});
}

Result<net::Serve> common_name_only(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.names.clear();
  plan.leaf.common_name = site.host;
  return site.serve(plan);
}

constexpr Scenario names_table[] = {
    {.name = "wrong-name",
     .summary = "the certificate is for the same name with www. before it",
     .expected = {Reason::name_mismatch, ExitCode::certificate, Fault::server, "--sni www.wrong-name.localhost"},
     .server = other_name},
    {.name = "wrong-name-wildcard",
     .summary = "a wildcard that covers one label, for a name that has two there",
     .expected = {Reason::name_mismatch, ExitCode::certificate, Fault::server, "subjectAltName"},
     .server = shallow_wildcard,
     .host = "a.b.wrong-name-wildcard.localhost"},
    {.name = "wrong-name-sni",
     .summary = "the certificate that SNI brings is another site's; without SNI the right one comes",
     .expected = {Reason::name_mismatch, ExitCode::certificate, Fault::server, "subjectAltName"},
     .server = mixed_up},
    {.name = "no-san",
     .summary = "the name stands in the common name alone, where no client looks any more",
     .expected = {Reason::no_subject_alt_name, ExitCode::certificate, Fault::server, "subjectAltName"},
     .server = common_name_only},
};

}  // namespace

std::span<const Scenario> name_scenarios() { return names_table; }

}  // namespace handfast::doctor::lab
