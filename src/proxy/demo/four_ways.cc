#include "proxy/demo/four_ways.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <handfast/clock.h>
#include <handfast/config.h>
#include <handfast/random.h>

#include "doctor/process.h"
#include "doctor/throwaway.h"
#include "proxy/demo/act.h"
#include "proxy/forward.h"
#include "proxy/intercept.h"
#include "proxy/lasting.h"
#include "proxy/passthrough.h"
#include "proxy/reverse.h"

namespace handfast::proxy::demo {
namespace {

using doctor::LoopbackServer;
using doctor::TlsEnds;

/// How long certificates are valid.
constexpr std::chrono::seconds week = std::chrono::hours(24 * 7);
/// The site: a name that is this machine's own wherever it is resolved (RFC 6761, section 6.3).
constexpr const char* site = "shop.localhost";
/// Who the origin is where only the proxy knows it.
constexpr const char* inner = "app.internal";
/// A proxy goes to this machine itself only where it is told to.
constexpr const char* loopback = "127.0.0.1";
constexpr const char* http1 = "http/1.1";
constexpr const char* origin_alone =
    "the origin alone: all messages of the handshake are the same at both ends, byte for byte";

class FourWays {
 public:
  FourWays(doctor::TourStage& stage, doctor::Secrets secrets, doctor::ThrowAwayAuthority authority,
           doctor::ThrowAwayAuthority inner_authority)
      : stage_(stage),
        secrets_(secrets),
        authority_(std::move(authority)),
        inner_authority_(std::move(inner_authority)),
        authority_file_(folder_.write("authority.pem", authority_.certificate_pem())),
        inner_authority_file_(folder_.write("inner.pem", inner_authority_.certificate_pem())) {}

  Result<> play_all() {
    stage_.print("\n");
    stage_.say(
        "Now with a proxy in between: four ways in which it meets a handshake. The client stands on the left, the "
        "origin, which has the page, on the right; what both did stands on one time line.");
    for (Result<> (FourWays::*way)() :
         {&FourWays::reverse, &FourWays::passthrough, &FourWays::forward, &FourWays::intercept})
      if (Result<> played = (this->*way)(); !played) return played;
    return {};
  }

 private:
  // The ways.

  Result<> reverse() {
    stage_.heading("Reverse proxy: TLS ends at the proxy",
                   "`handfast reverse`: for the client the proxy is the site. Another TLS goes from there to the "
                   "origin, which the proxy verifies before it passes a request on.");
    auto origin = start_origin(inner_authority_, inner);
    if (!origin) return fail(std::move(origin.error()));
    if (!*origin) return {};
    auto credential = authority_.issue_credential(site, {site}, week);
    if (!credential) return fail(std::move(credential.error()));
    ReverseOptions options;
    SiteOptions& ours = options.sites.emplace_back();
    ours.names = {site};
    ours.to = {fmt::format("https://127.0.0.1:{}", (**origin).port())};
    ours.made_credential = *std::move(credential);
    ours.origin.ca = {inner_authority_file_};
    ours.origin_name = inner;
    auto service = make_reverse(options, lasting_);
    if (!service) return fail(std::move(service.error()));
    auto played = perform({*std::move(service), *std::move(origin), {}}, authority_.anchors());
    if (!played) return fail(std::move(played.error()));
    if (!*played) return {};
    show(stage_, **played,
         {.tls_ends = TlsEnds::at_proxy,
          .decrypts = "the proxy: what is said stands in the clear in its memory, between two handshakes",
          .client_sees = shown_to_client(**played) + ": the proxy's own certificate, for the site that it is",
          .proxy_sees = shown_by_origin(**played) + ": the origin's, good for the name that the configuration gives",
          .how_it_ended = "The client trusts the proxy, and the proxy has verified the origin for it."});
    return {};
  }

  Result<> passthrough() {
    stage_.heading("Passthrough: nothing is decrypted",
                   "`handfast passthrough`: the proxy reads the name in the ClientHello, which goes in the clear, "
                   "connects to where that name leads, and moves bytes. It is one handshake, from end to end.");
    auto origin = start_origin(authority_, site);
    if (!origin) return fail(std::move(origin.error()));
    if (!*origin) return {};
    PassthroughOptions options;
    options.routes = {fmt::format("{}=127.0.0.1:{}", site, (**origin).port())};
    auto service = make_passthrough(options);
    if (!service) return fail(std::move(service.error()));
    auto played = perform({*std::move(service), *std::move(origin), {}}, authority_.anchors());
    if (!played) return fail(std::move(played.error()));
    if (!*played) return {};
    show(stage_, **played,
         {.tls_ends = TlsEnds::at_origin,
          .decrypts = origin_alone,
          .client_sees = shown_to_client(**played) + ": the origin's own certificate",
          .proxy_sees = "the ClientHello (its name, versions, groups, ALPN), then how many bytes go, and when. No "
                        "certificate: in TLS 1.3 that is encrypted",
          .how_it_ended = "The client has verified the origin itself; the proxy has no key."});
    return {};
  }

  Result<> forward() {
    stage_.heading("Forward proxy: a tunnel by CONNECT",
                   "`handfast forward`: the client knows of the proxy and asks it, in HTTP, for a tunnel. What goes "
                   "through it is between the client and the origin.");
    auto origin = start_origin(authority_, site);
    if (!origin) return fail(std::move(origin.error()));
    if (!*origin) return {};
    ForwardOptions options;
    options.access.allow = {loopback};
    auto service = make_forward(options, lasting_);
    if (!service) return fail(std::move(service.error()));
    const net::HostPort target{site, (**origin).port()};
    auto played = perform({*std::move(service), *std::move(origin), target}, authority_.anchors());
    if (!played) return fail(std::move(played.error()));
    if (!*played) return {};
    show(stage_, **played,
         {.tls_ends = TlsEnds::at_origin,
          .decrypts = origin_alone,
          .client_sees = shown_to_client(**played) + ": the origin's own certificate",
          .proxy_sees = "host and port in the CONNECT, then how many bytes go, and when",
          .how_it_ended = "The client has verified the origin itself; the proxy has no key."});
    return {};
  }

  Result<> intercept() {
    stage_.heading(
        "Interception: a man in the middle",
        "`handfast intercept`: the client asks for a tunnel as before, but its ClientHello is answered by "
        "the proxy, with a certificate that it makes at that moment, after the origin's. Only a client that has "
        "been told to trust the proxy's own authority takes it.");
    auto origin = start_origin(authority_, site);
    if (!origin) return fail(std::move(origin.error()));
    if (!*origin) return {};
    InterceptOptions options;
    options.ca_dir = folder_.path() / "ca";
    options.trust = {authority_file_};
    options.access.allow = {loopback};
    Result<MadeIntercept> made = make_intercept(options, lasting_);
    if (!made) return fail(std::move(made.error()));
    const net::HostPort target{site, (**origin).port()};
    auto played =
        perform({std::move(made->service), *std::move(origin), target}, TrustAnchors::from_path(made->certificate));
    if (!played) return fail(std::move(played.error()));
    if (!*played) return {};
    show(stage_, **played,
         {.tls_ends = TlsEnds::at_proxy,
          .decrypts = "the proxy, though the client asked for the origin: it may read and change all that is said",
          .client_sees = shown_to_client(**played) + ": made by the proxy, with the names of the origin's own",
          .proxy_sees = shown_by_origin(**played) + ": the origin's own, verified first; were that bad, the copy would "
                                                    "be bad as well",
          .how_it_ended = "The client trusts the proxy's authority, and so everything that the proxy shows it."});
    return {};
  }

  // What they are made of.

  /// An origin with a certificate of that authority; null where it could not listen, which is told already.
  Result<std::unique_ptr<LoopbackServer>> start_origin(const doctor::ThrowAwayAuthority& authority,
                                                       const char* server_name) {
    auto credential = authority.issue_credential(server_name, {server_name}, week);
    if (!credential) return fail(std::move(credential.error()));
    ServerOptions options;
    options.credentials.push_back(*std::move(credential));
    options.application_protocols = {http1};
    options.trace_secrets = secrets_ == doctor::Secrets::shown;
    auto config = ServerConfig::make(std::move(options));
    if (!config) return fail(std::move(config.error()));
    auto server = LoopbackServer::start(*std::move(config));
    if (server) return *std::move(server);
    static_cast<void>(stage_.went_wrong(server.error().message()));
    return nullptr;
  }

  /// Plays it for a client that trusts these; nothing where the proxy could not listen, which is told already.
  Result<std::optional<Played>> perform(Act act, Result<TrustAnchors::Shared> trust) {
    if (!trust) return fail(std::move(trust.error()));
    ClientOptions options;
    options.trust = *std::move(trust);
    options.application_protocols = {http1};
    options.trace_secrets = secrets_ == doctor::Secrets::shown;
    auto config = ClientConfig::make(std::move(options));
    if (!config) return fail(std::move(config.error()));
    NetResult<Played> played = play(std::move(act), *std::move(config), site);
    if (played) return *std::move(played);
    static_cast<void>(stage_.went_wrong(played.error().message()));
    return std::nullopt;
  }

  doctor::TourStage& stage_;
  doctor::Secrets secrets_;
  doctor::ThrowAwayAuthority authority_;        ///< whom clients trust
  doctor::ThrowAwayAuthority inner_authority_;  ///< whom only the reverse proxy trusts
  doctor::TemporaryFolder folder_;
  std::string authority_file_;
  std::string inner_authority_file_;
  Lasting lasting_;
};

}  // namespace

Result<> four_ways(doctor::TourStage& stage, doctor::Secrets secrets) {
  const std::int64_t now = system_clock().now();
  auto authority = doctor::ThrowAwayAuthority::make(now, system_random());
  if (!authority) return fail(std::move(authority.error()));
  auto inner_authority = doctor::ThrowAwayAuthority::make(now, system_random());
  if (!inner_authority) return fail(std::move(inner_authority.error()));
  return FourWays(stage, secrets, *std::move(authority), *std::move(inner_authority)).play_all();
}

}  // namespace handfast::proxy::demo
