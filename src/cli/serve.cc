// handfast serve: a server that shows each visitor the handshake that just happened, or a folder's files.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <handfast/config.h>
#include <handfast/http_server.h>

#include "cli/commands.h"
#include "cli/host_names.h"
#include "cli/refusal.h"
#include "cli/session_flags.h"
#include "cli/throw_away.h"
#include "cli/tls_flags.h"
#include "cli/verification_flags.h"
#include "doctor/page.h"
#include "doctor/resumption.h"
#include "doctor/staple.h"
#include "doctor/verdict.h"
#include "http/static_files.h"
#include "net/address.h"
#include "x509/certificate.h"

namespace handfast::cli {
namespace {

using doctor::ExitCode;

constexpr const char* serve_examples = R"(Examples:
  handfast serve
      On 127.0.0.1:8443 with a throw-away certificate. Then, elsewhere:
      curl -k https://localhost:8443/   (-k: nobody trusts that certificate)
  handfast serve --ca-out ca.pem
      The same, and a client can trust it: curl --cacert ca.pem ..., or
      handfast connect localhost:8443 --ca ca.pem
  handfast serve --listen :443 --cert fullchain.pem --key privkey.pem --www site
      The files of a folder, on every address of this machine.
  handfast serve --cert a.pem --key a.key --cert b.pem --key b.key
      Several certificates: the one for the name that the client asks for.
  handfast serve --cert site.pem --key site.key --staple site.ocsp
      With proof that the certificate is not revoked, for clients that ask. It
      has to say "good" of it now; its signature is checked if the issuer is in
      --cert too. Past its nextUpdate it is not sent: restart with a new one.
      To get it: openssl x509 -in site.pem -noout -ocsp_uri prints the URL for
      openssl ocsp -no_nonce -issuer issuer.pem -cert site.pem \
        -respout site.ocsp -url URL
  handfast serve --client-auth require --client-ca clients.pem
      Only for clients with a certificate from that authority.
  handfast serve --client-auth require --client-ca ca.pem --allow cn:alice
      And of those only for alice (or dns:*.svc.example, uri:spiffe://..., ...).
  handfast serve --tickets 0
      Nothing is resumed: every handshake in full.
  handfast serve --early-data 16384
      Clients that come back may send up to 16 KB with their first bytes. Others
      can send these again: each flight is taken once, by this process alone,
      whose ticket keys no other has. (Servers that share ticket keys each take
      it once, unless their tickets are kept in a store that gives each away
      once to all of them; else leave early data off there: README.)
  handfast serve --www site --client-auth-for /private --client-ca clients.pem
      Files for everybody; for those below /private, and only then, a client is
      asked for its certificate (post-handshake authentication, in TLS 1.3).

On standard error it logs each connection, each client that shows a certificate
later, each 403, and what failed: a handshake, or a request that was cut short.
It stops on Ctrl-C.)";

struct ServeFlags {
  std::string listen = "127.0.0.1:8443";
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::vector<std::string> staples;
  std::string ca_out;
  std::string www;
  std::string client_auth = "none";
  std::vector<std::string> private_paths;
  std::string client_ca;
  VerificationFlags client_verification;
  SessionFlags sessions;
  std::vector<std::string> allowed;
  TlsFlags tls;
};

std::unexpected<Error> bad_flag(std::string option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::move(option))
                  .with("problem", std::move(problem)));
}

Result<std::shared_ptr<const Credential>> load(const std::string& certificate, const std::string& key) {
  auto credential = Credential::from_files(certificate, key);
  if (!credential) return credential;
  const std::int64_t now = system_clock().now();
  const std::int64_t begin = (*credential)->not_before(), end = (*credential)->not_after();
  if (now > end)
    return bad_flag("--cert",
                    fmt::format("the certificate in {} has expired, on {}", certificate, x509::time_text(end)));
  if (now < begin)
    return bad_flag("--cert",
                    fmt::format("the certificate in {} is not valid before {}", certificate, x509::time_text(begin)));
  return credential;
}

/// The same with a staple from that file.
Result<std::shared_ptr<const Credential>> stapled(const Credential& credential, const std::string& path) {
  auto staple = doctor::read_staple(path, credential.chain(), system_clock().now());
  if (!staple) return fail(std::move(staple.error()));
  CredentialExtras extras = credential.extras();
  extras.ocsp_response = std::move(staple->response);
  if (!staple->signature_verified)
    spdlog::warn("{}: its signature is not checked, since the issuer's certificate is not in --cert", path);
  return Credential::make(credential.chain(), credential.key(), std::move(extras));
}

Result<> add_credentials(const ServeFlags& flags, ServerOptions& options) {
  if (!flags.keys.empty() && flags.keys.size() != flags.certificates.size())
    return bad_flag("--key", fmt::format("{} for {} --cert: give each its own, in the same order", flags.keys.size(),
                                         flags.certificates.size()));
  if (!flags.staples.empty() && flags.staples.size() != flags.certificates.size())
    return bad_flag("--staple", fmt::format("{} for {} --cert: give each its own, in the same order",
                                            flags.staples.size(), flags.certificates.size()));
  for (std::size_t i = 0; i < flags.certificates.size(); ++i) {
    auto credential = load(flags.certificates[i], flags.keys.empty() ? flags.certificates[i] : flags.keys[i]);
    if (credential && !flags.staples.empty()) credential = stapled(**credential, flags.staples[i]);
    if (!credential) return fail(std::move(credential.error()));
    options.credentials.push_back(std::move(*credential));
  }
  if (!options.credentials.empty()) return {};
  auto credential = throw_away_credential(flags.ca_out);
  if (!credential) return fail(std::move(credential.error()));
  options.credentials.push_back(std::move(*credential));
  return {};
}

/// Whom --allow permits.
Result<std::shared_ptr<const IdentityRule>> rule_of(std::vector<std::string> terms) {
  constexpr std::string_view dns = "dns:";
  for (std::string& term : terms) {
    if (!term.starts_with(dns)) continue;
    auto name = with_a_labels("--allow", std::string_view(term).substr(dns.size()));
    if (!name) return fail(std::move(name.error()));
    term.replace(dns.size(), std::string::npos, *name);
  }
  auto rule = IdentityRule::any_of(terms);
  if (!rule) return fail(of_flag("--allow", rule.error()));
  return rule;
}

Result<> add_client_auth(const ServeFlags& flags, ServerOptions& options) {
  options.post_handshake_auth = !flags.private_paths.empty();
  if (flags.client_auth == "none" && !options.post_handshake_auth) {
    for (const auto& [flag, given] : {std::pair{"--client-ca", !flags.client_ca.empty()},
                                      {"--client-crl", !flags.client_verification.lists.empty()},
                                      {"--client-revocation", flags.client_verification.revocation.has_value()},
                                      {"--client-profile", flags.client_verification.profile.has_value()},
                                      {"--allow", !flags.allowed.empty()}})
      if (given)
        return bad_flag(flag, "it is of no use without --client-auth request or require, or --client-auth-for");
    return {};
  }
  if (options.post_handshake_auth && options.max_version < ProtocolVersion::tls1_3)
    return bad_flag("--client-auth-for",
                    "a client can be asked after the handshake in TLS 1.3 only; --tls leaves it out");
  if (flags.client_ca.empty())
    return bad_flag(options.post_handshake_auth ? "--client-auth-for" : "--client-auth",
                    "--client-ca must name the authorities that client certificates come from");
  if (flags.client_auth != "none")
    options.client_auth = flags.client_auth == "require" ? ClientAuth::require : ClientAuth::request;
  auto trust = TrustAnchors::from_path(flags.client_ca);
  if (!trust) return fail(std::move(trust.error()));
  // Clients with several certificates choose by these names.
  options.client_ca_names = (*trust)->subjects();
  options.client_trust = std::move(*trust);
  auto verification = verification_of(flags.client_verification, RevocationPolicy::off);
  if (!verification) return fail(std::move(verification.error()));
  options.client_verification = std::move(*verification);
  if (flags.allowed.empty()) return {};
  auto rule = rule_of(flags.allowed);
  if (!rule) return fail(std::move(rule.error()));
  options.authorization = std::move(*rule);
  return {};
}

Result<std::shared_ptr<const ServerConfig>> make_config(const ServeFlags& flags) {
  ServerOptions options;
  if (auto applied = apply(flags.tls, options); !applied) return fail(std::move(applied.error()));
  if (auto added = add_credentials(flags, options); !added) return fail(std::move(added.error()));
  if (auto added = add_client_auth(flags, options); !added) return fail(std::move(added.error()));
  if (auto added = apply(flags.sessions, options); !added) return fail(std::move(added.error()));
  return ServerConfig::make(std::move(options));
}

void log_to_stderr() {
  auto logger = spdlog::stderr_color_mt("handfast");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S %v");
  spdlog::set_default_logger(std::move(logger));
}

std::string described(const Identity& client) {
  return "client certificate verified: " + doctor::printable(client.subject);
}

/// All that is kept of a connection's trace where nobody looks at its ladder.
class LastRefusal final : public Trace {
 public:
  void on(const TraceEvent& event) override {
    if (const auto* seen = std::get_if<ResumptionEvent>(&event.what)) refusal_ = seen->refusal;
  }
  SessionRefusal refusal() const noexcept { return refusal_; }

 private:
  SessionRefusal refusal_ = SessionRefusal::none;
};

SessionRefusal session_refusal(const http::Peer& peer) {
  if (const auto* recording = dynamic_cast<const doctor::Recording*>(peer.trace))
    return doctor::session_refusal(*recording);
  const auto* last = dynamic_cast<const LastRefusal*>(peer.trace);
  return last != nullptr ? last->refusal() : SessionRefusal::none;
}

std::string described(const http::Peer& peer) {
  const ConnectionInfo& info = peer.connection.info();
  std::string out =
      fmt::format("{} {} {} {}", peer.address, name(info.version), name(info.cipher_suite), name(info.group));
  if (info.retried) out += " after HelloRetryRequest";
  if (!info.server_name.empty()) out += fmt::format(" sni={}", doctor::printable(info.server_name));
  if (!info.application_protocol.empty()) out += fmt::format(" alpn={}", doctor::printable(info.application_protocol));
  if (info.resumption != Resumption::none)
    out += fmt::format(" resumed {}", doctor::words(info.resumption));
  else if (const SessionRefusal refusal = session_refusal(peer); refusal != SessionRefusal::none)
    out += fmt::format(" session not resumed: {}", doctor::words(refusal));
  if (doctor::concerns_client(info.early_data)) out += fmt::format(" early data {}", doctor::words(info.early_data));
  if (const std::optional<Identity> client = info.peer_identity()) out += " " + described(*client);
  return out;
}

/// The folders whose visitors are asked for a certificate.
class PrivateFolders {
 public:
  PrivateFolders(std::span<const std::string> paths, std::optional<http::StaticFiles> files)
      : files_(std::move(files)) {
    for (const std::string& path : paths) paths_.push_back(http::canonical_path(path).value_or(""));
  }

  /// Whether a request's target is one of them or something in it, by its path or by the file that links lead it to.
  /// What is no path is.
  bool hold(std::string_view target) const {
    const std::optional<std::string> path = http::canonical_path(target);
    return !path || std::ranges::any_of(paths_, [&](const std::string& folder) {
      return (*path + '/').starts_with(folder + '/') || (files_ && files_->leads_into(target, folder));
    });
  }

 private:
  std::vector<std::string> paths_;
  std::optional<http::StaticFiles> files_;
};

http::Response forbidden(const http::Request& request) {
  const bool asked = request.peer.connection.info().post_handshake_auth;
  spdlog::warn("{} 403 {}: {}", request.peer.address, doctor::printable(request.target),
               asked ? "the client has shown no certificate" : "the client can't be asked for a certificate");
  return http::text_response(403, asked ? "This needs a client certificate, and your client has none that fits."
                                        : "This needs a client certificate, and your client can't be asked for one: it "
                                          "did not offer post-handshake authentication.");
}

/// Nothing where there are none to be served.
Result<std::optional<http::StaticFiles>> open_files(const ServeFlags& flags) {
  if (flags.www.empty()) return std::nullopt;
  return http::StaticFiles::open(flags.www);
}

http::Handler make_handler(std::optional<http::StaticFiles> files) {
  if (files) return [files = *std::move(files)](const http::Request& request) { return files.answer(request); };
  return [](const http::Request& request) {
    return doctor::handshake_page(request, *static_cast<const doctor::Recording*>(request.peer.trace));
  };
}

Result<http::Settings> make_settings(const ServeFlags& flags) {
  http::Settings settings;
  settings.listen = flags.listen;
  auto files = open_files(flags);
  if (!files) return fail(std::move(files.error()));
  settings.handler = make_handler(*files);
  if (!flags.private_paths.empty()) {
    const PrivateFolders folders(flags.private_paths, *std::move(files));
    settings.needs_certificate = [folders](const http::Request& request) { return folders.hold(request.target); };
    settings.handler = [folders, open = std::move(settings.handler)](const http::Request& request) {
      const bool authenticated = request.peer.connection.info().peer_verified;
      return folders.hold(request.target) && !authenticated ? forbidden(request) : open(request);
    };
  }
  auto config = make_config(flags);
  if (!config) return fail(std::move(config.error()));
  settings.tls = std::move(*config);
  if (flags.www.empty())
    settings.trace = [] { return std::make_unique<doctor::Recording>(); };
  else
    settings.trace = [] { return std::make_unique<LastRefusal>(); };
  settings.established = [](const http::Peer& peer) { spdlog::info("{}", described(peer)); };
  settings.authenticated = [](const http::Peer& peer) {
    if (const std::optional<Identity> client = peer.connection.info().peer_identity())
      spdlog::info("{} {}", peer.address, described(*client));
  };
  settings.failed = [](const http::Peer& peer, const NetError& error) {
    spdlog::warn("{} failed: {}", peer.address, doctor::log_line(error, Side::server));
  };
  settings.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
  return settings;
}

/// "127.0.0.1:8443" with the port that it really is.
std::string listening_on(const ServeFlags& flags, std::uint16_t port) {
  auto address = net::parse_host_port(flags.listen, std::nullopt);
  return net::to_text({address && !address->host.empty() ? address->host : "*", port});
}

int serve(const ServeFlags& flags) {
  log_to_stderr();
  auto settings = make_settings(flags);
  if (!settings) return refuse(doctor::judge_config(settings.error()));

  // Every thread from here on leaves these two to the one that waits for them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);

  auto server = http::Server::listen(std::move(*settings));
  if (!server) return refuse(flags.listen, server.error());
  if (flags.certificates.empty())
    spdlog::warn("no --cert: a throw-away certificate for localhost, 127.0.0.1 and ::1; {}",
                 flags.ca_out.empty() ? "nobody trusts it (--ca-out FILE writes its authority for clients to trust)"
                                      : fmt::format("its authority is in {}", flags.ca_out));
  std::printf("listening on %s\n", listening_on(flags, server->port()).c_str());
  std::fflush(stdout);
  const std::jthread stopper([&server, &stops] {
    int signal = 0;
    sigwait(&stops, &signal);
    spdlog::info("{}: stopping", signal == SIGINT ? "SIGINT" : "SIGTERM");
    server->stop();
  });
  server->run();
  return static_cast<int>(ExitCode::ok);
}

}  // namespace

void add_serve(CLI::App& program, Command& chosen) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* command = program.add_subcommand("serve", "Serve HTTPS: the visitor's own handshake, or files");
  command->add_option("--listen", flags->listen, "Where; port 0 is any that is free, :PORT every address")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  auto* certificate =
      command
          ->add_option("--cert", flags->certificates, "Certificate chain, leaf first; several times for several names")
          ->type_name("FILE")
          ->allow_extra_args(false);
  command->add_option("--key", flags->keys, "Its private key, if it is not in the same file; as often as --cert")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->needs(certificate);
  command
      ->add_option("--staple", flags->staples,
                   "OCSP response (DER) to staple, saying that the certificate is good; as often as --cert")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->needs(certificate);
  command->add_option("--ca-out", flags->ca_out, "Write the throw-away certificate's authority to FILE")
      ->type_name("FILE")
      ->excludes(certificate);
  command->add_option("--www", flags->www, "Serve the files of this folder (no hidden ones)")->type_name("DIR");
  command->add_option("--client-auth", flags->client_auth, "Ask clients for a certificate: none, request, require")
      ->type_name("MODE")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "request", "require"}).description(""));
  command->add_option("--client-ca", flags->client_ca, "Authorities that client certificates must come from")
      ->type_name("FILE|DIR");
  add_client_verification_flags(*command, flags->client_verification);
  command
      ->add_option(
          "--client-auth-for", flags->private_paths,
          "Ask for a certificate only when something below PATH is requested, by its own name or through a symbolic "
          "link; several times for several")
      ->type_name("PATH")
      ->allow_extra_args(false)
      ->check([](const std::string& path) {
        return http::canonical_path(path) ? std::string() : std::string("a path begins with / and leads down");
      });
  command
      ->add_option("--allow", flags->allowed,
                   "Of the clients with a certificate only those that are dns:NAME, ip:, uri:, email:, subject:, cn:, "
                   "sha256: or spki: so; several times for several. A CA that may issue for some host names only can "
                   "still issue any cn:")
      ->type_name("TERM")
      ->allow_extra_args(false);
  add_session_flags(*command, flags->sessions);
  add_tls_flags(*command, flags->tls);
  command->footer(serve_examples);
  command->callback([flags, &chosen] { chosen = [flags] { return serve(*flags); }; });
}

}  // namespace handfast::cli
