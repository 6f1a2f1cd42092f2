// Chains: what is between the leaf and the root is missing, in disorder, or not fit to be there.
#include "doctor/lab/scenario.h"
#include "x509/der_writer.h"

namespace handfast::doctor::lab {
namespace {

namespace der = x509::der;

Result<net::Serve> no_intermediate(const Site& site) {
  Plan plan = site.plan();
  plan.behind.clear();
  return site.serve(plan);
}

Result<net::Serve> no_second_intermediate(const Site& site) {
  Plan plan = site.plan();
  plan.issuer = &site.workshop.sub();
  plan.leaf.extensions.clear();  // the address there is the other intermediate's
  plan.behind = {site.workshop.sub().certificate};
  return site.serve(plan);
}

Result<net::Serve> misordered(const Site& site) {
  Plan plan = site.plan();
  plan.issuer = &site.workshop.sub();
  plan.leaf.extensions.clear();
  plan.behind = {site.workshop.intermediate().certificate, site.workshop.sub().certificate};
  return site.serve(plan);
}

Result<net::Serve> superfluous(const Site& site) {
  Plan plan = site.plan();
  plan.behind.push_back(site.workshop.root().certificate);
  plan.behind.push_back(site.workshop.stranger().certificate);
  return site.serve(plan);
}

/// By an authority that was made for it.
Result<net::Serve> below(const Site& site, const authority::CertificateOptions& options) {
  auto made = site.workshop.make_authority(options, site.workshop.root());
  if (!made) return fail(std::move(made.error()));
  Plan plan = site.plan();
  plan.leaf.extensions.clear();
  plan.issuer = &*made;
  plan.behind = {made->certificate};
  return site.serve(plan);
}

authority::CertificateOptions authority_of(const Site& site, std::string common_name) {
  authority::CertificateOptions options =
      authority::ca_options(std::move(common_name), site.workshop.now() - 400 * day, site.workshop.now() + 30 * day);
  options.organization = "Handfast lab";
  return options;
}

Result<net::Serve> expired_intermediate(const Site& site) {
  authority::CertificateOptions options = authority_of(site, "Handfast lab expired intermediate");
  options.not_after = site.workshop.now() - 3 * day;
  return below(site, options);
}

Result<net::Serve> leaf_as_issuer(const Site& site) {
  authority::CertificateOptions options = authority_of(site, "Handfast lab common server");
  options.is_ca = false;
  options.key_usage = x509::KeyUsage::digitalSignature;
  return below(site, options);
}

Result<net::Serve> constrained(const Site& site) {
  authority::CertificateOptions options = authority_of(site, "Handfast lab intermediate for example.com");
  // NameConstraints (RFC 5280, section 4.2.1.10): permittedSubtrees with one dNSName.
  Buffer value;
  der::Writer w(value);
  w.within(der::Tag::sequence, [&] {
    w.within(der::context_constructed(0),
             [&] { w.within(der::Tag::sequence, [&] { w.text(der::context(2), "example.com"); }); });
  });
  options.extensions.push_back({"2.5.29.30", true, std::move(value)});
  return below(site, options);
}

Result<net::Serve> path_too_long(const Site& site) {
  authority::CertificateOptions options = authority_of(site, "Handfast lab last intermediate");
  options.path_len = 0;
  auto last = site.workshop.make_authority(options, site.workshop.root());
  if (!last) return fail(std::move(last.error()));
  auto another = site.workshop.make_authority(authority_of(site, "Handfast lab one intermediate too many"), *last);
  if (!another) return fail(std::move(another.error()));
  Plan plan = site.plan();
  plan.leaf.extensions.clear();
  plan.issuer = &*another;
  plan.behind = {another->certificate, last->certificate};
  return site.serve(plan);
}

constexpr Scenario chain_table[] = {
    {.name = "missing-intermediate",
     .summary = "the server sends its own certificate alone, without the intermediate",
     .expected = {Finding::missing_intermediate, ExitCode::certificate, Fault::server, "chain-fix"},
     .server = no_intermediate},
    {.name = "missing-second-intermediate",
     .summary = "of two intermediates the server sends the lower one alone; nothing says whether a root issued that",
     .expected = {Reason::unknown_issuer, ExitCode::certificate, Fault::unknown, "chain-fix"},
     .server = no_second_intermediate},
    {.name = "misordered-chain",
     .summary = "all of the chain is there, but not each certificate before its issuer",
     .expected = {.besides = Finding::misordered_chain},
     .server = misordered},
    {.name = "superfluous-certificates",
     .summary = "behind the chain come the root and a certificate of somebody else's",
     .expected = {.besides = Finding::superfluous_certificates},
     .server = superfluous},
    {.name = "expired-intermediate",
     .summary = "the intermediate has expired 3 days ago",
     .expected = {Reason::certificate_expired, ExitCode::certificate, Fault::server, "renew"},
     .server = expired_intermediate},
    {.name = "not-a-ca",
     .summary = "issued by a certificate that is no authority's",
     .expected = {Reason::not_a_ca, ExitCode::certificate, Fault::issuer, "make that certificate a CA's"},
     .server = leaf_as_issuer},
    {.name = "name-constraints",
     .summary = "issued by an authority that may vouch for example.com alone",
     .expected = {Reason::name_constraint_violation, ExitCode::certificate, Fault::issuer, "constraints"},
     .server = constrained},
    {.name = "path-length",
     .summary = "one intermediate more than the one above it allows",
     .expected = {Reason::path_length_exceeded, ExitCode::certificate, Fault::issuer, "pathlen"},
     .server = path_too_long},
};

}  // namespace

std::span<const Scenario> chain_scenarios() { return chain_table; }

}  // namespace handfast::doctor::lab
