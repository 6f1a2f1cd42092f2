#include "proxy/tunnel.h"

#include <optional>
#include <utility>

#include <handfast/stream.h>

#include "proxy/bad_option.h"
#include "proxy/handshake_line.h"
#include "proxy/opening.h"
#include "proxy/origin.h"
#include "proxy/relay.h"
#include "proxy/tunnel_line.h"
#include "proxy/worker.h"
#include "x509/server_name.h"

namespace handfast::proxy {
namespace {

constexpr std::string_view way = "tunnel";

struct Loaded {
  std::shared_ptr<const ServerConfig> from;  ///< null: clients come in the clear
  Origin to;
  ProxySenders senders;
  SendProxy send_proxy;
  Limits limits;
};

Awaitable<std::optional<Leg>> open_client(const Loaded& loaded, Arrival& arrival, Deadline deadline, Log& log) {
  if (!loaded.from) co_return Leg(std::move(arrival.stream));
  HandshakeSeen seen;
  seen.way = way;
  seen.peer = arrival.peer;
  seen.began = std::chrono::steady_clock::now();
  net::PlainStream::Released released = arrival.stream.release();
  StreamOptions options;
  options.handshake_timeout = deadline.left();
  options.received = std::move(released.received);
  Stream stream = Stream::server(std::move(released.socket), loaded.from, options);
  NetResult<> done = co_await stream.handshake();
  seen.stream = &stream;
  if (!done) seen.error = &done.error();
  log_handshake(log, seen);
  if (!done) co_return std::nullopt;
  co_return Leg(std::move(stream));
}

Awaitable<> serve_tunnel(const Loaded& loaded, Arrival arrival, Worker& worker) {
  const Deadline deadline(loaded.limits.handshake_timeout);
  TunnelSeen seen;
  seen.way = way;
  seen.peer = arrival.peer;
  seen.origin = &loaded.to;
  seen.began = std::chrono::steady_clock::now();
  if (loaded.senders.contain(arrival.peer.address())) {
    std::optional<std::string> problem = co_await take_proxy_header(arrival, loaded.limits, deadline);
    if (problem) {
      log_refused_tunnel(worker.log(), seen, *problem);
      co_return;
    }
    seen.peer = arrival.peer;
  }
  std::optional<Leg> client = co_await open_client(loaded, arrival, deadline, worker.log());
  if (!client) co_return;

  Dial way_there{loaded.to, {}, {}};
  net::ProxyHeader header;
  if (client->tls() != nullptr) header = proxy_header_of(client->tls()->info());
  way_there.preface = proxy_preface(loaded.send_proxy, arrival, std::move(header));
  const auto dialled = std::chrono::steady_clock::now();
  NetResult<Leg> origin = co_await dial(std::move(way_there), loaded.limits);
  if (!origin) {
    client->break_off();
    log_unreached(worker.log(), seen, origin.error());
    co_return;
  }
  if (origin->tls() != nullptr) {
    HandshakeSeen handshake;
    handshake.way = way;
    handshake.peer = seen.peer;
    handshake.side = Side::client;
    handshake.origin = &loaded.to;
    handshake.stream = origin->tls();
    handshake.began = dialled;
    log_handshake(worker.log(), handshake);
  }
  std::string sni;
  if (client->tls() != nullptr) sni = client->tls()->info().server_name;
  seen.sni = sni;
  seen.address = origin->remote_endpoint();
  const RelayOptions options{.idle_timeout = loaded.limits.tunnel_timeout};
  Relayed moved = co_await relay(*client, *origin, options);
  log_tunnel(worker.log(), seen, moved);
}

class TunnelService final : public Service {
 public:
  explicit TunnelService(Loaded loaded) : loaded_(std::move(loaded)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_tunnel(loaded_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return loaded_.limits; }
  bool is_passed_on_from(const boost::asio::ip::address& address) const noexcept override {
    return loaded_.senders.contain(address);
  }

 private:
  Loaded loaded_;
};

/// What only makes sense with TLS on that side.
Result<> check_sides(const TunnelOptions& options, bool from_tls, bool to_tls) {
  if (!from_tls && !to_tls)
    return bad_option("to", options.to, "neither side of the tunnel is TLS", "Write tls:// before one of the two.");
  constexpr const char* from_remedy = "Write --from tls://ADDR:PORT, or leave it out.";
  constexpr const char* to_remedy = "Write --to tls://HOST:PORT, or leave it out.";
  if (!from_tls && !options.server.credentials.empty())
    return bad_option("cert", options.from, "clients don't come by TLS", from_remedy);
  if (!from_tls && !(options.server.client_ca.empty() && options.server.client_allow.empty()))
    return bad_option("client-ca", options.from, "clients don't come by TLS", from_remedy);
  if (!to_tls && !options.origin.ca.empty()) return bad_option("ca", options.to, "there is no TLS that way", to_remedy);
  if (!to_tls && !options.origin.credential.certificate.empty())
    return bad_option("upstream-cert", options.to, "there is no TLS that way", to_remedy);
  if (!to_tls && !options.server_name.empty())
    return bad_option("server-name", options.to, "there is no TLS that way", to_remedy);
  return {};
}

Result<std::shared_ptr<const ClientConfig>> load_origin(const TunnelOptions& options, const Lasting& lasting) {
  auto config = load(options.origin, lasting);
  if (!config || options.application_protocols.empty()) return config;
  ClientOptions with_protocols = (*config)->options();
  with_protocols.application_protocols = options.application_protocols;
  return ClientConfig::make(std::move(with_protocols));
}

}  // namespace

Result<TunnelEnd> parse_tunnel_end(std::string_view option, std::string_view text) {
  constexpr const char* remedy = "Write tcp://HOST:PORT or tls://HOST:PORT.";
  TunnelEnd end;
  std::string_view rest = text;
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = text.substr(0, colon);
    if (scheme != "tcp" && scheme != "tls") return bad_option(option, text, "neither tcp:// nor tls://", remedy);
    end.tls = scheme == "tls";
    rest = text.substr(colon + 3);
  }
  Result<net::HostPort> address = net::parse_host_port(rest, std::nullopt);
  if (!address) return bad_option(option, text, handfast::to_text(*address.error().find("problem")), remedy);
  end.address = *std::move(address);
  return end;
}

Result<std::shared_ptr<const Service>> make_tunnel(const TunnelOptions& options, const Lasting& lasting) {
  Result<TunnelEnd> from = parse_tunnel_end("from", options.from);
  if (!from) return fail(std::move(from.error()));
  Result<TunnelEnd> to = parse_tunnel_end("to", options.to);
  if (!to) return fail(std::move(to.error()));
  if (to->address.host.empty() || to->address.port == 0)
    return bad_option("to", options.to, "a host and a port are needed", "Write tls://HOST:PORT.");
  if (Result<> fits = check_sides(options, from->tls, to->tls); !fits) return fail(std::move(fits.error()));
  Result<ProxySenders> senders = ProxySenders::make("accept-proxy", options.accept_proxy);
  if (!senders) return fail(std::move(senders.error()));
  Result<SendProxy> send_proxy = parse_send_proxy("send-proxy", options.send_proxy);
  if (!send_proxy) return fail(std::move(send_proxy.error()));

  Loaded loaded{nullptr, {to->address.host, to->address.port}, *std::move(senders), *send_proxy, options.limits};
  if (from->tls) {
    auto config = load(options.server, lasting, options.application_protocols);
    if (!config) return fail(std::move(config.error()));
    loaded.from = *std::move(config);
  }
  if (to->tls) {
    auto config = load_origin(options, lasting);
    if (!config) return fail(std::move(config.error()));
    const std::string& name = options.server_name.empty() ? to->address.host : options.server_name;
    Result<x509::ServerName> verified = x509::ServerName::parse(name);
    if (!verified)
      return bad_option(options.server_name.empty() ? "to" : "server-name", name,
                        handfast::to_text(*verified.error().find("problem")),
                        "Write the name that the certificate is for.");
    loaded.to.tls = *std::move(config);
    loaded.to.server_name = verified->text();
  }
  return std::make_shared<const TunnelService>(std::move(loaded));
}

std::vector<std::filesystem::path> files_of(const TunnelOptions& options) {
  std::vector<std::filesystem::path> files = files_of(options.server);
  const std::vector<std::filesystem::path> others = files_of(options.origin);
  files.insert(files.end(), others.begin(), others.end());
  return files;
}

}  // namespace handfast::proxy
