#include "proxy/interception.h"

#include <utility>

namespace handfast::proxy {

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
