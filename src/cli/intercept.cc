// handfast intercept: TLS that is looked into, by a proxy with an authority of its own.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/credential_flags.h"
#include "cli/proxy_flags.h"
#include "cli/tls_flags.h"
#include "net/address.h"
#include "proxy/intercept.h"

namespace handfast::cli {
namespace {

constexpr const char* intercept_examples = R"(Examples:
  handfast intercept --listen :8080
      A proxy for your browser or phone. At first start it makes an authority of
      its own; http://handfast.ca/, seen through the proxy, says how to trust it.
  handfast intercept --listen 127.0.0.1:8080 --har traffic.har
  curl --proxy http://127.0.0.1:8080 --cacert ~/.local/share/handfast/ca.crt https://example.com/
      What was asked and answered, for the network tab of any browser.
  handfast intercept --listen :8080 --passthrough '*.bank.example'
      These hosts are carried as they are; so are those whose clients refuse our
      certificate again and again (--pin-after).
  handfast intercept --listen :8080 --allow 10.0.0.0/8 --ca company.pem
      Hosts of a private network too, whose certificates that authority signs.
  handfast intercept --transparent --listen :8080
  iptables -t nat -A PREROUTING -i eth1 -p tcp --dport 443 -j REDIRECT --to-ports 8080
      Clients that know of no proxy. What the proxy itself sends must not be
      redirected.

An origin is verified before its client sees anything; what is wrong with its
certificate is just as wrong with the one that the client is shown. The log has
a line for each handshake and each request, on standard error or in --log.)";

struct InterceptFlags {
  std::string listen;
  proxy::InterceptOptions options;
  ProxyFlags proxy;
  bool told = false;  ///< where the authority is
};

void tell(const proxy::MadeIntercept& made, bool transparent) {
  fmt::print("{} authority: {}\nits SHA-256: {}\n", made.is_new ? "new" : "the", made.certificate.string(),
             made.fingerprint);
  if (!transparent) fmt::print("how to trust it: http://handfast.ca/, through this proxy\n");
}

Result<proxy::Listeners> make(InterceptFlags& flags, proxy::Lasting& lasting, proxy::Files& files) {
  Result<net::HostPort> address = net::parse_host_port(flags.listen, std::nullopt);
  if (!address) return fail(of_flag("--listen", address.error()));
  proxy::InterceptOptions options = flags.options;
  options.limits = flags.proxy.limits;
  Result<proxy::MadeIntercept> intercept = proxy::make_intercept(options, lasting);
  if (!intercept) return fail(of_key(intercept.error()));
  if (!std::exchange(flags.told, true)) tell(*intercept, options.transparent);
  files = proxy::files_of(options);
  return proxy::Listeners{{*std::move(address), std::move(intercept->service)}};
}

}  // namespace

void add_intercept(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<InterceptFlags>();
  proxy::InterceptOptions& options = flags->options;
  CLI::App* command = program.add_subcommand("intercept", "Look into TLS, as a proxy with an authority of its own");
  command->add_option("--listen", flags->listen, "Where to listen; port 0 is any that is free, :PORT every address")
      ->type_name("ADDR:PORT")
      ->required();
  command->add_flag("--transparent", options.transparent,
                    "For connections that the kernel redirects here (netfilter's REDIRECT), from clients that know of "
                    "no proxy");
  command
      ->add_option("--ca-dir", options.ca_dir,
                   "Where the authority is kept, or made; $XDG_DATA_HOME/handfast if it is not given")
      ->type_name("DIR");
  command
      ->add_option("--ca", options.trust,
                   "Whom origins may chain to beside what the system trusts: certificates in PEM; several times for "
                   "several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command->add_option("--har", options.har, "Keep what was asked and answered in this file, HTTP Archive 1.2")
      ->type_name("FILE");
  command->add_option("--har-size", options.har_size, "Bytes that it may have: further entries are lost; 0: no limit")
      ->type_name("BYTES")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40).description(""));
  command->add_option("--har-body", options.har_body, "Bytes that are kept in it of each body")
      ->type_name("BYTES")
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 30).description(""));
  command
      ->add_option("--passthrough", options.passthrough,
                   "Hosts that are not looked into: HOST, *.HOST, ADDR, ADDR/BITS; several times for several")
      ->type_name("HOST")
      ->allow_extra_args(false);
  command
      ->add_option("--pin-after", options.pinning.refusals,
                   "A client that has refused our certificate for a host so many times within ten minutes has that "
                   "host as it is for a day; 0: never")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000).description(""));
  add_access_flags(*command, options.access);
  add_proxy_flags(*command, flags->proxy);
  command->footer(intercept_examples);
  command->callback([flags, &chosen] {
    chosen = [flags] {
      return run_proxy(flags->proxy.run,
                       [flags](proxy::Lasting& lasting, proxy::Files& files) { return make(*flags, lasting, files); });
    };
  });
}

}  // namespace handfast::cli
