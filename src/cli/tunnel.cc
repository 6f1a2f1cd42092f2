// handfast tunnel: TLS put around what has none, or taken off.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/credential_flags.h"
#include "cli/proxy_flags.h"
#include "cli/tls_flags.h"
#include "config/tls_words.h"
#include "proxy/tunnel.h"

namespace handfast::cli {
namespace {

constexpr const char* tunnel_examples = R"(Examples:
  handfast tunnel --from 127.0.0.1:8993 --to tls://mail.example:993
      Programs on this machine speak to port 8993 in the clear; what leaves it is
      TLS, and mail.example's certificate is verified.
  handfast tunnel --from tls://:8443 --cert site.pem --key site.key --to tcp://127.0.0.1:8080
      The other way round: TLS ends here, a server without it is behind.
  handfast tunnel --from tls://:6380 --cert redis.pem --client-ca clients.pem --to 127.0.0.1:6379
      Only for clients with a certificate of that authority.
  handfast tunnel --from :5433 --to tls://db.example:5433 --ca internal-ca.pem --upstream-cert me.pem
      To a server of an authority of our own, which wants to know us.
  handfast tunnel --from tls://:443 --cert site.pem --to 10.0.0.5:80 --send-proxy v2
      The server hears whom a connection is from, and about its TLS.

It logs a line for each handshake and for each tunnel: bytes, not contents.
SIGHUP and changed files load all of it anew, SIGTERM lets tunnels end
(--drain-timeout).)";

struct TunnelFlags {
  CredentialFlags credentials;
  std::string application_protocols;
  proxy::TunnelOptions options;
  ProxyFlags proxy;
};

Result<proxy::Listeners> make(const TunnelFlags& flags, const proxy::Lasting& lasting, proxy::Files& files) {
  proxy::TunnelOptions options = flags.options;
  options.limits = flags.proxy.limits;
  auto credentials = credentials_of(flags.credentials);
  if (!credentials) return fail(std::move(credentials.error()));
  options.server.credentials = *std::move(credentials);
  if (!flags.application_protocols.empty()) {
    auto protocols = config::parse_list("--alpn", flags.application_protocols);
    if (!protocols) return fail(std::move(protocols.error()));
    options.application_protocols = *std::move(protocols);
  }
  auto from = proxy::parse_tunnel_end("from", options.from);
  if (!from) return fail(of_key(from.error()));
  auto service = proxy::make_tunnel(options, lasting);
  if (!service) return fail(of_key(service.error()));
  files = proxy::files_of(options);
  return proxy::Listeners{{std::move(from->address), *std::move(service)}};
}

}  // namespace

void add_tunnel(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<TunnelFlags>();
  proxy::TunnelOptions& options = flags->options;
  CLI::App* command = program.add_subcommand("tunnel", "TLS around any protocol: put on, or taken off");
  command->add_option("--from", options.from, "Where to listen, in the clear or (tls://) by TLS")
      ->type_name("[tls://]ADDR:PORT")
      ->required();
  command->add_option("--to", options.to, "Where it goes, in the clear or by TLS, verified")
      ->type_name("[tls://]HOST:PORT")
      ->required();
  add_credential_flags(*command, flags->credentials, "What clients see, with --from tls://");
  command
      ->add_option("--client-ca", options.server.client_ca,
                   "Clients need a certificate of these authorities; several times for several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command
      ->add_option("--client-allow", options.server.client_allow,
                   "And of these only those that are dns:NAME, uri:, cn:, sha256: or so; several times for several")
      ->type_name("TERM")
      ->allow_extra_args(false);
  command
      ->add_option("--ca", options.origin.ca,
                   "Trust these authorities, instead of the system's, with --to tls://; several times for several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command->add_option("--server-name", options.server_name, "Whom the certificate has to be for, if not --to's host")
      ->type_name("NAME");
  auto* certificate = command
                          ->add_option("--upstream-cert", options.origin.credential.certificate,
                                       "A certificate of ours, where the server asks for one")
                          ->type_name("FILE");
  command->add_option("--upstream-key", options.origin.credential.key, "Its private key, if it is not in the same file")
      ->type_name("FILE")
      ->needs(certificate);
  command->add_option("--alpn", flags->application_protocols, "Application protocols, in order of preference")
      ->type_name("A,B,...");
  command
      ->add_option("--accept-proxy", options.accept_proxy,
                   "Connections from these addresses begin with a header of the PROXY protocol, or are closed; several "
                   "times for several")
      ->type_name("ADDR[/BITS]")
      ->allow_extra_args(false);
  command->add_option("--send-proxy", options.send_proxy, "Send such a header to the target: v1 or v2")
      ->type_name("VERSION");
  add_proxy_flags(*command, flags->proxy);
  command->footer(tunnel_examples);
  command->callback([flags, &chosen] {
    chosen = [flags] {
      return run_proxy(flags->proxy.run,
                       [flags](proxy::Lasting& lasting, proxy::Files& files) { return make(*flags, lasting, files); });
    };
  });
}

}  // namespace handfast::cli
