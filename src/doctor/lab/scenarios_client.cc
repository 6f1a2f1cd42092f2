// Servers that want a certificate of the client, and what they do with one.
#include <array>

#include "doctor/lab/scenario.h"

namespace handfast::doctor::lab {
namespace {

Result<net::Serve> asking(const Site& site, ProtocolVersion newest) {
  ServerOptions common;
  common.max_version = newest;
  auto options = site.asking_clients(std::move(common));
  if (!options) return fail(std::move(options.error()));
  return site.serve(*std::move(options));
}

Result<net::Serve> tls13(const Site& site) { return asking(site, ProtocolVersion::tls1_3); }
Result<net::Serve> tls12(const Site& site) { return asking(site, ProtocolVersion::tls1_2); }

Result<net::Serve> for_alice(const Site& site) {
  ServerOptions common;
  const std::array<std::string, 1> allowed{"cn:alice"};
  auto rule = IdentityRule::any_of(allowed);
  if (!rule) return fail(std::move(rule.error()));
  common.authorization = *std::move(rule);
  auto options = site.asking_clients(std::move(common));
  if (!options) return fail(std::move(options.error()));
  return site.serve(*std::move(options));
}

constexpr Scenario client_table[] = {
    {.name = "client-certificate-required",
     .summary = "wants a client certificate, and the client has none",
     .expected = {Finding::client_certificate_required, ExitCode::client_authentication, Fault::client, "--cert"},
     .server = tls13},
    {.name = "client-certificate-required-tls12",
     .summary = "the same in TLS 1.2, where it is told within the handshake",
     .expected = {Finding::client_certificate_required, ExitCode::client_authentication, Fault::client, "--cert"},
     .server = tls12},
    {.name = "client-certificate-unknown",
     .summary = "the client's certificate is by an authority that the server does not trust, as it says late",
     .expected = {Finding::client_certificate_refused, ExitCode::client_authentication, Fault::client, "authority"},
     .server = tls13,
     .arguments = "--cert {folder}/stranger.pem --key {folder}/stranger.key",
     .needs_arguments = true},
    {.name = "client-certificate-unknown-tls12",
     .summary = "the same in TLS 1.2, within the handshake",
     .expected = {Finding::client_certificate_refused, ExitCode::client_authentication, Fault::client, "authority"},
     .server = tls12,
     .arguments = "--cert {folder}/stranger.pem --key {folder}/stranger.key",
     .needs_arguments = true},
    {.name = "client-certificate-expired",
     .summary = "the client's certificate has expired",
     .expected = {Finding::client_certificate_refused, ExitCode::client_authentication, Fault::client, "Renew it"},
     .server = tls13,
     .arguments = "--cert {folder}/expired-client.pem --key {folder}/expired-client.key",
     .needs_arguments = true},
    {.name = "client-certificate-forbidden",
     .summary = "the client's certificate is good, but only alice may connect",
     .expected = {Finding::client_certificate_refused, ExitCode::client_authentication, Fault::client,
                  "whoever runs the server"},
     .server = for_alice,
     .arguments = "--cert {folder}/client.pem --key {folder}/client.key",
     .needs_arguments = true},
};

}  // namespace

std::span<const Scenario> client_scenarios() { return client_table; }

}  // namespace handfast::doctor::lab
