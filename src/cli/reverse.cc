// handfast reverse: TLS ends here, and requests go on to the origins behind.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/credential_flags.h"
#include "cli/proxy_flags.h"
#include "cli/refusal.h"
#include "cli/throw_away.h"
#include "cli/tls_flags.h"
#include "config/tls_words.h"
#include "doctor/verdict.h"
#include "net/address.h"
#include "proxy/reverse.h"

namespace handfast::cli {
namespace {

constexpr const char* reverse_examples = R"(Examples:
  handfast reverse --from :8443 --to http://127.0.0.1:8080
      HTTPS in front of what speaks HTTP, with a throw-away certificate:
      curl -k https://localhost:8443/   (--ca-out FILE lets clients trust it)
  handfast reverse --from :443 --to http://127.0.0.1:8080 --cert fullchain.pem --key privkey.pem
      With a certificate. When its file changes the new one is taken, and no
      connection is lost.
  handfast reverse --from :443 --cert a.pem --key a.key --cert b.pem --key b.key \
      --to a.example=http://127.0.0.1:8080 --to b.example=http://127.0.0.1:8081
      Two sites, by the name that a client asks for (SNI). A request for one on
      a connection of the other is answered with 421.
  handfast reverse --from :8443 --to https://10.0.0.5 --to https://10.0.0.6 --upstream-name origin.example --ca ca.pem
      Encrypted again, to two origins in turn, whose certificates are verified.
      One that is not right is a 502, with the reason in the log.
  handfast reverse --from :8443 --to http://127.0.0.1:8080 --client-auth require --client-ca clients.pem \
      --client-allow cn:alice --pass-client-cert
      Only for alice, who is told of to the origin in Client-Cert (RFC 9440).
  handfast reverse --from :993 --to tcp://127.0.0.1:143 --send-proxy v2 --cert mail.pem --key mail.key
      Anything else behind TLS. The origin learns by the PROXY protocol who it is.

Origins are told of the client in X-Forwarded-For, -Proto and -Host, and in
Forwarded (RFC 7239); what clients say under these names is dropped. It logs a
line for each handshake and each request. SIGHUP and changed files load all of
it anew, SIGTERM lets what was begun end (--drain-timeout).)";

struct ReverseFlags {
  std::string from;
  std::vector<std::string> to;
  CredentialFlags credentials;
  std::string ca_out;
  proxy::SiteOptions site;  ///< all but names, origins and certificates, which each site has of its own
  std::string alpn;
  std::vector<std::string> accept_proxy;
  ProxyFlags proxy;
  std::shared_ptr<const Credential> throw_away;  ///< kept over reloads
};

/// "a.example,b.example=http://127.0.0.1:8080": whose it is, and where to.
struct Destination {
  std::string names;
  std::string url;
};
Destination split(const std::string& text) {
  const std::size_t scheme = text.find("://");
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals > scheme) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// The sites that --to names, in the order in which it does.
Result<std::vector<proxy::SiteOptions>> sites_of(const ReverseFlags& flags) {
  auto credentials = credentials_of(flags.credentials);
  if (!credentials) return fail(std::move(credentials.error()));
  std::vector<proxy::SiteOptions> sites;
  std::vector<std::string> known;  // as they were written
  for (const std::string& text : flags.to) {
    const Destination destination = split(text);
    const auto found = std::ranges::find(known, destination.names);
    if (found != known.end()) {
      sites[static_cast<std::size_t>(found - known.begin())].to.push_back(destination.url);
      continue;
    }
    proxy::SiteOptions site = flags.site;
    if (!destination.names.empty()) {
      auto names = config::parse_list("--to", destination.names);
      if (!names) return fail(std::move(names.error()));
      site.names = *std::move(names);
    }
    if (!flags.alpn.empty()) {
      auto protocols = config::parse_list("--alpn", flags.alpn);
      if (!protocols) return fail(std::move(protocols.error()));
      site.alpn = *std::move(protocols);
    }
    site.to.push_back(destination.url);
    site.credentials = *credentials;
    site.made_credential = flags.throw_away;
    sites.push_back(std::move(site));
    known.push_back(destination.names);
  }
  return sites;
}

Result<proxy::Listeners> make(const ReverseFlags& flags, const proxy::Lasting& lasting, proxy::Files& files) {
  Result<net::HostPort> address = net::parse_host_port(flags.from, std::nullopt);
  if (!address) return fail(of_flag("--from", address.error()));
  auto sites = sites_of(flags);
  if (!sites) return fail(std::move(sites.error()));
  proxy::ReverseOptions options{*std::move(sites), flags.accept_proxy, flags.proxy.limits};
  auto service = proxy::make_reverse(options, lasting);
  if (!service) {
    const Fact::Value* key = service.error().find("option");
    // A site has its names from --to.
    return fail(key != nullptr && to_text(*key) == "name" ? of_flag("--to", service.error()) : of_key(service.error()));
  }
  files = proxy::files_of(options);
  return proxy::Listeners{{*std::move(address), *std::move(service)}};
}

int run(ReverseFlags& flags) {
  if (flags.credentials.certificates.empty()) {
    std::vector<std::string> names;
    for (const std::string& text : flags.to)
      if (auto list = config::parse_list("--to", split(text).names))
        names.insert(names.end(), list->begin(), list->end());
    auto credential = throw_away_credential(flags.ca_out, std::move(names));
    if (!credential) return refuse(doctor::judge_config(credential.error()));
    flags.throw_away = *std::move(credential);
    fmt::print(stderr, "handfast: no --cert: a throw-away certificate; {}\n",
               flags.ca_out.empty() ? "nobody trusts it (--ca-out FILE writes its authority for clients to trust)"
                                    : fmt::format("its authority is in {}", flags.ca_out));
  }
  return run_proxy(flags.proxy.run,
                   [&flags](proxy::Lasting& lasting, proxy::Files& files) { return make(flags, lasting, files); });
}

void add_client_side(CLI::App& command, ReverseFlags& flags) {
  proxy::SiteOptions& site = flags.site;
  add_credential_flags(command, flags.credentials, "Certificate that clients are shown");
  command.add_option("--ca-out", flags.ca_out, "Write the throw-away certificate's authority to FILE")
      ->type_name("FILE")
      ->excludes("--cert");
  command
      .add_option("--tls", site.versions,
                  "Versions that clients may speak: 1.2, 1.3, or a range, 1.2..1.3 (the default). 1.1 and 1.0 are "
                  "withdrawn (RFC 8996), and need suites of theirs beside those of TLS 1.2 and 1.3: "
                  "--suites default,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA")
      ->type_name("LO..HI");
  command
      .add_option("--suites", site.suites,
                  "Cipher suites, in order of preference; default stands for those without the flag. Those of TLS 1.2 "
                  "with RSA key exchange, which have no forward "
                  "secrecy, and with CBC are spoken only where they are named here")
      ->type_name("A,B,...");
  command.add_option("--groups", site.groups, "Groups of the key exchange, in order of preference")
      ->type_name("A,B,...");
  command.add_flag("--require-ems", site.require_extended_master_secret,
                   "Refuse a TLS 1.2 without the extended master secret (RFC 7627)");
  command.add_option("--alpn", flags.alpn, "Application protocols in front of tcp:// origins")->type_name("A,B,...");
  command.add_option("--client-auth", site.client_auth, "Ask clients for a certificate: none, request, require")
      ->type_name("MODE")
      ->check(CLI::IsMember({"none", "request", "require"}).description(""));
  command
      .add_option("--client-ca", site.client_ca,
                  "Authorities that client certificates must come from; several times for several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command.add_option("--client-crl", site.client_crl, "Refuse the revoked ones of these lists")->type_name("FILE|DIR");
  command
      .add_option("--client-allow", site.client_allow,
                  "Of the clients with a certificate only those that are dns:NAME, ip:, uri:, email:, subject:, cn:, "
                  "sha256: or spki: so; several times for several")
      ->type_name("TERM")
      ->allow_extra_args(false);
  command.add_option("--tickets", site.tickets, "Tickets after a full handshake; 0: no session is resumed")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 16).description(""));
  command.add_option("--ticket-lifetime", site.ticket_lifetime, "Seconds for which a session may be resumed")
      ->type_name("SECONDS")
      ->capture_default_str();
  command
      .add_option("--early-data", site.early_data,
                  "Take up to BYTES with a resumed client's first flight (0-RTT). Whoever sees one on its way may be "
                  "first with it: only safe methods go on before the handshake is over, with Early-Data: 1 (RFC 8470)")
      ->type_name("BYTES");
  command
      .add_option("--accept-proxy", flags.accept_proxy,
                  "Connections from these addresses begin with a header of the PROXY protocol, or are closed; several "
                  "times for several")
      ->type_name("ADDR[/BITS]")
      ->allow_extra_args(false);
}

void add_origin_side(CLI::App& command, ReverseFlags& flags) {
  proxy::SiteOptions& site = flags.site;
  command
      .add_option("--ca", site.origin.ca,
                  "Whom to trust in https:// origins, instead of the system's authorities; several times for several")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command.add_option("--upstream-name", site.origin_name, "Whom their certificates have to be for, and SNI")
      ->type_name("NAME");
  command.add_option("--upstream-cert", site.origin.credential.certificate, "Certificate to show to origins that ask")
      ->type_name("FILE");
  command.add_option("--upstream-key", site.origin.credential.key, "Its private key, if it is not in the same file")
      ->type_name("FILE")
      ->needs("--upstream-cert");
  command.add_option("--upstream-host", site.origin_host, "Host that origins get, instead of the client's")
      ->type_name("NAME");
  command.add_option("--send-proxy", site.send_proxy, "Begin connections to origins with a PROXY header: v1 or v2")
      ->type_name("VERSION");
  command.add_flag("--pass-client-cert", site.pass_client_cert,
                   "Tell origins of the client's verified certificate, in Client-Cert (RFC 9440)");
}

}  // namespace

void add_reverse(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<ReverseFlags>();
  CLI::App* command = program.add_subcommand("reverse", "End TLS in front of origins that speak HTTP, or anything");
  command->add_option("--from", flags->from, "Where to listen; port 0 is any that is free, :PORT every address")
      ->type_name("ADDR:PORT")
      ->required();
  command
      ->add_option("--to", flags->to,
                   "An origin: http://HOST[:PORT], https://HOST[:PORT] or tcp://HOST:PORT; several times for several "
                   "in turn. With NAME=, for the site of that name alone: shop.example, *.shop.example (all below it)")
      ->type_name("[NAME,...=]URL")
      ->allow_extra_args(false)
      ->required();
  add_client_side(*command, *flags);
  add_origin_side(*command, *flags);
  add_proxy_flags(*command, flags->proxy);
  command->footer(reverse_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace handfast::cli
