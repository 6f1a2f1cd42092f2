// The intercepting service: where a connection wants to go, asked for or redirected.
#include "proxy/intercept.h"

#include <optional>
#include <utility>

#include "http/static_files.h"
#include "proxy/connect_tunnel.h"
#include "proxy/intercept_hops.h"
#include "proxy/interception.h"
#include "proxy/make_interception.h"
#include "proxy/opening.h"
#include "proxy/passage.h"
#include "proxy/target.h"
#include "proxy/tunnel_line.h"
#include "proxy/worker.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using net::PlainStream;

Awaitable<> serve_explicit(const Interception& shared, Arrival arrival, Worker& worker) {
  const Guest guest(arrival.peer);
  Leg client(std::move(arrival.stream));
  std::optional<http::Authority> target;
  Buffer received;
  {
    ProxyHop hop(shared, worker, guest);
    ExchangeEnd end = co_await exchange_http(client, hop, worker, shared.limits);
    if (!end.taken_over) co_return;
    target = end.taken_over->request.parsed_target.authority;
    received = std::move(end.taken_over->received);
  }
  if (!target || !target->port) co_return;
  const Clock::time_point began = Clock::now();
  const Origin origin{target->host.text(), *target->port};
  TunnelSeen seen;
  seen.way = "intercept";
  seen.peer = guest.peer;
  seen.origin = &origin;
  seen.began = began;
  x509::ServerName host = target->host;
  auto endpoints =
      co_await resolve_target(shared.access, guest.peer, std::move(host), origin.port, shared.limits.connect_timeout);
  if (!endpoints) {
    const TargetFailure& failure = endpoints.error();
    log_refused_tunnel(worker.log(), seen, failure.reason);
    http::Response words =
        failure.refused() ? failure.answer() : http::text_response(failure.status, "The origin could not be found.");
    co_await answer_and_close(client, std::move(words));
    co_return;
  }
  Passage passage{
      shared,       worker, guest, target->host, origin.port, *std::move(endpoints), std::move(client).take_plain(),
      std::nullopt, {},     {},    began};
  NetResult<> reached;
  if (!is_known(passage)) reached = co_await reach(passage);
  if (!reached) {
    Leg told(std::move(passage.client));
    http::Response words = reached.error().timed_out() ? http::text_response(504, "The origin did not answer in time.")
                                                       : http::text_response(502, "The origin could not be reached.");
    co_await answer_and_close(told, std::move(words));
    co_return;
  }
  passage.times.connect = Clock::now() - began;
  NetResult<> written = co_await passage.client.write(as_bytes("HTTP/1.1 200 Connection established\r\n\r\n"));
  if (!written) co_return;
  if (!received.empty()) passage.client = unread(passage.client, std::move(received));
  co_await look_inside(std::move(passage));
}

Awaitable<> serve_transparent(const Interception& shared, Arrival arrival, Worker& worker) {
  PlainStream::Released released = arrival.stream.release();
  const auto destination = original_destination(released.socket);
  Guest guest(arrival.peer);
  if (!destination) {
    TunnelSeen seen;
    seen.way = "intercept";
    seen.peer = guest.peer;
    seen.began = Clock::now();
    log_refused_tunnel(worker.log(), seen, destination.error());
    co_return;
  }
  PlainStream client(std::move(released.socket), std::move(released.received));
  Passage passage{shared,
                  worker,
                  std::move(guest),
                  std::nullopt,
                  destination->port(),
                  {*destination},
                  std::move(client),
                  std::nullopt,
                  {},
                  {},
                  Clock::now()};
  co_await look_inside(std::move(passage));
}

class Intercept final : public Service {
 public:
  explicit Intercept(std::shared_ptr<const Interception> shared) noexcept : shared_(std::move(shared)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_explicit(*shared_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return shared_->limits; }

 protected:
  std::shared_ptr<const Interception> shared_;
};

class TransparentIntercept final : public Service {
 public:
  explicit TransparentIntercept(std::shared_ptr<const Interception> shared) noexcept : shared_(std::move(shared)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_transparent(*shared_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return shared_->limits; }

 private:
  std::shared_ptr<const Interception> shared_;
};

}  // namespace

Result<MadeIntercept> make_intercept(const InterceptOptions& options, Lasting& lasting) {
  MadeIntercept made;
  Result<std::shared_ptr<const Interception>> shared = load_interception(options, lasting, made);
  if (!shared) return fail(std::move(shared.error()));
  if (options.transparent)
    made.service = std::make_shared<const TransparentIntercept>(*std::move(shared));
  else
    made.service = std::make_shared<const Intercept>(*std::move(shared));
  return made;
}

}  // namespace handfast::proxy
