// handfast forward: the proxy that clients are told of, for CONNECT and for http://.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/credential_flags.h"
#include "cli/proxy_flags.h"
#include "cli/tls_flags.h"
#include "net/address.h"
#include "proxy/forward.h"

namespace handfast::cli {
namespace {

constexpr const char* forward_examples = R"(Examples:
  handfast forward --listen 127.0.0.1:3128
      Then: curl -x http://127.0.0.1:3128 https://example.com/ goes through it,
      by CONNECT: TLS stays between curl and example.com. http:// URLs too.
  handfast forward --listen :3128 --auth-file users
      Only for those in the file, a line each: user:password, or user:HASH as
      htpasswd -nB and openssl passwd -6 print it.
      curl -x http://user:password@HOST:3128 ...
  handfast forward --listen :3128 --allow '*.example.com:443' --allow 198.51.100.0/24
      These targets, and no others. --deny is stronger than --allow.
  handfast forward --listen :3128 --allow '*' --allow 10.0.0.0/8
      Everything, and that private network too. This machine, its networks and
      other addresses of special use are out of reach, by whatever name, unless
      an --allow names them by address.
  handfast forward --listen :3129 --cert proxy.pem --key proxy.key --auth-file users
      The way to the proxy is TLS as well, and passwords are seen by nobody.
      curl -x https://user:password@proxy.example:3129 ...

It logs a line for each request and each tunnel: who, where to, bytes, how long;
of a tunnel never the contents. SIGHUP and changed files load all of it anew,
SIGTERM lets what was begun end (--drain-timeout).)";

struct ForwardFlags {
  std::string listen;
  CredentialFlags credentials;
  proxy::ForwardOptions options;
  ProxyFlags proxy;
};

Result<proxy::Listeners> make(const ForwardFlags& flags, const proxy::Lasting& lasting, proxy::Files& files) {
  Result<net::HostPort> address = net::parse_host_port(flags.listen, std::nullopt);
  if (!address) return fail(of_flag("--listen", address.error()));
  proxy::ForwardOptions options = flags.options;
  options.limits = flags.proxy.limits;
  auto credentials = credentials_of(flags.credentials);
  if (!credentials) return fail(std::move(credentials.error()));
  options.tls.credentials = *std::move(credentials);
  auto service = proxy::make_forward(options, lasting);
  if (!service) return fail(of_key(service.error()));
  files = proxy::files_of(options);
  return proxy::Listeners{{*std::move(address), *std::move(service)}};
}

/// An open proxy is soon everybody's.
void warn(const ForwardFlags& flags) {
  const auto address = net::parse_host_port(flags.listen, std::nullopt);
  if (!address) return;
  const bool open = flags.options.auth_file.empty() && flags.options.tls.client_ca.empty();
  const bool here = address->host.starts_with("127.") || address->host == "::1" || address->host == "localhost";
  if (open && !here)
    fmt::print(stderr, "handfast: whoever reaches {} may use this proxy: --auth-file says who may\n", flags.listen);
  if (!flags.options.auth_file.empty() && flags.credentials.certificates.empty() && !here)
    fmt::print(stderr, "handfast: passwords come to {} in the clear: --cert lets clients come by TLS\n", flags.listen);
}

}  // namespace

void add_forward(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<ForwardFlags>();
  CLI::App* command = program.add_subcommand("forward", "A proxy for clients that know of it: CONNECT and http://");
  command->add_option("--listen", flags->listen, "Where; port 0 is any that is free, :PORT every address")
      ->type_name("ADDR:PORT")
      ->required();
  add_credential_flags(*command, flags->credentials, "The proxy's own certificate: clients come to it by TLS");
  command
      ->add_option("--client-ca", flags->options.tls.client_ca,
                   "Then clients need a certificate of these authorities; several times for several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command->add_option("--auth-file", flags->options.auth_file, "Who may use it: user:password, one a line")
      ->type_name("FILE");
  command->add_option("--realm", flags->options.realm, "What clients show to whoever is asked for a password")
      ->type_name("TEXT")
      ->capture_default_str();
  add_access_flags(*command, flags->options.access);
  add_proxy_flags(*command, flags->proxy);
  command->footer(forward_examples);
  command->callback([flags, &chosen] {
    chosen = [flags] {
      warn(*flags);
      return run_proxy(flags->proxy.run,
                       [flags](proxy::Lasting& lasting, proxy::Files& files) { return make(*flags, lasting, files); });
    };
  });
}

}  // namespace handfast::cli
