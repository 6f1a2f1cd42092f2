// Connects sockets over the loopback interface, on ports that the system chooses.
#include "net/loopback.h"

#include <stdexcept>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/identity.h"

namespace handfast::test {

SocketPair connected_sockets(io_context& context) {
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  SocketPair pair{tcp::socket(context), tcp::socket(context)};
  pair.client.connect(acceptor.local_endpoint());
  acceptor.accept(pair.server);
  return pair;
}

StreamPair connected_streams(io_context& context, std::shared_ptr<const ClientConfig> client,
                             std::shared_ptr<const ServerConfig> server, const StreamOptions& options) {
  SocketPair pair = connected_sockets(context);
  Result<Stream> stream = Stream::client(std::move(pair.client), std::move(client), {host, 443}, options);
  if (!stream) throw std::runtime_error(stream.error().message());
  return {*std::move(stream), Stream::server(std::move(pair.server), std::move(server), options)};
}

StreamPair connected_streams(io_context& context, const StreamOptions& options) {
  return connected_streams(context, make(client_options()), make(server_options()), options);
}

awaitable<void> sleep_for(std::chrono::milliseconds time) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

void Together::add(awaitable<void> work) {
  ++running_;
  boost::asio::co_spawn(context_, std::move(work), [this](std::exception_ptr thrown) {
    --running_;
    if (thrown && !thrown_) thrown_ = thrown;
  });
}

void Together::run(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  context_.restart();
  while (running_ > 0 && !thrown_ && std::chrono::steady_clock::now() < deadline) context_.run_one_until(deadline);
  if (thrown_) std::rethrow_exception(thrown_);
  if (running_ > 0) throw std::runtime_error("a coroutine did not end in time");
}

SilentPort::SilentPort(io_context& context) : acceptor_(context, tcp::endpoint(tcp::v4(), 0)), first_(context) {
  acceptor_.listen(0);
  first_.connect({boost::asio::ip::address_v4::loopback(), acceptor_.local_endpoint().port()});
}

std::vector<tcp::endpoint> SilentPort::endpoints(std::size_t count) const {
  std::vector<tcp::endpoint> all;
  const auto first = boost::asio::ip::address_v4::loopback().to_uint();
  for (std::size_t i = 0; i < count; ++i)
    all.emplace_back(boost::asio::ip::address_v4(static_cast<std::uint32_t>(first + i)),
                     acceptor_.local_endpoint().port());
  return all;
}

void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace handfast::test
