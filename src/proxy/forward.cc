#include "proxy/forward.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/error.hpp>

#include <handfast/stream.h>

#include "http/fields.h"
#include "http/static_files.h"
#include "net/elsewhere.h"
#include "net/endpoint.h"
#include "proxy/basic_auth.h"
#include "proxy/connect_tunnel.h"
#include "proxy/exchange.h"
#include "proxy/forwarded_head.h"
#include "proxy/handshake_line.h"
#include "proxy/origin.h"
#include "proxy/request_line.h"
#include "proxy/target.h"
#include "proxy/worker.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view way = "forward";
constexpr std::uint16_t http_port = 80;

struct Loaded {
  AccessList access;
  std::shared_ptr<const ServerConfig> tls;  ///< null: in the clear
  std::shared_ptr<const BasicAuth> users;   ///< null: whoever comes
  std::string realm;
  Limits limits;
};

http::Response unauthenticated(const Loaded& loaded) {
  http::Response response = http::text_response(407, "This proxy wants to know who you are.");
  response.fields.push_back({"Proxy-Authenticate", BasicAuth::challenge(loaded.realm)});
  return response;
}

/// RFC 6585, section 4.
http::Response too_many_logins() {
  return http::text_response(429, "Too many logins of yours are being checked. Try again later.");
}

/// Who sends wrong passwords keeps one of them busy, and nobody but others at his address waits for that.
net::Elsewhere& hashing() {
  static auto* const threads = new net::Elsewhere({.all = 2, .of_one = 1});
  return *threads;
}
/// More than come at once from behind one address, of people who begin their day.
constexpr std::size_t longest_line = 64;
constexpr std::chrono::milliseconds longest_hashing{10'000};

/// What became of a client's credentials.
struct Login {
  std::optional<std::string> user{};  ///< whose they are
  std::string_view unchecked{};       ///< why that could not be told; empty: it could
};

Awaitable<> check_elsewhere(std::shared_ptr<const BasicAuth> users, std::string client, std::string credentials,
                            Login& login) {
  const auto found = std::make_shared<std::optional<std::string>>();
  std::function<void()> work = [users, found, credentials] { *found = users->user_of(credentials); };
  net::Elsewhere::Party whose{std::move(client), longest_line};
  net::Elsewhere::Outcome outcome = co_await hashing().run(std::move(whose), std::move(work), longest_hashing);
  switch (outcome) {
    case net::Elsewhere::Outcome::done: login.user = std::move(*found); break;
    case net::Elsewhere::Outcome::late: login.unchecked = "the password was not checked in time"; break;
    case net::Elsewhere::Outcome::refused: login.unchecked = "too many logins of this address are waiting"; break;
  }
}

/// Checked, resolved and checked again, then connected to. `refusal` is told what no client is.
Awaitable<std::expected<Leg, Hop::Failed>> connect_to(const Loaded& loaded, const tcp::endpoint& client,
                                                      http::Authority target, std::string& refusal) {
  const std::uint16_t port = target.port.value_or(http_port);
  const Origin origin{target.host.text(), port};
  auto endpoints =
      co_await resolve_target(loaded.access, client, std::move(target.host), port, loaded.limits.connect_timeout);
  if (!endpoints && endpoints.error().refused()) {
    refusal = endpoints.error().reason;
    const NetError error(Stage::connect, boost::asio::error::access_denied);
    co_return std::unexpected(Hop::Failed{error, endpoints.error().answer()});
  }
  if (!endpoints)
    co_return std::unexpected(Hop::Failed{NetError(Stage::resolve, endpoints.error().error), std::nullopt});
  Dial next{origin, *std::move(endpoints), {}};
  NetResult<Leg> leg = co_await dial(std::move(next), loaded.limits);
  if (!leg) co_return std::unexpected(Hop::Failed{std::move(leg).error(), std::nullopt});
  co_return *std::move(leg);
}

/// One client's requests.
class ForwardHop final : public Hop {
 public:
  ForwardHop(const Loaded& loaded, Log& log, const tcp::endpoint& peer)
      : loaded_(loaded), log_(log), peer_(peer), scope_(new_scope()) {}

  std::optional<Awaitable<>> prepare(const http::RequestHead& head) override {
    const std::string_view credentials = http::value_of(head.fields, "Proxy-Authorization");
    checked_elsewhere_ = loaded_.users && loaded_.users->takes_a_hash(credentials);
    login_ = {};
    if (!checked_elsewhere_) return std::nullopt;
    return check_elsewhere(loaded_.users, net::to_text(counted_as(peer_.address())), std::string(credentials), login_);
  }

  Decision request(http::RequestHead& head) override {
    refusal_.clear();
    denial_ = authenticate(head);
    // A CONNECT is answered by whoever takes it over, refusals included: what came behind it is no request.
    if (head.method == "CONNECT") return TakeOver{};
    if (denial_) return *std::move(denial_);
    const http::Target& target = head.parsed_target;
    if (target.form != http::TargetForm::absolute || !target.authority)
      return http::text_response(400, "This is a proxy: it takes CONNECT, and requests for http:// URLs in full.");
    if (target.scheme != "http")
      return http::text_response(400, "This proxy asks for http:// URLs; all else goes through CONNECT.");
    target_ = *target.authority;
    const std::uint16_t port = target_->port.value_or(http_port);
    if (std::optional<std::string> refusal = loaded_.access.refuses(target_->host, port)) {
      refusal_ = *std::move(refusal);
      return forbidden();
    }
    add_via(head.fields, head.minor_version);
    Forward forward;
    forward.upstream = to_text(Origin{target_->host.text(), port});
    forward.pool = PoolKey{.address = forward.upstream, .server_name = {}, .tls = nullptr, .scope = scope_};
    return forward;
  }

  Awaitable<std::expected<Leg, Failed>> connect() override { return connect_to(loaded_, peer_, *target_, refusal_); }

  void response(const http::RequestHead&, http::ResponseHead& head) override {
    add_via(head.fields, head.minor_version);
  }

  void done(const ExchangeRecord& record) override {
    ExchangeRecord told = record;
    // What is asked for there is between the client and the origin: a query may hold a password.
    told.target.resize(std::min(told.target.find('?'), told.target.size()));
    if (!refusal_.empty()) {
      told.error.reset();
      told.problem = refusal_;
    }
    log_request(log_, RequestSeen{.way = way, .peer = peer_, .user = user(), .scheme = "http"}, told);
  }

  /// Of what this client has left in the pool.
  const std::string& scope() const noexcept { return scope_; }
  /// What the CONNECT that was taken over is answered with, where its client may not come in; and why, for the log.
  std::optional<http::Response>& denial() noexcept { return denial_; }
  const std::string& refusal() const noexcept { return refusal_; }
  std::string user() const { return login_.user.value_or(""); }

 private:
  /// Connections to origins are shared with nobody else: some origins know a client by its connection alone (NTLM), and
  /// what may be connected to, another service may say otherwise.
  static std::string new_scope() {
    static std::atomic<std::uint64_t> count{0};
    return fmt::format("forward {}", ++count);
  }

  /// Takes the credentials out of the head: they are for us alone (RFC 9110, section 11.7.1).
  std::optional<http::Response> authenticate(http::RequestHead& head) {
    const std::string credentials(http::value_of(head.fields, "Proxy-Authorization"));
    const std::size_t count = http::remove(head.fields, "Proxy-Authorization");
    if (!loaded_.users) return std::nullopt;
    if (!login_.unchecked.empty()) {
      refusal_ = login_.unchecked;
      return too_many_logins();
    }
    if (!checked_elsewhere_) login_.user = loaded_.users->user_of(credentials);
    if (count != 1) login_.user.reset();
    if (login_.user) return std::nullopt;
    refusal_ = "not authenticated";
    return unauthenticated(loaded_);
  }

  const Loaded& loaded_;
  Log& log_;
  tcp::endpoint peer_;
  std::string scope_;
  Login login_;
  bool checked_elsewhere_ = false;  ///< so `login_` is known already
  std::string refusal_;             ///< of the last request, for the log
  std::optional<http::Response> denial_;
  std::optional<http::Authority> target_;
};

Awaitable<std::optional<Leg>> open_client(const Loaded& loaded, Arrival& arrival, Log& log) {
  if (!loaded.tls) co_return Leg(std::move(arrival.stream));
  HandshakeSeen seen;
  seen.way = way;
  seen.peer = arrival.peer;
  seen.began = std::chrono::steady_clock::now();
  StreamOptions options;
  options.handshake_timeout = loaded.limits.handshake_timeout;
  Stream stream = Stream::server(arrival.stream.release().socket, loaded.tls, options);
  NetResult<> done = co_await stream.handshake();
  seen.stream = &stream;
  if (!done) seen.error = &done.error();
  log_handshake(log, seen);
  if (!done) co_return std::nullopt;
  co_return Leg(std::move(stream));
}

Awaitable<> serve_forward(const Loaded& loaded, Arrival arrival, Worker& worker) {
  std::optional<Leg> client = co_await open_client(loaded, arrival, worker.log());
  if (!client) co_return;
  ForwardHop hop(loaded, worker.log(), arrival.peer);
  ExchangeEnd end = co_await exchange_http(*client, hop, worker, loaded.limits);
  worker.pool().forget(hop.scope());
  if (!end.taken_over) co_return;
  const std::optional<http::Authority>& target = end.taken_over->request.parsed_target.authority;
  if (hop.denial()) {
    worker.log().write(worker.log()
                           .line("tunnel")
                           .add("way", way)
                           .add("peer", net::to_text(arrival.peer))
                           .add("target", end.taken_over->request.target)
                           .add("error", hop.refusal()));
    co_await answer_and_close(*client, *std::move(hop.denial()));
    co_return;
  }
  if (!target) co_return;
  ConnectRequest request{way, arrival.peer, hop.user(), *target, std::move(end.taken_over->received)};
  co_await serve_connect(*client, std::move(request), loaded.access, loaded.limits, worker.log());
}

class ForwardService final : public Service {
 public:
  explicit ForwardService(Loaded loaded) : loaded_(std::move(loaded)) {}
  Awaitable<> serve(Arrival arrival, Worker& worker) const override {
    return serve_forward(loaded_, std::move(arrival), worker);
  }
  const Limits& limits() const noexcept override { return loaded_.limits; }

 private:
  Loaded loaded_;
};

}  // namespace

Result<std::shared_ptr<const Service>> make_forward(const ForwardOptions& options, const Lasting& lasting) {
  Result<AccessList> access = AccessList::make(options.access);
  if (!access) return fail(std::move(access.error()));
  Loaded loaded{*std::move(access), nullptr, nullptr, options.realm, options.limits};
  if (!options.tls.credentials.empty() || !options.tls.client_ca.empty()) {
    auto tls = load(options.tls, lasting, {"http/1.1"});
    if (!tls) return fail(std::move(tls.error()));
    loaded.tls = *std::move(tls);
  }
  if (!options.auth_file.empty()) {
    auto users = BasicAuth::load("auth-file", options.auth_file);
    if (!users) return fail(std::move(users.error()));
    loaded.users = *std::move(users);
  }
  return std::make_shared<const ForwardService>(std::move(loaded));
}

std::vector<std::filesystem::path> files_of(const ForwardOptions& options) {
  std::vector<std::filesystem::path> files = files_of(options.tls);
  if (!options.auth_file.empty()) files.emplace_back(options.auth_file);
  return files;
}

}  // namespace handfast::proxy
