// From a client's first byte to the requests that are looked into, or to the bytes that are not.
#include "proxy/passage.h"

#include <utility>

#include <fmt/format.h>

#include <handfast/clock.h>

#include "proxy/handshake_line.h"
#include "proxy/intercept_hops.h"
#include "proxy/opening.h"
#include "proxy/relay.h"
#include "proxy/tunnel_line.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using net::PlainStream;

/// For so long a client may say nothing before it is looked whether the origin speaks first, as servers of mail do; and
/// then each time.
constexpr std::chrono::milliseconds silence{500};

TunnelSeen tunnel_seen(const Passage& passage) {
  TunnelSeen seen;
  seen.way = "intercept";
  seen.peer = passage.guest.peer;
  seen.began = passage.began;
  return seen;
}

void log_refusal(const Passage& passage, const Origin& origin, std::string_view sni, std::string_view reason) {
  TunnelSeen seen = tunnel_seen(passage);
  seen.origin = &origin;
  seen.sni = sni;
  log_refused_tunnel(passage.worker.log(), seen, reason);
}

constexpr const char* blocked = "a rule blocks all of this host";

/// What the access list says of the place without a name; with one it was asked before, or is asked later.
std::optional<std::string> refuses_address(const Passage& passage) {
  const tcp::endpoint& endpoint = passage.endpoints.front();
  const Result<x509::ServerName> name = x509::ServerName::parse(endpoint.address().to_string());
  if (!name) return "no address";
  return passage.shared.access.refuses(*name, passage.port, endpoint.address());
}

/// Why bytes that nobody looks into do not go there.
std::optional<std::string> refuses_bytes(const Passage& passage, std::string_view sni) {
  if (passage.host && passage.shared.rules.blocks(*passage.host)) return blocked;
  if (!passage.host && sni.empty()) return refuses_address(passage);
  return std::nullopt;
}

/// Bytes as they are, both ways.
Awaitable<> pass(Passage& passage, Buffer received, std::string sni) {
  Origin origin{passage.place(), passage.port};
  if (const std::optional<std::string> refusal = refuses_bytes(passage, sni)) {
    log_refusal(passage, origin, sni, *refusal);
    co_return;
  }
  NetResult<> reached = co_await reach(passage);
  if (!reached) co_return;
  Leg client(unread(passage.client, std::move(received)));
  Leg to_origin(*std::move(passage.origin));
  TunnelSeen seen = tunnel_seen(passage);
  seen.sni = sni;
  seen.origin = &origin;
  seen.address = to_origin.remote_endpoint();
  const RelayOptions options{passage.shared.limits.tunnel_timeout};
  Relayed moved = co_await relay(client, to_origin, options);
  log_tunnel(passage.worker.log(), seen, moved);
}

Awaitable<> inspect_plain(Passage& passage, Buffer received) {
  PlainHop::Way way{passage.host, passage.port, passage.endpoints, std::nullopt};
  if (passage.origin) way.ready.emplace(*std::move(passage.origin));
  Leg client(unread(passage.client, std::move(received)));
  PlainHop hop(passage.shared, passage.worker, passage.guest, std::move(way));
  ExchangeEnd end = co_await exchange_http(client, hop, passage.worker, passage.shared.limits);
  (void)end;
}

void log_client(const Passage& passage, const HelloReader& hello, const NetError* error, const Stream* stream,
                Clock::time_point began) {
  HandshakeSeen seen;
  seen.way = "intercept";
  seen.peer = passage.guest.peer;
  seen.hello = &hello;
  seen.stream = stream;
  seen.error = error;
  seen.began = began;
  log_handshake(passage.worker.log(), seen);
}

/// One more refusal of our certificate for that host.
void note_refusal(const Passage& passage, const std::string& host) {
  if (!passage.shared.pins->refused(passage.guest.address, host, system_clock().now())) return;
  LogLine line = passage.worker.log().line("pinned");
  line.add("way", "intercept")
      .add("client", passage.guest.address)
      .add("host", host)
      .add("note", "it has refused our certificate several times: from now on it has this host as it is");
  passage.worker.log().write(std::move(line));
}

/// Clients that look at pins after the handshake go without having asked for anything. Who connects in advance, as
/// browsers do, stays longer.
bool has_gone_at_once(const Passage& passage, const TlsHop& hop, Clock::time_point agreed) {
  return !hop.was_asked() && !passage.worker.draining() && Clock::now() - agreed < std::chrono::seconds(1);
}

/// An origin whose certificate the client can be shown.
struct Shown {
  tcp::endpoint endpoint;
  std::shared_ptr<const Judgement> judgement;
  std::optional<RestingLeg> leg;  ///< nothing: it was judged before
};

/// What is known of the origin already, at one of the addresses that the client may go to.
std::optional<Shown> known(const Passage& passage, const Origin& origin) {
  for (const tcp::endpoint& endpoint : passage.endpoints)
    if (auto judgement = passage.shared.judgements->find(shared_connection(origin, endpoint)))
      return Shown{endpoint, *std::move(judgement), std::nullopt};
  return std::nullopt;
}

/// The client's side: a leaf for the origin, a handshake, requests.
Awaitable<> inspect_tls(Passage& passage, HelloReader& hello, x509::ServerName host, Origin origin, Shown shown) {
  const Interception& shared = passage.shared;
  const Clock::time_point began = Clock::now();
  const Judgement& judgement = *shown.judgement;
  auto config = shared.leaves->get(*judgement.certificate, host, judgement.verdict.showing, passage.guest.payer);
  if (!config) {
    const NetError failed(Stage::handshake, config.error());
    log_client(passage, hello, &failed, nullptr, began);
    co_await refuse_hello(passage.client, Alert::internal_error);
    co_return;
  }
  StreamOptions options;
  options.handshake_timeout = shared.limits.handshake_timeout;
  // The stream reads them anew; the log tells what the hello has offered.
  options.received.assign(hello.received().begin(), hello.received().end());
  Stream stream = Stream::server(passage.client.release().socket, *config, options);
  NetResult<> done = co_await stream.handshake();
  log_client(passage, hello, done ? nullptr : &done.error(), &stream, began);
  if (!done) {
    if (refuses_certificate(done.error(), stream.bytes_sent())) note_refusal(passage, host.text());
    co_return;
  }
  const Clock::time_point agreed = Clock::now();
  TlsHop::Way way{.host = std::move(host),
                  .origin = std::move(origin),
                  .endpoints = passage.endpoints,
                  .shown = std::move(shown.judgement),
                  .ready = std::move(shown.leg),
                  .ready_since = began,
                  .times = passage.times,
                  .client_tls = shared.har ? tls_words(stream.info()) : std::string()};
  way.put_first(shown.endpoint);
  Leg client(std::move(stream));
  TlsHop hop(shared, passage.worker, passage.guest, std::move(way));
  ExchangeEnd end = co_await exchange_http(client, hop, passage.worker, shared.limits);
  (void)end;
  if (has_gone_at_once(passage, hop, agreed)) note_refusal(passage, hop.way().host.text());
}

/// Why the access list, or a rule, has nobody go to that host, or to the one that the CONNECT has said.
std::optional<std::string> refuses(const Passage& passage, const x509::ServerName& host) {
  const RuleSet& rules = passage.shared.rules;
  if (rules.blocks(host) || (passage.host && rules.blocks(*passage.host))) return blocked;
  return refuses(passage.shared, host, passage.port, passage.endpoints);
}

/// Connects, and has the origin show what it is. Nothing: it could not; the log and the client have been told.
Awaitable<std::optional<Shown>> ask_origin(Passage& passage, const HelloReader& hello, Origin origin) {
  NetResult<> reached = co_await reach(passage);
  if (!reached) {
    co_await refuse_hello(passage.client, Alert::internal_error);
    co_return std::nullopt;
  }
  const Clock::time_point began = Clock::now();
  const tcp::endpoint endpoint = passage.origin->remote_endpoint();
  Origin asked = origin;
  NetResult<JudgedOrigin> judged =
      co_await judge_tls(passage.shared, *std::move(passage.origin), std::move(asked), passage.own);
  log_judged(passage.worker.log(), passage.guest, origin, &hello, judged, began);
  if (!judged) {
    co_await refuse_hello(passage.client, Alert::handshake_failure);
    co_return std::nullopt;
  }
  passage.times.tls = Clock::now() - began;
  co_return Shown{endpoint, std::move(judged->judgement), std::move(judged->leg)};
}

/// Both names count where there are two: who connects to one host and names another does not get past us so.
bool is_let_pass(const Passage& passage, const x509::ServerName& host) {
  const Interception& shared = passage.shared;
  if (shared.pins->lets_pass(passage.guest.address, host.text(), system_clock().now())) return true;
  return shared.passthrough && shared.passthrough->contains(host) &&
         (!passage.host || shared.passthrough->contains(*passage.host));
}

Awaitable<> serve_tls(Passage& passage, HelloReader& hello) {
  const std::string& sni = hello.server_name();
  const Origin place{passage.place(), passage.port};
  const Result<x509::ServerName> host = x509::ServerName::parse(sni.empty() ? place.host : sni);
  if (!host) {
    log_refusal(passage, place, sni, "a name that is none");
    co_await refuse_hello(passage.client, Alert::unrecognized_name);
    co_return;
  }
  if (const std::optional<std::string> refusal = refuses(passage, *host)) {
    log_refusal(passage, place, sni, *refusal);
    co_await refuse_hello(passage.client, Alert::access_denied);
    co_return;
  }
  if (is_let_pass(passage, *host)) {
    Buffer received = hello.release();
    co_await pass(passage, std::move(received), host->text());
    co_return;
  }
  const bool offers_protocols = hello.hello().application_layer_protocol_negotiation.has_value();
  if (offers_protocols && !hello.offers("http/1.1")) {
    log_refusal(passage, place, sni, "it offers no HTTP/1.1: what it speaks can only be passed through");
    co_await refuse_hello(passage.client, Alert::no_application_protocol);
    co_return;
  }
  Origin origin{place.host, place.port, passage.shared.judge.config(offers_protocols), host->text()};
  std::optional<Shown> shown;
  if (!passage.origin) shown = known(passage, origin);
  if (!shown) {
    Origin asked = origin;
    shown = co_await ask_origin(passage, hello, std::move(asked));
  }
  if (!shown) co_return;
  x509::ServerName name = *host;
  co_await inspect_tls(passage, hello, std::move(name), std::move(origin), *std::move(shown));
}

/// Reads what the client sends first. Where it says nothing, and the origin speaks, there is nothing to be read.
Awaitable<NetResult<>> read_opening(Passage& passage, HelloReader& hello, bool& origin_speaks) {
  const Deadline deadline(passage.shared.limits.handshake_timeout);
  for (;;) {
    const auto left = deadline.left();
    const bool waits = hello.received().empty();
    const Deadline step(waits && (left.count() == 0 || left > silence) ? silence : left);
    NetResult<> read = co_await read_hello(passage.client, hello, step);
    if (read || !read.error().timed_out() || deadline.passed()) co_return read;
    if (!hello.received().empty()) continue;
    if (passage.shared.own->contains(passage.guest.peer)) co_return read;
    if (!passage.origin && !passage.host && refuses_address(passage)) continue;
    NetResult<> reached = co_await reach(passage);
    if (!reached) co_return reached;
    origin_speaks = !passage.origin->quiet();
    if (origin_speaks) co_return NetResult<>();
  }
}

}  // namespace

bool is_known(const Passage& passage) {
  if (!passage.host) return false;
  Origin origin{passage.place(), passage.port, {}, passage.host->text()};
  for (const bool offers_protocols : {true, false}) {
    origin.tls = passage.shared.judge.config(offers_protocols);
    if (known(passage, origin)) return true;
  }
  return false;
}

Awaitable<NetResult<>> reach(Passage& passage) {
  if (passage.origin) co_return NetResult<>();
  const Clock::time_point began = Clock::now();
  Origin origin{passage.place(), passage.port};
  std::vector<tcp::endpoint> endpoints = passage.endpoints;
  NetResult<PlainStream> stream = co_await dial_checked(passage.shared, origin, std::move(endpoints), passage.own);
  if (!stream) {
    TunnelSeen seen = tunnel_seen(passage);
    seen.origin = &origin;
    log_unreached(passage.worker.log(), seen, stream.error());
    co_return std::unexpected(std::move(stream).error());
  }
  passage.times.connect = Clock::now() - began;
  passage.origin = *std::move(stream);
  co_return NetResult<>();
}

Awaitable<> look_inside(Passage passage) {
  HelloReader hello;
  bool origin_speaks = false;
  NetResult<> read = co_await read_opening(passage, hello, origin_speaks);
  if (passage.shared.own->contains(passage.guest.peer)) {
    const Origin origin{passage.place(), passage.port};
    log_refusal(passage, origin, {}, "our own connection came back to us: the redirection has to except this proxy");
    co_return;
  }
  if (origin_speaks) {
    co_await pass(passage, Buffer(), std::string());
    co_return;
  }
  if (read) {
    co_await serve_tls(passage, hello);
    co_return;
  }
  if (hello.received().empty()) co_return;  // it wanted to know whether we are here
  const Error* tls = read.error().tls();
  const Reason reason = tls != nullptr ? tls->reason() : Reason::closed;
  if (reason == Reason::http_request || reason == Reason::http_proxy_request) {
    Buffer received = hello.release();
    co_await inspect_plain(passage, std::move(received));
  } else if (reason == Reason::not_tls) {
    Buffer received = hello.release();
    co_await pass(passage, std::move(received), std::string());
  } else {
    log_client(passage, hello, &read.error(), nullptr, passage.began);
    if (tls != nullptr && reason != Reason::truncated) co_await refuse_hello(passage.client, tls->alert());
  }
}

}  // namespace handfast::proxy
