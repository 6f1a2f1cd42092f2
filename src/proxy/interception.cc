#include "proxy/interception.h"

#include <atomic>
#include <utility>

namespace handfast::proxy {

Guest::Guest(const boost::asio::ip::tcp::endpoint& from)
    : peer(from), address(from.address().to_string()), payer(counted_as(from.address()).to_string()) {
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

Awaitable<NetResult<JudgedOrigin>> judge_tls(const Interception& shared, net::PlainStream stream, Origin origin,
                                             std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                             OwnConnections::Entry& entry) {
  Origin asked = origin;
  NetResult<JudgedOrigin> judged =
      co_await start_judged_tls(std::move(stream), std::move(asked), shared.judge, shared.limits);
  const bool is_settled =
      !judged || !judged->verdict.error || judged->leg->tls()->info().resumption == Resumption::none;
  if (is_settled) co_return judged;
  asked = origin;
  NetResult<net::PlainStream> again = co_await dial_checked(shared, std::move(asked), std::move(endpoints), entry);
  if (!again) co_return judged;
  origin.tls = shared.judge.sessionless(origin.tls);
  judged = co_await start_judged_tls(*std::move(again), std::move(origin), shared.judge, shared.limits);
  co_return judged;
}

}  // namespace handfast::proxy
