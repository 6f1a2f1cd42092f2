// Listener: accepts, and counts what is open.
#include "net/listener.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/bind.h"

namespace handfast::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Where the process has run out of descriptors, say: some connection must end first.
constexpr std::chrono::milliseconds pause_after_failure{50};

asio::awaitable<void> serve_one(Serve serve, tcp::socket socket) { co_await serve(std::move(socket)); }

}  // namespace

/// Everything in it happens on its strand.
struct Listener::State {
  explicit State(asio::any_io_executor executor)
      : base(executor), strand(asio::make_strand(executor)), acceptor(strand), wakened(strand) {}

  static asio::awaitable<void> accept_loop(std::shared_ptr<State> state, Serve serve, std::size_t max_connections);

  asio::any_io_executor base;
  asio::strand<asio::any_io_executor> strand;
  tcp::acceptor acceptor;
  asio::steady_timer wakened;  ///< cancelled when a connection has ended
  std::size_t open = 0;
};

asio::awaitable<void> Listener::State::accept_loop(std::shared_ptr<State> state, Serve serve,
                                                   std::size_t max_connections) {
  while (state->acceptor.is_open()) {
    error_code error;
    if (state->open >= max_connections) {
      state->wakened.expires_at(std::chrono::steady_clock::time_point::max());
      co_await state->wakened.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    tcp::socket socket(asio::make_strand(state->base));
    co_await state->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (!state->acceptor.is_open()) break;
    if (error) {
      state->wakened.expires_after(pause_after_failure);
      co_await state->wakened.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    ++state->open;
    const asio::any_io_executor executor = socket.get_executor();
    asio::co_spawn(executor, serve_one(serve, std::move(socket)), [state](std::exception_ptr) {
      asio::dispatch(state->strand, [state] {
        --state->open;
        state->wakened.cancel();
      });
    });
  }
}

NetResult<Listener> Listener::open(asio::any_io_executor executor, const HostPort& address) {
  auto state = std::make_shared<State>(executor);
  NetResult<tcp::acceptor> acceptor = bind_and_listen(state->strand, address, Sharing::alone);
  if (!acceptor) return std::unexpected(std::move(acceptor).error());
  state->acceptor = *std::move(acceptor);
  return Listener(std::move(state));
}

tcp::endpoint Listener::local_endpoint() const noexcept {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored);
}

asio::awaitable<void> Listener::run(Serve serve, std::size_t max_connections) {
  auto loop = State::accept_loop(state_, std::move(serve), max_connections);
  return asio::co_spawn(state_->strand, std::move(loop), asio::use_awaitable);
}

void Listener::stop() {
  asio::dispatch(state_->strand, [state = state_] {
    error_code ignored;
    state->acceptor.close(ignored);
    state->wakened.cancel();
  });
}

Listener::Listener(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

}  // namespace handfast::net
