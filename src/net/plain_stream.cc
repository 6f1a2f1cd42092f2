// PlainStream: the operations of a TCP connection as coroutines.
//
// Each coroutine holds the state by itself: the stream may be destroyed while one waits.
#include "net/plain_stream.h"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/socket_waits.h"

namespace handfast::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = PlainStream::Socket;

constexpr std::size_t read_chunk = 65536;
/// So many reads without waiting, then the others on this executor have their turn.
constexpr int reads_in_a_row = 16;
constexpr std::chrono::milliseconds linger{1'000};

}  // namespace

struct PlainStream::State {
  explicit State(Socket connected, Buffer before) : socket(std::move(connected)), received_before(std::move(before)) {
    // A socket that is broken already fails in the first read or write, not here.
    error_code ignored;
    remote = socket.remote_endpoint(ignored);
    socket.non_blocking(true, ignored);
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    received = received_before.size();
  }

  void close() noexcept {
    error_code ignored;
    socket.close(ignored);
    waits.close();
  }

  Socket socket;
  SocketWaits waits{socket};
  asio::ip::tcp::endpoint remote;
  /// What was handed out last; there is none while nothing comes.
  std::unique_ptr<std::uint8_t[]> input;
  Buffer received_before;
  Buffer handed_out;  ///< that, while it is read: `input` is always of the size that reads take it for
  std::chrono::milliseconds read_timeout{0};
  std::chrono::milliseconds write_timeout{0};
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  int reads = 0;
};

namespace {

using Shared = std::shared_ptr<PlainStream::State>;

/// Until the socket is ready.
asio::awaitable<error_code> ready(const Shared& state, Socket::wait_type what, TimePoint deadline) {
  return net::ready({state, &state->waits}, what, deadline);
}

asio::awaitable<NetResult<Bytes>> read(Shared state) {
  const SocketWaits::Reading reading(state->waits);
  if (!state->received_before.empty()) {
    state->handed_out = std::exchange(state->received_before, Buffer());
    co_return Bytes(state->handed_out);
  }
  state->handed_out = Buffer();
  const TimePoint deadline = deadline_in(state->read_timeout);
  if (++state->reads % reads_in_a_row == 0) {
    co_await asio::post(state->socket.get_executor(), asio::use_awaitable);
  }
  for (;;) {
    error_code error = asio::error::operation_aborted;
    std::size_t count = 0;
    if (state->socket.is_open()) {
      if (!state->input) state->input = std::make_unique_for_overwrite<std::uint8_t[]>(read_chunk);
      count = state->socket.read_some(asio::buffer(state->input.get(), read_chunk), error);
    }
    state->received += count;
    if (!error) co_return Bytes(state->input.get(), count);
    state->input.reset();
    if (error == asio::error::eof) co_return Bytes();
    if (error != asio::error::would_block) co_return std::unexpected(NetError(Stage::read, error));
    error = co_await ready(state, Socket::wait_read, deadline);
    if (error) co_return std::unexpected(NetError(Stage::read, error));
  }
}

asio::awaitable<NetResult<>> write(Shared state, Bytes data) {
  while (!data.empty()) {
    error_code error = asio::error::operation_aborted;
    std::size_t count = 0;
    if (state->socket.is_open()) count = state->socket.write_some(asio::buffer(data.data(), data.size()), error);
    state->sent += count;
    data = data.subspan(count);
    if (error == asio::error::would_block) {
      const TimePoint deadline = deadline_in(state->write_timeout);
      error = co_await ready(state, Socket::wait_write, deadline);
    }
    if (error) co_return std::unexpected(NetError(Stage::write, error));
  }
  co_return NetResult<>();
}

asio::awaitable<NetResult<>> close_write(Shared state) {
  error_code error;
  state->socket.shutdown(Socket::shutdown_send, error);
  if (error) co_return std::unexpected(NetError(Stage::shutdown, error));
  co_return NetResult<>();
}

/// Without waiting.
error_code drop_input(Socket& socket) {
  std::uint8_t scratch[4096];
  error_code error;
  socket.read_some(asio::buffer(scratch), error);
  return error;
}

asio::awaitable<NetResult<>> shutdown(Shared state) {
  NetResult<> closed = co_await close_write(state);
  const TimePoint deadline = deadline_in(linger);
  state->received_before = Buffer();
  while (closed && state->socket.is_open()) {
    error_code error = drop_input(state->socket);
    if (error == asio::error::would_block) error = co_await ready(state, Socket::wait_read, deadline);
    if (error || std::chrono::steady_clock::now() >= deadline) break;
    // A peer that sends without end takes nobody else's time.
    if (++state->reads % reads_in_a_row == 0) {
      co_await asio::post(state->socket.get_executor(), asio::use_awaitable);
    }
  }
  state->close();
  co_return closed;
}

}  // namespace

PlainStream::PlainStream(Socket socket, Buffer received)
    : state_(std::make_shared<State>(std::move(socket), std::move(received))) {}
PlainStream::PlainStream(PlainStream&&) noexcept = default;
PlainStream& PlainStream::operator=(PlainStream&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
PlainStream::~PlainStream() { close(); }

PlainStream::Awaitable<Bytes> PlainStream::read() { return net::read(state_); }
PlainStream::Awaitable<> PlainStream::write(Bytes data) { return net::write(state_, data); }
PlainStream::Awaitable<> PlainStream::close_write() { return net::close_write(state_); }
PlainStream::Awaitable<> PlainStream::shutdown() { return net::shutdown(state_); }

void PlainStream::close() noexcept {
  if (state_) state_->close();
}

void PlainStream::reset() noexcept {
  error_code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void PlainStream::stop_reading() noexcept { state_->waits.stop_reading(); }
void PlainStream::set_read_timeout(std::chrono::milliseconds patience) noexcept { state_->read_timeout = patience; }
void PlainStream::set_write_timeout(std::chrono::milliseconds patience) noexcept { state_->write_timeout = patience; }

PlainStream::Released PlainStream::release() {
  state_->input.reset();
  state_->waits.close();
  Released released{std::move(state_->socket), std::move(state_->received_before)};
  return released;
}

const asio::ip::tcp::endpoint& PlainStream::remote_endpoint() const noexcept { return state_->remote; }
std::uint64_t PlainStream::bytes_received() const noexcept { return state_->received; }
std::uint64_t PlainStream::bytes_sent() const noexcept { return state_->sent; }
void PlainStream::release_input() noexcept {
  state_->input.reset();
  state_->handed_out = Buffer();
}
bool PlainStream::quiet() noexcept { return state_->received_before.empty() && nothing_has_come(state_->socket); }

}  // namespace handfast::net
