#include "proxy/interception.h"

#include <atomic>
#include <utility>
#include <vector>

#include "net/endpoint.h"
#include "proxy/handshake_line.h"

namespace handfast::proxy {
namespace {

/// Of a certificate, in bytes: thousands of them are remembered.
constexpr std::size_t longest_remembered = 8192;

}  // namespace

Guest::Guest(const boost::asio::ip::tcp::endpoint& from)
    : peer(from), address(net::to_text(from.address())), payer(net::to_text(counted_as(from.address()))) {
  static std::atomic<std::uint64_t> last{0};
  id = std::to_string(++last);
}

std::optional<std::string> refuses(const Interception& shared, const x509::ServerName& host, std::uint16_t port,
                                   const std::vector<boost::asio::ip::tcp::endpoint>& endpoints) {
  std::optional<std::string> refusal = shared.access.refuses(host, port);
  for (const boost::asio::ip::tcp::endpoint& endpoint : endpoints)
    if (!refusal) refusal = shared.access.refuses(host, port, endpoint.address());
  return refusal;
}

Awaitable<NetResult<net::PlainStream>> dial_checked(const Interception& shared, Origin origin,
                                                    std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                                    OwnConnections::Entry& entry) {
  Dial next{std::move(origin), std::move(endpoints), {}};
  next.origin.tls = nullptr;
  NetResult<net::PlainStream> stream = co_await dial_tcp(std::move(next), shared.limits);
  if (!stream) co_return stream;
  net::PlainStream::Released released = stream->release();
  boost::system::error_code error;
  const auto local = released.socket.local_endpoint(error);
  if (!error) entry = shared.own->add(local);
  co_return net::PlainStream(std::move(released.socket), std::move(released.received));
}

PoolKey shared_connection(const Origin& origin, const boost::asio::ip::tcp::endpoint& endpoint) {
  return {.address = net::to_text(endpoint),
          .server_name = origin.server_name,
          .tls = origin.tls,
          .scope = std::string(shared_scope)};
}

Awaitable<NetResult<JudgedOrigin>> judge_tls(const Interception& shared, net::PlainStream stream, Origin origin,
                                             OwnConnections::Entry& entry) {
  const boost::asio::ip::tcp::endpoint endpoint = stream.remote_endpoint();
  const PoolKey key = shared_connection(origin, endpoint);
  Origin asked = origin;
  const auto known = shared.judgements->find(key);
  if (known && (*known)->verdict.error) asked.tls = shared.judge.sessionless(origin.tls);
  NetResult<JudgedOrigin> judged =
      co_await start_judged_tls(std::move(stream), std::move(asked), shared.judge, shared.limits);
  const bool is_of_old = judged && judged->leg->tls()->info().resumption != Resumption::none;
  if (is_of_old && judged->judgement->verdict.error) {
    asked = origin;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints(1, endpoint);
    NetResult<net::PlainStream> again = co_await dial_checked(shared, std::move(asked), std::move(endpoints), entry);
    if (!again) co_return std::unexpected(std::move(again).error());
    asked = origin;
    asked.tls = shared.judge.sessionless(origin.tls);
    judged = co_await start_judged_tls(*std::move(again), std::move(asked), shared.judge, shared.limits);
  }
  if (judged && judged->judgement->certificate.der().size() <= longest_remembered)
    shared.judgements->put(key, judged->judgement);
  co_return judged;
}

void log_judged(Log& log, const Guest& guest, const Origin& origin, const HelloReader* hello,
                const NetResult<JudgedOrigin>& judged, std::chrono::steady_clock::time_point began) {
  HandshakeSeen seen;
  seen.way = "intercept";
  seen.peer = guest.peer;
  seen.side = Side::client;
  seen.origin = &origin;
  seen.hello = hello;
  seen.began = began;
  std::optional<NetError> fault;
  if (!judged)
    fault = judged.error();
  else if (judged->judgement->verdict.error)
    fault.emplace(Stage::handshake, *judged->judgement->verdict.error);
  if (judged) seen.stream = judged->leg->tls();
  if (fault) seen.error = &*fault;
  log_handshake(log, seen);
}

}  // namespace handfast::proxy
