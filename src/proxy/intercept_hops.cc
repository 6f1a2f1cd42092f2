#include "proxy/intercept_hops.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/error.hpp>

#include <handfast/clock.h>

#include "http/static_files.h"
#include "net/address.h"
#include "net/endpoint.h"
#include "proxy/ca_page.h"
#include "proxy/handshake_line.h"
#include "proxy/target.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Connected = std::expected<Leg, Hop::Failed>;

/// Of a connection that waits for a client's first request: few origins close earlier.
constexpr std::chrono::seconds ready_lifetime{3};

http::Response authority_page(const InspectingHop& hop, const http::RequestHead& head) {
  const Interception& shared = hop.shared();
  CaPage facts;
  facts.certificate = shared.leaves->authority().certificate().der();
  facts.passthrough = shared.passthrough_texts;
  facts.passes = shared.pins->passes(system_clock().now());
  facts.client = hop.guest().address;
  return ca_page(facts, head.method, head.target);
}

/// RFC 9110, section 15.5.20.
http::Response misdirected() { return http::text_response(421, "This connection is not for that host."); }

/// PoolKey::scope of what is this client's connection's alone.
std::string own_scope(const InspectingHop& hop) { return fmt::format("{} {}", shared_scope, hop.guest().id); }

/// In the clear. Where it leads was checked for this client.
PoolKey pool_key(const InspectingHop& hop, const std::string& host, std::uint16_t port) {
  return {.address = net::to_text({host, port}), .server_name = {}, .tls = nullptr, .scope = own_scope(hop)};
}

/// Whom the request says that it is for.
struct Named {
  x509::ServerName host;
  std::uint16_t port;
};
std::optional<Named> named_in(const http::RequestHead& head, std::uint16_t default_port) {
  if (!head.host) return std::nullopt;
  return Named{head.host->host, head.host->port.value_or(default_port)};
}

Hop::Failed failed(NetError error) { return Hop::Failed{std::move(error), std::nullopt}; }

Awaitable<Connected> connect_to(InspectingHop& hop, Origin origin, std::vector<tcp::endpoint> endpoints,
                                Clock::time_point began) {
  NetResult<net::PlainStream> stream =
      co_await dial_checked(hop.shared(), std::move(origin), std::move(endpoints), hop.own());
  if (!stream) co_return std::unexpected(failed(std::move(stream).error()));
  hop.connected({Clock::now() - began, {}});
  hop.note_server(stream->remote_endpoint());
  co_return Leg(*std::move(stream));
}

Awaitable<Connected> connect_as_asked(InspectingHop& hop) {
  const Clock::time_point began = Clock::now();
  x509::ServerName host = hop.asked().host;
  Origin origin{host.text(), hop.asked().port};
  auto endpoints = co_await resolve_target(hop.shared().access, hop.guest().peer, std::move(host), origin.port,
                                           hop.shared().limits.connect_timeout);
  if (!endpoints && endpoints.error().refused()) {
    hop.note_problem(std::move(endpoints.error().reason));
    const NetError refused(Stage::connect, boost::asio::error::access_denied);
    co_return std::unexpected(Hop::Failed{refused, endpoints.error().answer()});
  }
  if (!endpoints) co_return std::unexpected(failed(NetError(Stage::resolve, endpoints.error().error)));
  Connected leg = co_await connect_to(hop, std::move(origin), *std::move(endpoints), began);
  co_return leg;
}

Awaitable<Connected> connect_plainly(PlainHop& hop) {
  if (hop.way().ready) {
    Leg leg = *std::move(hop.way().ready);
    hop.way().ready.reset();
    hop.connected({});
    hop.note_server(leg.remote_endpoint());
    co_return leg;
  }
  Origin origin{hop.asked().host.text(), hop.way().port};
  std::vector<tcp::endpoint> endpoints = hop.way().endpoints;
  Connected leg = co_await connect_to(hop, std::move(origin), std::move(endpoints), Clock::now());
  co_return leg;
}

/// Whether what the client was shown holds for this one too.
bool is_as_shown(const Judgement& shown, const Judgement& found) {
  if (found.verdict.showing == authority::Showing::trusted) return true;
  return found.verdict.showing == shown.verdict.showing && found.certificate == shown.certificate;
}

Awaitable<NetResult<JudgedOrigin>> dial_judged(TlsHop& hop, ConnectTimes& times) {
  const Clock::time_point began = Clock::now();
  OwnConnections::Entry& own = hop.own();
  Origin origin = hop.way().origin;
  std::vector<tcp::endpoint> endpoints = hop.way().endpoints;
  NetResult<net::PlainStream> stream =
      co_await dial_checked(hop.shared(), std::move(origin), std::move(endpoints), own);
  if (!stream) co_return std::unexpected(std::move(stream).error());
  const Clock::time_point reached = Clock::now();
  hop.way().put_first(stream->remote_endpoint());
  origin = hop.way().origin;
  NetResult<JudgedOrigin> judged = co_await judge_tls(hop.shared(), *std::move(stream), std::move(origin), own);
  times = {reached - began, Clock::now() - reached};
  log_judged(hop.worker().log(), hop.guest(), hop.way().origin, nullptr, judged, reached);
  co_return judged;
}

Awaitable<Connected> connect_judged(TlsHop& hop) {
  TlsHop::Way& way = hop.way();
  const tcp::endpoint known = way.endpoints.front();
  ConnectTimes times;
  NetResult<JudgedOrigin> judged = co_await dial_judged(hop, times);
  // Who comes next learns it before there is a handshake.
  if (!judged || way.endpoints.front() != known) hop.shared().judgements->forget(shared_connection(way.origin, known));
  if (!judged) co_return std::unexpected(failed(std::move(judged).error()));
  if (!is_as_shown(*way.shown, *judged->judgement)) {
    Error changed =
        judged->judgement->verdict.error.value_or(Error(Alert::bad_certificate, Reason::verification_failed));
    co_return std::unexpected(failed(NetError(Stage::handshake, std::move(changed))));
  }
  hop.connected(times);
  hop.note_server(way.endpoints.front());
  co_return std::move(judged->leg).take();
}

}  // namespace

InspectingHop::Whom ProxyHop::whom(const http::RequestHead& head) {
  const http::Target& target = head.parsed_target;
  if (target.form == http::TargetForm::authority) return Decision(TakeOver{});
  if (target.form != http::TargetForm::absolute) return Decision(authority_page(*this, head));
  if (target.scheme != "http" || !target.authority)
    return Decision(http::text_response(501, "A proxy is asked for what needs TLS by CONNECT."));
  const std::uint16_t port = target.authority->port.value_or(80);
  const x509::ServerName& host = target.authority->host;
  if (host.text() == ca_host) return Decision(authority_page(*this, head));
  if (std::optional<std::string> refusal = shared().access.refuses(host, port)) return refuse(*std::move(refusal));
  return Asked{host, port, "http", pool_key(*this, host.text(), port)};
}

Awaitable<std::expected<Leg, Hop::Failed>> ProxyHop::connect() { return connect_as_asked(*this); }

InspectingHop::Whom PlainHop::whom(const http::RequestHead& head) {
  std::optional<Named> named = named_in(head, 80);
  if (!named && way_.host) named = Named{*way_.host, way_.port};
  if (!named) return Decision(http::text_response(400, "The request does not say whom it is for."));
  if (!way_.host && named->host.text() == ca_host) return Decision(authority_page(*this, head));
  // Behind a redirection the port that is mapped may be another one than the name's.
  if (way_.host && (named->host != *way_.host || named->port != way_.port)) return Decision(misdirected());
  if (std::optional<std::string> refusal = refuses(shared(), named->host, way_.port, way_.endpoints))
    return refuse(*std::move(refusal));
  PoolKey pool = pool_key(*this, net::to_text(way_.endpoints.front().address()), way_.port);
  return Asked{std::move(named->host), named->port, "http", std::move(pool)};
}

Awaitable<std::expected<Leg, Hop::Failed>> PlainHop::connect() { return connect_plainly(*this); }

InspectingHop::Whom TlsHop::whom(const http::RequestHead& head) {
  if (!std::exchange(was_asked_, true)) shared().pins->accepted(guest().address, way_.host.text());
  const std::optional<Named> named = named_in(head, 443);
  if (named && (named->host != way_.host || named->port != way_.origin.port)) return Decision(misdirected());
  // Whichever connection it goes over.
  note_server(way_.endpoints.front());
  PoolKey pool = shared_connection(way_.origin, way_.endpoints.front());
  // Others were shown that origin as one that is trusted, or as another one that is not.
  if (way_.shown->verdict.showing != authority::Showing::trusted) pool.scope = own_scope(*this);
  return Asked{way_.host, way_.origin.port, "https", std::move(pool)};
}

std::string TlsHop::comment() const {
  return fmt::format("client: {}; origin: {}", way_.client_tls, way_.shown->words);
}

void TlsHop::Way::put_first(const tcp::endpoint& endpoint) {
  const auto found = std::ranges::find(endpoints, endpoint);
  if (found != endpoints.end()) std::rotate(endpoints.begin(), found, found + 1);
}

std::optional<Leg> TlsHop::ready() {
  if (!way_.ready) return std::nullopt;
  std::optional<RestingLeg> ready = std::exchange(way_.ready, std::nullopt);
  // What the origin has said since, tickets say, was not read yet: by age alone it is told whether it is still there.
  if (Clock::now() - way_.ready_since > ready_lifetime) return std::nullopt;
  connected(way_.times);
  return (*std::move(ready)).take();
}

Awaitable<std::expected<Leg, Hop::Failed>> TlsHop::connect() { return connect_judged(*this); }

}  // namespace handfast::proxy
