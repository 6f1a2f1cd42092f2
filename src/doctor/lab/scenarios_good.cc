// Servers without a fault: a lab in which everything fails would not show a false alarm.
#include "doctor/lab/scenario.h"
#include "x509/pem.h"

namespace handfast::doctor::lab {
namespace {

Result<net::Serve> plain(const Site& site) { return site.serve(); }

Result<net::Serve> tls12(const Site& site) {
  ServerOptions options;
  options.max_version = ProtocolVersion::tls1_2;
  return site.serve(std::move(options));
}

Result<net::Serve> retry(const Site& site) {
  ServerOptions options;
  options.groups = {NamedGroup::secp384r1};
  return site.serve(std::move(options));
}

Result<net::Serve> client_auth(const Site& site) {
  auto options = site.asking_clients();
  if (!options) return fail(std::move(options.error()));
  return site.serve(*std::move(options));
}

Result<net::Serve> alpn(const Site& site) {
  ServerOptions options;
  options.application_protocols = {"http/1.1"};
  return site.serve(std::move(options));
}

Result<net::Serve> long_chain(const Site& site) {
  Plan plan = site.plan();
  plan.issuer = &site.workshop.sub();
  plan.behind = {site.workshop.sub().certificate, site.workshop.intermediate().certificate};
  return site.serve(plan);
}

Result<net::Serve> rsa(const Site& site) {
  auto key = crypto::SigningKey::generate(crypto::KeyType::rsa);
  if (!key) return fail(std::move(key.error()));
  auto made = site.workshop.make(site.plan(), *key);
  if (!made) return fail(std::move(made.error()));
  return site.serve(*made);
}

Result<net::Serve> wildcard(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.names = {"*." + site.host.substr(site.host.find('.') + 1)};
  return site.serve(plan);
}

Result<net::Serve> staple(const Site& site) {
  Plan plan = site.plan();
  plan.leaf.extensions.push_back(must_staple());
  auto made = site.workshop.make(plan);
  if (!made) return fail(std::move(made.error()));
  CredentialExtras extras;
  auto response = site.workshop.staple(plan, made->leaf, x509::RevocationStatus::good);
  if (!response) return fail(std::move(response.error()));
  extras.ocsp_response = *std::move(response);
  return site.serve(*made, {}, std::move(extras));
}

Result<net::Serve> pinned(const Site& site) {
  auto made = site.workshop.make_self_signed(site.plan().leaf);
  if (!made) return fail(std::move(made.error()));
  if (auto written = site.write("pinned.pem", made->chain_pem()); !written) return fail(std::move(written.error()));
  return site.serve(*made);
}

constexpr Scenario good_table[] = {
    {.name = "good", .summary = "TLS 1.3, and nothing wrong with it", .server = plain},
    {.name = "good-tls12", .summary = "TLS 1.2, and nothing wrong with it", .server = tls12},
    {.name = "good-retry", .summary = "asks for another group with a HelloRetryRequest, as it may", .server = retry},
    {.name = "good-client-auth",
     .summary = "asks for a client certificate, and the client has a good one",
     .server = client_auth,
     .arguments = "--cert {folder}/client.pem --key {folder}/client.key"},
    {.name = "good-alpn",
     .summary = "chooses the application protocol http/1.1",
     .server = alpn,
     .arguments = "--alpn h2,http/1.1"},
    {.name = "good-chain", .summary = "a chain with two intermediates, in order", .server = long_chain},
    {.name = "good-rsa", .summary = "a certificate with an RSA key", .server = rsa},
    {.name = "good-wildcard",
     .summary = "a wildcard in the certificate that covers the name",
     .server = wildcard,
     .host = "www.good-wildcard.localhost"},
    {.name = "good-address",
     .summary = "a certificate for an IP address, and asked for by it",
     .server = plain,
     .host = "127.0.0.1"},
    {.name = "good-staple",
     .summary = "the certificate has to come with an OCSP response, and does, with a good one",
     .server = staple},
    {.name = "good-pin",
     .summary = "self-signed, and the client was given that very certificate",
     .server = pinned,
     .arguments = "--pin {folder}/pinned.pem"},
};

}  // namespace

std::span<const Scenario> good_scenarios() { return good_table; }

}  // namespace handfast::doctor::lab
