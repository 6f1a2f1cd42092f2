#include "proxy/interception.h"

#include <utility>

namespace handfast::proxy {

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

}  // namespace handfast::proxy
