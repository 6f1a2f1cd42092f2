// Binds and listens.
#include "net/bind.h"

#include <sys/socket.h>

#include <string>

#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace handfast::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, Sharing sharing) {
  error_code error;
  acceptor.close(error);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && sharing == Sharing::with_workers) acceptor.set_option(ReusePort(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

NetResult<tcp::acceptor> bind_and_listen(const asio::any_io_executor& executor, const HostPort& address,
                                         Sharing sharing) {
  tcp::acceptor acceptor(executor);
  error_code error;
  if (address.host.empty()) {
    error = bind(acceptor, tcp::endpoint(tcp::v6(), address.port), sharing);
    if (error && error != asio::error::address_in_use)
      error = bind(acceptor, tcp::endpoint(tcp::v4(), address.port), sharing);
  } else {
    tcp::resolver resolver(executor);
    const auto flags = tcp::resolver::numeric_service | tcp::resolver::passive;
    const auto results = resolver.resolve(address.host, std::to_string(address.port), flags, error);
    for (const auto& result : results) {
      error = bind(acceptor, result.endpoint(), sharing);
      if (!error) break;
    }
  }
  if (error) return std::unexpected(NetError(Stage::listen, error));
  return acceptor;
}

}  // namespace handfast::net
