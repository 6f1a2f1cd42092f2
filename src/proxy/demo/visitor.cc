#include "proxy/demo/visitor.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <handfast/clock.h>
#include <handfast/stream.h>

#include "http/open_tunnel.h"
#include "net/connect.h"

namespace handfast::proxy::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using doctor::From;
using doctor::Half;

/// Nothing takes longer.
constexpr std::chrono::milliseconds patience(3000);

void remember(Visit& visit, From from, std::string text) {
  visit.words.push_back({system_clock().monotonic(), Half::client_and_proxy, from, std::move(text)});
}

/// A connection to the site, or what is taken for one.
asio::awaitable<NetResult<http::TunnelAnswer>> reach(const VisitOptions& options, Visit& visit) {
  net::Connected connected = co_await net::connect_tcp("127.0.0.1", options.proxy_port,
                                                       {.resolve_timeout = patience, .connect_timeout = patience});
  if (!connected.socket) co_return std::unexpected(connected.socket.error());
  if (!options.tunnel_to) co_return http::TunnelAnswer{{}, *std::move(connected.socket), {}};
  remember(visit, From::left, "CONNECT " + net::to_text(*options.tunnel_to));
  NetResult<http::TunnelAnswer> answer =
      co_await http::open_tunnel(*std::move(connected.socket), *options.tunnel_to, patience);
  if (!answer) co_return std::unexpected(answer.error());
  remember(visit, From::right, fmt::format("{} {}", answer->head.status, answer->head.reason));
  if (!answer->is_open()) co_return std::unexpected(NetError(Stage::connect, asio::error::access_denied));
  co_return std::move(answer);
}

asio::awaitable<NetResult<doctor::HttpResponse>> get(const VisitOptions& options, Visit& visit) {
  NetResult<http::TunnelAnswer> reached = co_await reach(options, visit);
  if (!reached) co_return std::unexpected(reached.error());
  StreamOptions stream_options;
  stream_options.handshake_timeout = patience;
  stream_options.read_timeout = patience;
  stream_options.write_timeout = patience;
  stream_options.received = std::move(reached->received);
  stream_options.trace = &visit.recording;
  Result<Stream> stream =
      Stream::client(std::move(reached->socket), options.config, {options.server_name, {}}, stream_options);
  if (!stream) co_return std::unexpected(NetError(Stage::handshake, std::move(stream.error())));
  const NetResult<> shaken = co_await stream->handshake();
  if (!shaken) co_return std::unexpected(shaken.error());
  const std::uint16_t port = options.tunnel_to ? options.tunnel_to->port : options.proxy_port;
  const std::string host = net::to_text({options.server_name, port});
  NetResult<doctor::HttpResponse> answer = co_await doctor::http_get(*stream, host, "/", patience);
  if (!answer) co_return std::unexpected(answer.error());
  const NetResult<> ended = co_await stream->shutdown();
  if (!ended) co_return std::unexpected(ended.error());
  co_return std::move(answer);
}

asio::awaitable<void> run(const VisitOptions& options, Visit& visit) {
  NetResult<doctor::HttpResponse> answer = co_await get(options, visit);
  visit.answer = std::move(answer);
}

}  // namespace

Visit visit(const VisitOptions& options) {
  Visit visit;
  asio::io_context context(1);
  asio::co_spawn(context, run(options, visit), asio::detached);
  context.run();
  return visit;
}

}  // namespace handfast::proxy::demo
