#include "proxy/reverse.h"

#include <iterator>
#include <optional>
#include <utility>

#include "proxy/deadline.h"
#include "proxy/exchange.h"
#include "proxy/handshake_line.h"
#include "proxy/opening.h"
#include "proxy/relay.h"
#include "proxy/reverse_hop.h"
#include "proxy/tunnel_line.h"
#include "proxy/worker.h"

namespace handfast::proxy {
namespace {

constexpr std::string_view way = "reverse";

struct Loaded {
  Sites sites;
  ProxySenders senders;
  Limits limits;
};

struct Accepted {
  const Site* site;
  Stream stream;
};

/// Who is asked for, from the ClientHello, and then the handshake under that site's config. Nothing: it has come to
/// nothing, and the log knows why.
Awaitable<std::optional<Accepted>> accept_tls(const Loaded& loaded, Arrival& arrival, Log& log, Deadline deadline) {
  HelloReader reader;
  HandshakeSeen seen;
  seen.way = way;
  seen.peer = arrival.peer;
  seen.hello = &reader;
  seen.began = std::chrono::steady_clock::now();
  NetResult<> read = co_await read_hello(arrival.stream, reader, deadline);
  // Who connects and goes again without a word wants to know whether we are here.
  if (!read && reader.received().empty() && !read.error().timed_out()) co_return std::nullopt;
  const Site* const site = read ? loaded.sites.find(reader.server_name()) : nullptr;
  if (read && site == nullptr)
    read = std::unexpected(
        NetError(Stage::handshake,
                 Error(Alert::unrecognized_name, Reason::unrecognized_name).with("server_name", reader.server_name())));
  if (!read) {
    seen.error = &read.error();
    log_handshake(log, seen);
    if (understands_alerts(read.error())) co_await refuse_hello(arrival.stream, read.error().tls()->alert());
    co_return std::nullopt;
  }
  StreamOptions options;
  options.handshake_timeout = deadline.left();
  const Bytes received = reader.received();
  options.received.assign(received.begin(), received.end());
  Stream stream = Stream::server(arrival.stream.release().socket, site->config, options);
  NetResult<> done = co_await stream.handshake();
  seen.stream = &stream;
  if (!done) seen.error = &done.error();
  log_handshake(log, seen);
  if (!done) co_return std::nullopt;
  co_return Accepted{site, std::move(stream)};
}

/// Bytes, to the first origin in turn that is there.
Awaitable<> relay_bytes(const ReverseClient& from, Leg& client) {
  Log& log = from.worker.log();
  TunnelSeen seen;
  seen.way = way;
  seen.peer = from.peer;
  seen.sni = from.stream.info().server_name;
  seen.began = std::chrono::steady_clock::now();
  const Upstreams& upstreams = *from.site.upstreams;
  const std::size_t first = upstreams.next();
  for (std::size_t tried = 0; tried < upstreams.size(); ++tried) {
    Origin origin = upstreams.origin(first + tried);
    NetResult<Leg> leg = co_await dial_for(from, origin);
    if (!leg) continue;
    seen.origin = &origin;
    seen.address = leg->remote_endpoint();
    const RelayOptions options{from.limits.tunnel_timeout};
    Relayed moved = co_await relay(client, *leg, options);
    log_tunnel(log, seen, moved);
    co_return;
  }
  log_refused_tunnel(log, seen, "no origin is there");
  // An end in good order would be an origin that has nothing to say.
  client.break_off();
}

Awaitable<> serve_reverse(const Loaded& loaded, Arrival arrival, Worker& worker) {
  const Deadline deadline(loaded.limits.handshake_timeout);
  if (loaded.senders.contain(arrival.peer.address())) {
    std::optional<std::string> problem = co_await take_proxy_header(arrival, loaded.limits, deadline);
    if (problem) {
      TunnelSeen seen;
      seen.way = way;
      seen.peer = arrival.peer;
      seen.began = std::chrono::steady_clock::now();
      log_refused_tunnel(worker.log(), seen, *problem);
      co_return;
    }
  }
  std::optional<Accepted> accepted = co_await accept_tls(loaded, arrival, worker.log(), deadline);
  if (!accepted) co_return;
  const Site& site = *accepted->site;
  Buffer preface = proxy_preface(site.send_proxy, arrival, proxy_header_of(accepted->stream.info()));
  Leg client(std::move(accepted->stream));
  const ReverseClient from{.sites = loaded.sites,
                           .site = site,
                           .worker = worker,
                           .limits = loaded.limits,
                           .stream = *client.tls(),
                           .peer = arrival.peer,
                           .preface = std::move(preface)};
  if (site.upstreams->kind() == Upstreams::Kind::bytes) {
    co_await relay_bytes(from, client);
    co_return;
  }
  ReverseHop hop(from);
  ExchangeEnd end = co_await exchange_http(client, hop, worker, loaded.limits);
}

class Reverse final : public Service {
 public:
  explicit Reverse(Loaded loaded) : loaded_(std::move(loaded)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_reverse(loaded_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return loaded_.limits; }
  bool is_passed_on_from(const boost::asio::ip::address& address) const noexcept override {
    return loaded_.senders.contain(address);
  }

 private:
  Loaded loaded_;
};

}  // namespace

Result<std::shared_ptr<const Service>> make_reverse(const ReverseOptions& options, const Lasting& lasting) {
  Result<Sites> sites = Sites::make(options.sites, lasting);
  if (!sites) return fail(std::move(sites.error()));
  Result<ProxySenders> senders = ProxySenders::make("accept-proxy", options.accept_proxy);
  if (!senders) return fail(std::move(senders.error()));
  return std::make_shared<const Reverse>(Loaded{*std::move(sites), *std::move(senders), options.limits});
}

std::vector<std::filesystem::path> files_of(const ReverseOptions& options) {
  std::vector<std::filesystem::path> files;
  for (const SiteOptions& site : options.sites) std::ranges::move(files_of(site), std::back_inserter(files));
  return files;
}

}  // namespace handfast::proxy
