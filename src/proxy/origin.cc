// dial: a Leg, ready to be used.
#include "proxy/origin.h"

#include <utility>

#include <boost/asio/error.hpp>

#include "net/address.h"
#include "net/connect.h"

namespace handfast::proxy {
namespace {

using boost::asio::ip::tcp;

Awaitable<NetResult<tcp::socket>> connect(Dial& dial, std::chrono::milliseconds patience) {
  net::Connected connected{std::unexpected(NetError(Stage::resolve, boost::asio::error::host_not_found)), {}};
  if (dial.endpoints.empty())
    connected = co_await net::connect_tcp(dial.origin.host, dial.origin.port, {.connect_timeout = patience});
  else
    connected = co_await net::connect_to_one_of(dial.endpoints, patience);
  co_return std::move(connected.socket);
}

}  // namespace

std::string to_text(const Origin& origin) { return net::to_text({origin.host, origin.port}); }

Awaitable<NetResult<net::PlainStream>> dial_tcp(Dial dial, Limits limits) {
  NetResult<tcp::socket> socket = co_await connect(dial, limits.connect_timeout);
  if (!socket) co_return std::unexpected(std::move(socket).error());
  net::PlainStream plain(*std::move(socket));
  plain.set_write_timeout(limits.connect_timeout);
  if (!dial.preface.empty()) {
    NetResult<> written = co_await plain.write(dial.preface);
    if (!written) co_return std::unexpected(std::move(written).error());
  }
  plain.set_write_timeout(std::chrono::milliseconds(0));
  co_return std::move(plain);
}

Awaitable<NetResult<Leg>> start_tls(net::PlainStream plain, Origin origin, Limits limits) {
  StreamOptions options;
  options.handshake_timeout = limits.handshake_timeout;
  const std::string& name = origin.server_name.empty() ? origin.host : origin.server_name;
  Result<Stream> stream = Stream::client(plain.release().socket, origin.tls, {name, origin.port}, options);
  if (!stream) co_return std::unexpected(NetError(Stage::handshake, std::move(stream).error()));
  NetResult<> done = co_await stream->handshake();
  if (!done) co_return std::unexpected(std::move(done).error());
  co_return Leg(*std::move(stream));
}

Awaitable<NetResult<Leg>> dial(Dial dial, Limits limits) {
  Origin origin = dial.origin;
  NetResult<net::PlainStream> plain = co_await dial_tcp(std::move(dial), limits);
  if (!plain) co_return std::unexpected(std::move(plain).error());
  if (!origin.tls) co_return Leg(*std::move(plain));
  NetResult<Leg> leg = co_await start_tls(*std::move(plain), std::move(origin), limits);
  co_return std::move(leg);
}

}  // namespace handfast::proxy
