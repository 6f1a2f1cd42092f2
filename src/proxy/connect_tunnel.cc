#include "proxy/connect_tunnel.h"

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "http/message.h"
#include "http/static_files.h"
#include "proxy/hello_reader.h"
#include "proxy/origin.h"
#include "proxy/relay.h"
#include "proxy/target.h"
#include "proxy/tunnel_line.h"

namespace handfast::proxy {
namespace {

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Reads along until it is clear whether a tunnel begins with a ClientHello, and whose name that asks for. It is for
/// the log alone: nothing waits for it.
class HelloPeek final : public RelayObserver {
 public:
  bool from_client(Bytes bytes) override {
    if (!reader_) return false;
    const bool goes_on = reader_->take(bytes) && !reader_->done();
    if (reader_->done()) server_name_ = reader_->server_name();
    if (!goes_on) reader_.reset();
    return goes_on;
  }
  const std::string& server_name() const noexcept { return server_name_; }

 private:
  std::unique_ptr<HelloReader> reader_ = std::make_unique<HelloReader>();
  std::string server_name_;
};

http::Response unreached(bool slow) {
  return slow ? http::text_response(504, "The target does not answer.")
              : http::text_response(502, "The target can't be reached.");
}

/// To the target; or what the client is told, and the log why.
Awaitable<std::expected<Leg, http::Response>> open(const ConnectRequest& request, const Origin& target,
                                                   const AccessList& access, Limits limits, Log& log, TunnelSeen seen) {
  x509::ServerName host = request.target.host;
  auto endpoints = co_await resolve_target(access, request.peer, std::move(host), target.port, limits.connect_timeout);
  if (!endpoints && endpoints.error().refused()) {
    log_refused_tunnel(log, seen, endpoints.error().reason);
    co_return std::unexpected(endpoints.error().answer());
  }
  if (!endpoints) {
    const NetError error(Stage::resolve, endpoints.error().error);
    log_unreached(log, seen, error);
    co_return std::unexpected(unreached(error.timed_out()));
  }
  Dial way{target, *std::move(endpoints), {}};
  NetResult<Leg> origin = co_await dial(std::move(way), limits);
  if (!origin) {
    log_unreached(log, seen, origin.error());
    co_return std::unexpected(unreached(origin.error().timed_out()));
  }
  co_return *std::move(origin);
}

}  // namespace

Awaitable<> answer_and_close(Leg& client, http::Response response) {
  const std::optional<std::string> head = http::write_head(response, response.body.size(), false);
  const std::string text = head.value_or("") + response.body;
  NetResult<> written = co_await client.write(as_bytes(text));
  if (written) written = co_await client.shutdown();
}

Awaitable<> serve_connect(Leg& client, ConnectRequest request, const AccessList& access, Limits limits, Log& log) {
  const Origin target{request.target.host.text(), request.target.port.value_or(0)};
  TunnelSeen seen;
  seen.way = request.way;
  seen.peer = request.peer;
  seen.user = request.user;
  seen.origin = &target;
  seen.began = std::chrono::steady_clock::now();

  std::expected<Leg, http::Response> opened = co_await open(request, target, access, limits, log, seen);
  if (!opened) {
    co_await answer_and_close(client, std::move(opened.error()));
    co_return;
  }
  Leg& origin = *opened;
  seen.address = origin.remote_endpoint();
  HelloPeek peek;
  peek.from_client(request.received);
  client.set_write_timeout(limits.tunnel_timeout);
  origin.set_write_timeout(limits.tunnel_timeout);
  NetResult<> written = co_await client.write(as_bytes(established));
  if (written && !request.received.empty()) written = co_await origin.write(request.received);
  if (!written) {
    client.break_off();
    log_refused_tunnel(log, seen, written.error().message());
    co_return;
  }
  const RelayOptions options{.idle_timeout = limits.tunnel_timeout, .observer = &peek};
  Relayed moved = co_await relay(client, origin, options);
  moved.to_origin += request.received.size();
  seen.sni = peek.server_name();
  log_tunnel(log, seen, moved);
}

}  // namespace handfast::proxy
