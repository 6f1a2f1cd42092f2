// handfast passthrough: TLS routed by its ClientHello, and not decrypted.
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/proxy_flags.h"
#include "cli/tls_flags.h"
#include "net/address.h"
#include "proxy/passthrough.h"

namespace handfast::cli {
namespace {

constexpr const char* passthrough_examples = R"(Examples:
  handfast passthrough --from :8443 --route shop.example=127.0.0.1:9443
      Who asks for shop.example (SNI) goes there; the server there decrypts, and
      its certificate is what the client sees. All others are refused.
  handfast passthrough --from :443 --route 'shop.example,*.shop.example=10.0.0.5:443,10.0.0.6:443' \
      --default 10.0.0.9:443
      Two servers in turn, for the name and all names below it; the rest
      elsewhere. The most exact route counts, whatever their order.
  handfast passthrough --from :443 --route 'alpn:acme-tls/1=127.0.0.1:8402' --default 127.0.0.1:8443
      By protocol (ALPN): the challenges of ACME apart. With a name as well:
      'api.example,alpn:h2=127.0.0.1:9000'.
  handfast passthrough --from :443 --default 10.0.0.5:443 --send-proxy v2
      The server hears whom a connection is from: PROXY protocol, before TLS.
  handfast passthrough --from :443 --default 10.0.0.5:443 --accept-proxy 10.0.1.0/24
      And so do we, from the balancers in that network, and from nobody else.

It logs a line for each ClientHello and for each tunnel: bytes, not contents.
SIGHUP opens the log anew, SIGTERM lets tunnels end (--drain-timeout).)";

struct PassthroughFlags {
  std::string from;
  proxy::PassthroughOptions options;
  ProxyFlags proxy;
};

Result<proxy::Listeners> make(const PassthroughFlags& flags) {
  Result<net::HostPort> address = net::parse_host_port(flags.from, std::nullopt);
  if (!address) return fail(of_flag("--from", address.error()));
  proxy::PassthroughOptions options = flags.options;
  options.limits = flags.proxy.limits;
  auto service = proxy::make_passthrough(options);
  if (!service) return fail(of_key(service.error()));
  return proxy::Listeners{{*std::move(address), *std::move(service)}};
}

}  // namespace

void add_passthrough(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<PassthroughFlags>();
  CLI::App* command = program.add_subcommand("passthrough", "Route TLS by the name that it asks for, undecrypted");
  command->add_option("--from", flags->from, "Where to listen; port 0 is any that is free, :PORT every address")
      ->type_name("ADDR:PORT")
      ->required();
  command
      ->add_option("--route", flags->options.routes,
                   "Where a name leads: shop.example, *.shop.example (all below it), * (any), and alpn:h2 for a "
                   "protocol; several times for several. Several targets are taken in turn")
      ->type_name("NAME,...=ADDR:PORT,...")
      ->allow_extra_args(false);
  command->add_option("--default", flags->options.fallback, "Where all else leads; if not given, it is refused")
      ->type_name("ADDR:PORT,...");
  command
      ->add_option("--accept-proxy", flags->options.accept_proxy,
                   "Connections from these addresses begin with a header of the PROXY protocol, or are closed; several "
                   "times for several")
      ->type_name("ADDR[/BITS]")
      ->allow_extra_args(false);
  command->add_option("--send-proxy", flags->options.send_proxy, "Send such a header to the targets: v1 or v2")
      ->type_name("VERSION");
  add_proxy_flags(*command, flags->proxy);
  command->footer(passthrough_examples);
  command->callback([flags, &chosen] {
    chosen = [flags] {
      return run_proxy(flags->proxy.run, [flags](proxy::Lasting&, proxy::Files&) { return make(*flags); });
    };
  });
}

}  // namespace handfast::cli
