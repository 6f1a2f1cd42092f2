#include "peer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "error_strings.h"
#include "failure.h"

namespace handfast::bogo {
namespace {

constexpr const char* closed_in_handshake = "the runner closed the connection in the handshake";

}  // namespace

Peer::Peer(const Flags& flags, const Flags& retry, const Settings& settings, Socket& socket, Connection connection)
    : flags_(flags),
      retry_(retry),
      settings_(settings),
      socket_(socket),
      connection_(std::move(connection)),
      offered_early_data_(connection_.info().early_data == EarlyData::offered) {}

bool Peer::in_early_data() const noexcept {
  const EarlyData early_data = connection_.info().early_data;
  if (connection_.side() == Side::client) return early_data == EarlyData::offered;
  return early_data == EarlyData::accepted && connection_.handshaking() && connection_.can_send();
}

bool Peer::early_data_rejected() const noexcept {
  const EarlyData early_data = connection_.info().early_data;
  return offered_early_data_ && early_data != EarlyData::offered && early_data != EarlyData::accepted;
}

void Peer::handshake() {
  flush();
  while (connection_.handshaking() && !(flags_.false_start && connection_.can_send()) && !in_early_data()) step();
}

void Peer::finish_handshake() {
  while (connection_.handshaking()) step();
}

void Peer::receive_message(const Recorder& trace, HandshakeType type) {
  while (connection_.handshaking() && trace.last_received() != type) step();
  if (!connection_.handshaking()) throw Failure("Handshake unexpectedly succeeded.");
}

std::optional<Bytes> Peer::read() {
  while (data_.empty() && !ended_) {
    if (connection_.received_close())
      ended_ = true;
    else
      step();
  }
  if (!data_.empty()) return std::exchange(data_, {});
  if (connection_.handshaking()) throw Failure(closed_in_handshake);
  return std::nullopt;
}

void Peer::write(Bytes data) {
  flush();
  if (const std::size_t early = std::min(connection_.early_data_left(), data.size()); early > 0) {
    check(connection_.send_early_data(data.first(early)));
    flush();
    data = data.subspan(early);
    if (data.empty()) return;
  }
  while (!connection_.can_send() && connection_.handshaking()) step();
  check(connection_.send(data));
  flush();
}

void Peer::step() {
  if (ended_) throw Failure(closed_in_handshake);
  if (connection_.need()) {
    answer();
    flush();
    return;
  }
  const bool was_handshaking = connection_.handshaking();
  Result<Received> received = connection_.receive(std::span(input_).subspan(used_));
  if (!received) fail(received.error());
  used_ += received->consumed;
  data_ = received->data;
  // Later a write will do: what reading brings up then is the answer to a KeyUpdate (RFC 8446, section 4.6.3).
  if (was_handshaking) flush();
  if (received->consumed == 0 && !connection_.need()) fill();
}

void Peer::answer() {
  const Need& need = *connection_.need();
  if (flags_.async && std::exchange(late_for_, need.id) != need.id) {
    // Input that comes meanwhile has to wait.
    Result<Received> received = connection_.receive(std::span(input_).subspan(used_));
    if (!received) fail(received.error());
    if (received->consumed != 0) throw Failure("the connection went on without its answer");
    return;
  }
  if (early_data_rejected()) settings_.verifier->follow(retry_);
  check(connection_.answer(need.id, ask_outside(need, *settings_.chooser, *settings_.verifier)));
}

void Peer::fill() {
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ = 0;
  const std::size_t had = input_.size();
  input_.resize(had + (flags_.async ? 1 : Connection::max_record_size));
  const std::size_t count = socket_.read(std::span(input_).subspan(had));
  input_.resize(had + count);
  if (count > 0) return;

  ended_ = true;
  // Whatever came before: the runner takes our close_notify, where it waits for one.
  if (flags_.check_close_notify) {
    connection_.close();
    flush();
  }
  if (Result<void> closed = connection_.peer_closed(); !closed) {
    if (closed.error().reason() != Reason::truncated) fail(closed.error());
    truncated_ = true;
  }
}

void Peer::flush() {
  if (holding_back_) return;
  while (!connection_.output().empty()) {
    const Bytes output = connection_.output();
    const std::size_t count = flags_.async ? 1 : output.size();
    socket_.write(output.first(count));
    connection_.drained(count);
  }
}

void Peer::begin_write(Bytes data) {
  holding_back_ = true;
  check(in_early_data() ? connection_.send_early_data(data) : connection_.send(data));
  socket_.write(connection_.output().first(1));
  connection_.drained(1);
}

void Peer::finish_write() {
  if (std::exchange(holding_back_, false)) flush();
}

void Peer::check(const Result<void>& result) {
  if (!result) fail(result.error());
}

void Peer::fail(const Error& error) {
  holding_back_ = false;
  flush();
  std::string text = std::string(name(error.reason())) + ": " + error.message() + " [" + name(error.alert()) + "]";
  throw Failure(text + " " + boringssl_strings(error, &connection_));
}

}  // namespace handfast::bogo
