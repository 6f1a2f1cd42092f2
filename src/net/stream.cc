// Stream: the operations of a TLS connection as coroutines.
//
// The socket never blocks, and reads and writes are tried before they are waited for: so the output of the connection
// goes out of its own buffer, and input is buffered only when there is some.
//
// Each coroutine holds the state by itself: the Stream may be destroyed while one waits.
#include <handfast/stream.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/connect.h"
#include "net/idna.h"
#include "net/stream_state.h"

namespace handfast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using net::TimePoint;
using Socket = Stream::Socket;
using Shared = std::shared_ptr<Stream::State>;

/// What is handed to the connection in one piece: some records, so that its output stays small.
constexpr std::size_t write_chunk = 65536;
/// And what `read` gives in one.
constexpr std::size_t read_chunk = 65536;
/// What a client may send before it answers a request for its certificate.
constexpr std::size_t most_kept = std::size_t{128} * 1024;
/// So many reads without waiting, then the others on this executor have their turn.
constexpr int reads_in_a_row = 16;
/// What a peer may still send that is being told of a failure.
constexpr std::size_t linger_bytes = std::size_t{256} * 1024;

/// Until the socket is ready.
asio::awaitable<error_code> ready(const Shared& state, Socket::wait_type what, TimePoint deadline) {
  return net::ready({state, &state->waits}, what, deadline);
}

/// Sends what there is to be sent until then, or, without a deadline, for as long as the peer takes some of it each
/// time that is waited for.
asio::awaitable<error_code> flush(Shared state, std::optional<TimePoint> deadline = std::nullopt) {
  for (;;) {
    error_code error = state->push();
    if (error != asio::error::would_block) co_return error;
    const TimePoint until = deadline.value_or(net::deadline_in(state->options.write_timeout));
    error = co_await ready(state, Socket::wait_write, until);
    if (error) co_return error;
  }
}

asio::awaitable<void> flush_in_background(Shared state) {
  co_await flush(state);
  state->pushing = false;
}

/// What receiving has made to be sent (a KeyUpdate, say) goes out beside it: the peer may be writing as well, and waits
/// for us to read.
void push_beside(const Shared& state) {
  if (state->connection.output().empty() || state->pushing) return;
  if (state->push() != asio::error::would_block) return;
  state->pushing = true;
  asio::co_spawn(state->socket.get_executor(), flush_in_background(state), asio::detached);
}

/// Asks what the connection needs and waits until it is answered; an answer that ends the handshake is no error here.
asio::awaitable<error_code> await_answer(Shared state, TimePoint deadline) {
  state->ask(*state->connection.need());
  while (state->asked) {
    if (!state->socket.is_open()) co_return asio::error::operation_aborted;
    if (std::chrono::steady_clock::now() >= deadline) co_return asio::error::timed_out;
    error_code error;
    state->answered.expires_at(deadline);
    co_await state->answered.async_wait(asio::redirect_error(asio::use_awaitable, error));
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return error;
  }
  co_return error_code();
}

/// The transport has failed, or was closed because TLS had.
NetError end_of_transport(Stream::State& state, Stage stage, error_code error) {
  if (error == asio::error::operation_aborted && state.connection.error()) {
    return NetError(stage, *state.connection.error());
  }
  return NetError(stage, error);
}

/// Whether the peer may still be there, and not know why we go.
bool is_news(const Error& error) {
  return error.reason() != Reason::alert_received && error.reason() != Reason::truncated;
}

/// TLS has failed: the alert goes out. Closing at once would answer what the peer is still sending with a reset, which
/// makes it lose the alert: so what comes is read until its end.
asio::awaitable<NetError> end_of_tls(Shared state, Stage stage) {
  NetError failed(stage, *state->connection.error());
  if (state->ending) co_return failed;
  state->ending = true;
  const TimePoint deadline = net::deadline_in(state->options.linger_timeout);
  error_code error = co_await flush(state, deadline);
  if (!error && is_news(*failed.tls())) {
    state->socket.shutdown(Socket::shutdown_send, error);
    std::size_t dropped = 0;
    while (!error && dropped < linger_bytes) {
      error = state->drop_input(dropped);
      if (error == asio::error::would_block) error = co_await ready(state, Socket::wait_read, deadline);
    }
  }
  state->close();
  co_return failed;
}

/// A client that false-starts sends before the server's Finished (RFC 7918), and a server that has accepted early data
/// before the client's (RFC 8446, section 4.4.4): what is left of the handshake asks nothing and comes with the first
/// reads.
bool is_over(const Connection& connection) {
  if (!connection.handshaking()) return true;
  const bool may_begin = connection.side() == Side::client || connection.info().early_data == EarlyData::accepted;
  return may_begin && connection.can_send();
}

/// Has the connection's Need answered. `session_deadline`: until when the store of sessions is waited for.
asio::awaitable<error_code> answer_need(Shared state, std::optional<TimePoint>& session_deadline) {
  const TimePoint deadline = state->handshake_deadline;
  if (!std::holds_alternative<SessionRequest>(state->connection.need()->request)) {
    error_code error = co_await await_answer(state, deadline);
    co_return error;
  }
  // Nobody who offers many sessions makes us wait for each.
  if (!session_deadline) session_deadline = net::deadline_in(state->options.session_timeout);
  error_code error = asio::error::timed_out;
  if (std::chrono::steady_clock::now() < *session_deadline)
    error = co_await await_answer(state, std::min(*session_deadline, deadline));
  if (error != asio::error::timed_out || std::chrono::steady_clock::now() >= deadline) co_return error;
  state->go_on_without_session();
  co_return error_code();
}

asio::awaitable<NetResult<>> handshake(Shared state) {
  const TimePoint deadline = state->handshake_deadline = net::deadline_in(state->options.handshake_timeout);
  std::optional<TimePoint> session_deadline;
  error_code write_error;
  for (;;) {
    // A peer that refuses us may have closed while we were writing: its alert is still to be read.
    if (!write_error) write_error = co_await flush(state, deadline);
    if (write_error == asio::error::timed_out || write_error == asio::error::operation_aborted) break;
    if (state->connection.error()) {
      NetError failed = co_await end_of_tls(state, Stage::handshake);
      const bool told_why = failed.tls()->reason() != Reason::truncated;
      if (write_error && !told_why) break;
      co_return std::unexpected(std::move(failed));
    }
    if (is_over(state->connection)) {
      state->begun = true;
      co_return NetResult<>();
    }

    error_code error;
    if (state->connection.need()) {
      error = co_await answer_need(state, session_deadline);
    } else if (!state->consume()) {
      error = state->fill();
      if (error == asio::error::would_block) error = co_await ready(state, Socket::wait_read, deadline);
    }
    if (error) {
      if (!write_error) write_error = error;
      break;
    }
  }
  NetError failed = end_of_transport(*state, Stage::handshake, write_error);
  state->failure = write_error;
  state->close();
  co_return std::unexpected(std::move(failed));
}

/// Lets others on this executor have their turn. `operation_aborted` where the stream was closed or destroyed
/// meanwhile.
asio::awaitable<error_code> give_way(Shared state) {
  co_await asio::post(state->socket.get_executor(), asio::use_awaitable);
  co_return state->socket.is_open() ? error_code() : error_code(asio::error::operation_aborted);
}

/// One step towards more input: the connection takes what is buffered, or more is waited for.
asio::awaitable<NetResult<>> take_in(Shared state, Stage stage, TimePoint deadline) {
  if (state->connection.error()) {
    NetError failed = co_await end_of_tls(state, stage);
    co_return std::unexpected(std::move(failed));
  }
  if (state->failure) co_return std::unexpected(NetError(stage, state->failure));
  error_code error;
  const bool consumed = state->consume();
  state->ask_beside();
  push_beside(state);
  if (!consumed) {
    error = state->fill();
    if (error == asio::error::would_block) error = co_await ready(state, Socket::wait_read, deadline);
    if (!error && ++state->reads % reads_in_a_row == 0) error = co_await give_way(state);
  }
  // A time-out, or a coroutine that was cancelled, ends this operation alone.
  const bool given_up = error == asio::error::timed_out || error == asio::error::operation_aborted;
  if (given_up && state->socket.is_open()) co_return std::unexpected(NetError(stage, error));
  if (error) {
    NetError failed = end_of_transport(*state, stage, error);
    state->failure = error;
    state->close();
    co_return std::unexpected(std::move(failed));
  }
  co_return NetResult<>();
}

/// Until there is application data, or the peer's close_notify.
asio::awaitable<NetResult<>> await_data(Shared state) {
  const TimePoint deadline = net::deadline_in(state->options.read_timeout);
  for (state->restore_data(); state->data.empty();) {
    if (!state->connection.error() && state->connection.received_close()) break;
    // What is left of the handshake is waited for no longer than the whole of it.
    const TimePoint patience =
        state->connection.handshaking() ? std::min(deadline, state->handshake_deadline) : deadline;
    NetResult<> taken = co_await take_in(state, Stage::read, patience);
    if (!taken) co_return taken;
  }
  co_return NetResult<>();
}

asio::awaitable<NetResult<Bytes>> read(Shared state) {
  const net::SocketWaits::Reading reading(state->waits);
  NetResult<> there = co_await await_data(state);
  if (!there) co_return std::unexpected(std::move(there).error());
  co_return state->take_data(read_chunk);
}

asio::awaitable<NetResult<std::size_t>> read_some(Shared state, MutableBytes buffer) {
  const net::SocketWaits::Reading reading(state->waits);
  NetResult<> there = co_await await_data(state);
  if (!there) co_return std::unexpected(std::move(there).error());
  const Bytes piece = state->take_data(buffer.size());
  std::ranges::copy(piece, buffer.begin());
  co_return piece.size();
}

/// Sends what the connection has been given, or tells why it did not take it.
asio::awaitable<NetResult<>> finish_write(Shared state, Stage stage, Result<void> taken) {
  if (state->connection.error()) {
    NetError failed = co_await end_of_tls(state, stage);
    co_return std::unexpected(std::move(failed));
  }
  if (!taken) co_return std::unexpected(NetError(stage, std::move(taken).error()));
  const error_code error = co_await flush(state);
  if (error) co_return std::unexpected(end_of_transport(*state, stage, error));
  co_return NetResult<>();
}

asio::awaitable<NetResult<>> write(Shared state, Bytes data) {
  do {
    const std::size_t count = std::min(data.size(), write_chunk);
    Result<void> taken = state->connection.send(data.first(count));
    NetResult<> written = co_await finish_write(state, Stage::write, std::move(taken));
    if (!written) co_return std::unexpected(std::move(written).error());
    data = data.subspan(count);
  } while (!data.empty());
  co_return NetResult<>();
}

/// Takes input in as long as `awaited` says so; data that comes is kept.
asio::awaitable<NetResult<>> take_in_while(Shared state, bool (*awaited)(const Stream::State&)) {
  const TimePoint deadline = net::deadline_in(state->options.handshake_timeout);
  while (awaited(*state) || state->connection.error()) {
    state->keep_data();
    if (state->kept.size() > most_kept)
      co_return std::unexpected(NetError(Stage::handshake, asio::error::no_buffer_space));
    NetResult<> step = co_await take_in(state, Stage::handshake, deadline);
    if (!step) co_return step;
  }
  co_return NetResult<>();
}

/// `handshake` was over before the end of the handshake.
bool is_unfinished(const Stream::State& state) { return state.begun && state.connection.handshaking(); }

bool awaits_certificate(const Stream::State& state) { return state.connection.awaiting_certificate(); }

asio::awaitable<NetResult<>> request_certificate(Shared state, ClientAuth demand) {
  if (is_unfinished(*state)) {
    NetResult<> finished = co_await take_in_while(state, is_unfinished);
    if (!finished) co_return finished;
  }
  Result<void> taken = state->connection.request_certificate(demand);
  NetResult<> asked = co_await finish_write(state, Stage::handshake, std::move(taken));
  if (!asked) co_return asked;
  NetResult<> answered = co_await take_in_while(state, awaits_certificate);
  co_return answered;
}

/// What is left of a handshake after a False Start, or behind early data: an end without the peer's Finished is none in
/// good order. Data that comes is dropped.
asio::awaitable<NetResult<>> finish_handshake(Shared state) {
  const TimePoint deadline = net::deadline_in(state->options.handshake_timeout);
  while (is_unfinished(*state)) {
    state->drop_data();
    NetResult<> step = co_await take_in(state, Stage::handshake, deadline);
    if (!step) co_return step;
  }
  co_return NetResult<>();
}

asio::awaitable<NetResult<>> shutdown(Shared state) {
  NetResult<> finished = co_await finish_handshake(state);
  state->drop_data();
  if (!finished) {
    state->close();
    co_return finished;
  }
  const TimePoint deadline = net::deadline_in(state->options.linger_timeout);
  state->connection.close();
  error_code error = co_await flush(state, deadline);
  if (error || state->connection.error()) {
    NetError failed = state->connection.error() ? NetError(Stage::shutdown, *state->connection.error())
                                                : NetError(Stage::shutdown, error);
    state->close();
    co_return std::unexpected(std::move(failed));
  }
  state->socket.shutdown(Socket::shutdown_send, error);
  // Whatever ends this, an end without close_notify included, we are done.
  while (!error && !state->connection.error() && !state->connection.received_close()) {
    state->drop_data();
    if (state->consume()) continue;
    error = state->fill();
    if (error == asio::error::would_block) error = co_await ready(state, Socket::wait_read, deadline);
    if (!error && ++state->reads % reads_in_a_row == 0) error = co_await give_way(state);
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  state->close();
  co_return NetResult<>();
}

asio::awaitable<NetResult<Stream>> connect(std::string host, std::uint16_t port,
                                           std::shared_ptr<const ClientConfig> config, StreamOptions options) {
  Result<std::string> name = net::to_a_labels(host);
  if (!name) co_return std::unexpected(NetError(Stage::handshake, std::move(name).error()));
  net::Connected connected = co_await net::connect_tcp(*name, port);
  if (!connected.socket) co_return std::unexpected(std::move(connected.socket).error());
  const ServerAddress server(*name, port);
  Result<Stream> stream = Stream::client(*std::move(connected.socket), std::move(config), server, options);
  if (!stream) co_return std::unexpected(NetError(Stage::handshake, std::move(stream).error()));
  NetResult<> done = co_await stream->handshake();
  if (!done) co_return std::unexpected(std::move(done).error());
  co_return *std::move(stream);
}

}  // namespace

Result<Stream> Stream::client(Socket socket, std::shared_ptr<const ClientConfig> config, ServerAddress server,
                              const StreamOptions& options) {
  const ClientOptions& chosen = config->options();
  Result<std::string> name = net::to_a_labels(server.name);
  if (!name) return fail(std::move(name).error());
  error_code unconnected;
  const std::uint16_t port = server.port != 0 ? server.port : socket.remote_endpoint(unconnected).port();
  Result<Connection> connection = Connection::client(config, {*name, port}, options.trace);
  if (!connection) return fail(std::move(connection).error());
  const Bytes early_data = options.early_data;
  const bool sends_early = !early_data.empty() && connection->early_data_left() >= early_data.size();
  // What fails here the handshake tells.
  if (sends_early) (void)connection->send_early_data(early_data);
  auto state = std::make_shared<State>(std::move(socket), *std::move(connection), options);
  state->chooser = chosen.credential_chooser;
  state->verifier = chosen.verifier;
  state->sent_early = sends_early;
  return Stream(std::move(state));
}

Stream Stream::server(Socket socket, std::shared_ptr<const ServerConfig> config, const StreamOptions& options) {
  const ServerOptions& chosen = config->options();
  auto state = std::make_shared<State>(std::move(socket), Connection::server(config, options.trace), options);
  state->chooser = chosen.credential_chooser;
  state->verifier = chosen.client_verifier;
  return Stream(std::move(state));
}

Stream::Awaitable<Stream> Stream::connect(std::string_view host, std::uint16_t port,
                                          std::shared_ptr<const ClientConfig> config, const StreamOptions& options) {
  return handfast::connect(std::string(host), port, std::move(config), options);
}

Stream::Stream(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
Stream::~Stream() { close(); }

void Stream::leave() noexcept {
  if (state_) state_->leave();
}
void Stream::close() noexcept {
  if (state_) state_->close();
}

Stream::Awaitable<> Stream::handshake() { return handfast::handshake(state_); }
Stream::Awaitable<std::size_t> Stream::read_some(MutableBytes buffer) { return handfast::read_some(state_, buffer); }
Stream::Awaitable<Bytes> Stream::read() { return handfast::read(state_); }
bool Stream::read_early_data() const noexcept { return state_->read_early; }
Stream::Awaitable<> Stream::write(Bytes data) { return handfast::write(state_, data); }
bool Stream::early_data_sent() const noexcept { return state_->sent_early; }
Stream::Awaitable<> Stream::resend_early_data() {
  return finish_write(state_, Stage::write, state_->connection.resend_early_data());
}
Stream::Awaitable<> Stream::update_keys(KeyUpdateRequest request) {
  return finish_write(state_, Stage::write, state_->connection.update_keys(request));
}
Stream::Awaitable<> Stream::request_certificate(ClientAuth demand) {
  return handfast::request_certificate(state_, demand);
}
Stream::Awaitable<> Stream::close_write() {
  state_->connection.close();
  return finish_write(state_, Stage::write, Result<void>());
}
Stream::Awaitable<> Stream::shutdown() { return handfast::shutdown(state_); }

void Stream::stop_reading() noexcept { state_->waits.stop_reading(); }
void Stream::set_read_timeout(std::chrono::milliseconds patience) noexcept { state_->options.read_timeout = patience; }
void Stream::set_write_timeout(std::chrono::milliseconds patience) noexcept {
  state_->options.write_timeout = patience;
}

const Connection& Stream::connection() const noexcept { return state_->connection; }
boost::asio::any_io_executor Stream::get_executor() const noexcept { return state_->answered.get_executor(); }
const boost::asio::ip::tcp::endpoint& Stream::remote_endpoint() const noexcept { return state_->remote; }
std::uint64_t Stream::bytes_received() const noexcept { return state_->received; }
std::uint64_t Stream::bytes_sent() const noexcept { return state_->sent; }
void Stream::release_input() noexcept {
  Stream::State& state = *state_;
  if (state.begin != state.end || !state.data.empty()) return;
  state.input.reset();
  state.begin = state.end = 0;
}
bool Stream::quiet() noexcept {
  const Stream::State& state = *state_;
  if (state.begin != state.end || !state.data.empty() || !state.kept.empty() || !state.received_before.empty())
    return false;
  const bool open = !state.failure && !state.connection.error() && !state.connection.received_close();
  return open && net::nothing_has_come(state_->socket);
}

}  // namespace handfast
