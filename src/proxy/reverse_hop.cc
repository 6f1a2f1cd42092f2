#include "proxy/reverse_hop.h"

#include <string>
#include <utility>

#include "http/static_files.h"
#include "proxy/client_identity.h"
#include "proxy/forwarded.h"
#include "proxy/forwarded_head.h"
#include "proxy/handshake_line.h"
#include "proxy/request_line.h"
#include "proxy/worker.h"

namespace handfast::proxy {
namespace {

http::Response not_allowed() {
  http::Response response = http::text_response(405, "This method is of no use here.");
  response.fields.push_back({"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"});
  return response;
}

Awaitable<std::expected<Leg, Hop::Failed>> connect_to(const ReverseClient& client, Origin origin) {
  NetResult<Leg> leg = co_await dial_for(client, std::move(origin));
  if (!leg) co_return std::unexpected(Hop::Failed{std::move(leg).error(), std::nullopt});
  co_return *std::move(leg);
}

}  // namespace

Awaitable<NetResult<Leg>> dial_for(const ReverseClient& client, Origin origin) {
  const auto began = std::chrono::steady_clock::now();
  Dial next{origin, {}, client.preface};
  NetResult<Leg> leg = co_await dial(std::move(next), client.limits);
  if (leg && !origin.tls) co_return leg;
  HandshakeSeen seen;
  seen.way = "reverse";
  seen.peer = client.peer;
  seen.side = Side::client;
  seen.origin = &origin;
  seen.stream = leg ? leg->tls() : nullptr;
  seen.error = leg ? nullptr : &leg.error();
  seen.began = began;
  log_handshake(client.worker.log(), seen);
  co_return leg;
}

ReverseHop::~ReverseHop() {
  if (!client_.preface.empty()) client_.worker.pool().forget(as_text(client_.preface));
}

Hop::Forward ReverseHop::forward() const {
  const Origin& origin = client_.site.upstreams->origin(first_ + tried_);
  // A connection that began with a PROXY header is that client's alone.
  std::string scope(as_text(client_.preface));
  return {to_text(origin), PoolKey{to_text(origin), origin.server_name, origin.tls, std::move(scope)}};
}

Hop::Decision ReverseHop::request(http::RequestHead& head) {
  // A tunnel would lead past everything here; TRACE tells a page what its browser adds (RFC 9110, section 9.3.8).
  if (head.method == "CONNECT" || head.method == "TRACE") return not_allowed();
  // RFC 9110, section 7.4: what was agreed on for one site is not to be used for another.
  const std::string& sni = client_.stream.info().server_name;
  if (head.host) {
    const std::string& host = head.host->host.text();
    if (client_.sites.find(host) != &client_.site || !client_.site.covers(sni, host))
      return http::text_response(421, "This connection is another site's.");
  }
  if (!head.host && !sni.empty()) http::set(head.fields, "Host", sni);
  std::string host(http::value_of(head.fields, "Host"));
  set_forwarded(head.fields, {.client = client_.peer.address(), .scheme = "https", .host = std::move(host)});
  set_client_identity(head.fields, client_.stream.info(), client_.site.pass_identity);
  add_via(head.fields, head.minor_version);
  if (!client_.site.origin_host.empty()) http::set(head.fields, "Host", client_.site.origin_host);
  first_ = stays_ ? first_ + tried_ : client_.site.upstreams->next();
  tried_ = 0;
  return forward();
}

Awaitable<std::expected<Leg, Hop::Failed>> ReverseHop::connect() {
  return connect_to(client_, client_.site.upstreams->origin(first_ + tried_));
}

std::optional<Hop::Forward> ReverseHop::another() {
  if (++tried_ >= client_.site.upstreams->size()) return std::nullopt;
  return forward();
}

void ReverseHop::done(const ExchangeRecord& record) {
  stays_ = record.authenticated;
  log_request(client_.worker.log(), {.way = "reverse", .peer = client_.peer, .scheme = "https"}, record);
}

}  // namespace handfast::proxy
