#include "proxy/passthrough.h"

#include <optional>
#include <utility>

#include "net/address.h"
#include "proxy/handshake_line.h"
#include "proxy/opening.h"
#include "proxy/origin.h"
#include "proxy/relay.h"
#include "proxy/routes.h"
#include "proxy/tunnel_line.h"
#include "proxy/worker.h"

namespace handfast::proxy {
namespace {

struct Loaded {
  Routes routes;
  ProxySenders senders;
  SendProxy send_proxy;
  Limits limits;
};

struct Reached {
  Leg leg;
  Origin origin;
};

/// The first of them that answers; what the others did, the log is told.
Awaitable<std::optional<Reached>> dial_one_of(std::vector<net::HostPort> targets, Buffer preface, TunnelSeen seen,
                                              Limits limits, Log& log) {
  for (const net::HostPort& target : targets) {
    Origin origin{target.host, target.port};
    Dial next{origin, {}, preface};
    NetResult<Leg> leg = co_await dial(std::move(next), limits);
    if (leg) co_return Reached{*std::move(leg), std::move(origin)};
    seen.origin = &origin;
    log_unreached(log, seen, leg.error());
  }
  co_return std::nullopt;
}

Awaitable<> serve_passthrough(const Loaded& loaded, Arrival arrival, Worker& worker) {
  const auto began = std::chrono::steady_clock::now();
  const Deadline deadline(loaded.limits.handshake_timeout);
  TunnelSeen seen;
  seen.way = "passthrough";
  seen.began = began;
  seen.peer = arrival.peer;
  if (loaded.senders.contain(arrival.peer.address())) {
    std::optional<std::string> problem = co_await take_proxy_header(arrival, loaded.limits, deadline);
    if (problem) {
      log_refused_tunnel(worker.log(), seen, *problem);
      co_return;
    }
    seen.peer = arrival.peer;
  }

  HelloReader reader;
  NetResult<> read = co_await read_hello(arrival.stream, reader, deadline);
  // Who connects and goes again without a word wants to know whether we are here.
  if (!read && reader.received().empty() && !read.error().timed_out()) co_return;
  HandshakeSeen hello;
  hello.way = seen.way;
  hello.peer = seen.peer;
  hello.hello = &reader;
  hello.began = began;
  if (!read) hello.error = &read.error();
  log_handshake(worker.log(), hello);
  if (!read) {
    if (understands_alerts(read.error())) co_await refuse_hello(arrival.stream, read.error().tls()->alert());
    co_return;
  }

  seen.sni = reader.server_name();
  const Targets* targets = loaded.routes.find(reader);
  if (targets == nullptr) {
    log_refused_tunnel(worker.log(), seen, "no route for that name and these protocols");
    co_await refuse_hello(arrival.stream, Alert::unrecognized_name);
    co_return;
  }
  net::ProxyHeader header;
  header.authority = reader.server_name();
  Buffer preface = proxy_preface(loaded.send_proxy, arrival, std::move(header));
  std::vector<net::HostPort> in_turn = targets->in_turn();
  std::optional<Reached> reached =
      co_await dial_one_of(std::move(in_turn), std::move(preface), seen, loaded.limits, worker.log());
  if (!reached) {
    co_await refuse_hello(arrival.stream, Alert::internal_error);
    co_return;
  }
  seen.origin = &reached->origin;
  seen.address = reached->leg.remote_endpoint();
  Leg client(unread(arrival.stream, reader.release()));
  const RelayOptions options{loaded.limits.tunnel_timeout};
  Relayed moved = co_await relay(client, reached->leg, options);
  log_tunnel(worker.log(), seen, moved);
}

class Passthrough final : public Service {
 public:
  explicit Passthrough(Loaded loaded) : loaded_(std::move(loaded)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_passthrough(loaded_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return loaded_.limits; }
  bool is_passed_on_from(const boost::asio::ip::address& address) const noexcept override {
    return loaded_.senders.contain(address);
  }

 private:
  Loaded loaded_;
};

}  // namespace

Result<std::shared_ptr<const Service>> make_passthrough(const PassthroughOptions& options) {
  Result<Routes> routes = Routes::make(options.routes, options.fallback);
  if (!routes) return fail(std::move(routes.error()));
  Result<ProxySenders> senders = ProxySenders::make("accept-proxy", options.accept_proxy);
  if (!senders) return fail(std::move(senders.error()));
  Result<SendProxy> send_proxy = parse_send_proxy("send-proxy", options.send_proxy);
  if (!send_proxy) return fail(std::move(send_proxy.error()));
  return std::make_shared<const Passthrough>(
      Loaded{*std::move(routes), *std::move(senders), *send_proxy, options.limits});
}

}  // namespace handfast::proxy
