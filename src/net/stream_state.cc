// The steps of a Stream that do not wait: reading, writing, asking.
#include "net/stream_state.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "record/record.h"

namespace handfast {

namespace net {

void Mailbox::deliver(std::uint64_t id, Answer answer) {
  const std::lock_guard lock(mutex_);
  if (!stream_) return;
  boost::asio::post(stream_->socket.get_executor(),
                    [mailbox = shared_from_this(), id, answer = std::move(answer)]() mutable {
                      Stream::State* stream = mailbox->stream_;
                      // Of a closed stream the trace may have gone already.
                      if (!stream || stream->asked != id || !stream->socket.is_open()) return;
                      // Where the answer ends the handshake, `Connection::error` says why.
                      (void)stream->connection.answer(id, std::move(answer));
                      stream->asked.reset();
                      stream->answered.cancel();
                      if (stream->connection.handshaking()) return;
                      // Whoever reads looks what has come of it, and what is needed next.
                      stream->waits.wake();
                    });
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  stream_ = nullptr;
}

}  // namespace net

namespace {

/// Where data flows: what comes of them goes on in one write.
constexpr std::size_t records_at_once = 4;
/// A record of so many bytes is taken for one of data.
constexpr std::size_t long_record = 4096;

struct Ask {
  Stream::State& stream;
  std::uint64_t id;

  template <typename T>
  auto handler() const {
    return [mailbox = stream.mailbox, id = id](T answer) { mailbox->deliver(id, std::move(answer)); };
  }

  void operator()(const SignRequest& request) const {
    request.key->sign(request.scheme, request.message, [deliver = handler<SignAnswer>()](Result<Buffer> signature) {
      deliver(SignAnswer{std::move(signature)});
    });
  }
  void operator()(const DecryptRequest& request) const {
    try {
      request.key->decrypt(request.ciphertext, [deliver = handler<DecryptAnswer>()](std::optional<Buffer> block) {
        deliver(DecryptAnswer{std::move(block)});
      });
    } catch (...) {
      handler<DecryptAnswer>()(DecryptAnswer{});  // the peer must not see that this ciphertext was another than others
    }
  }
  void operator()(const CredentialRequest& request) const {
    stream.chooser->choose(request, handler<CredentialAnswer>());
  }
  void operator()(const VerifyRequest& request) const { stream.verifier->verify(request, handler<VerifyAnswer>()); }
  void operator()(const SessionRequest& request) const {
    try {
      request.store->find(request.id, request.use,
                          [deliver = handler<SessionAnswer>()](std::optional<Buffer> session) noexcept {
                            try {
                              deliver(SessionAnswer{std::move(session)});
                            } catch (...) {
                              return;  // no memory for it: it is as if the store had not answered
                            }
                          });
    } catch (...) {
      stream.go_on_without_session();
    }
  }
};

}  // namespace

Stream::State::State(Socket connected, Connection made, const StreamOptions& chosen)
    : socket(std::move(connected)),
      connection(std::move(made)),
      options(chosen),
      mailbox(std::make_shared<net::Mailbox>(*this)),
      answered(socket.get_executor()) {
  options.early_data = Buffer();
  received_before = std::exchange(options.received, Buffer());
  // A socket that is broken already fails in the first read or write, not here.
  boost::system::error_code ignored;
  remote = socket.remote_endpoint(ignored);
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

Stream::State::~State() { mailbox->close(); }

bool Stream::State::consume() {
  if (begin == end) return false;
  // What goes wrong behind the end of a handshake does not fail that.
  const bool gathers = !connection.handshaking();
  const std::size_t before = begin;
  bool more = true;
  while (more) {
    Result<Received> taken = connection.receive({input.get() + begin, end - begin});
    if (!taken) return true;
    begin += taken->consumed;
    append_data(taken->data);
    early = taken->early ? data.size() : 0;
    more = gathers && !data.empty() && !taken->early && more_data_follows();
  }
  return begin > before;
}

/// Most likely: a long record may hold anything in TLS 1.3, if padded. A close_notify behind data is to be seen by
/// those who have read that, since in TLS 1.2 it ends what they could still say.
bool Stream::State::more_data_follows() const noexcept {
  const Bytes rest(input.get() + begin, end - begin);
  if (rest.size() < record::header_size) return false;
  const record::Header header = record::parse_header(rest);
  return header.type == ContentType::application_data && header.length >= long_record &&
         rest.size() >= record::header_size + header.length;
}

/// Over header and tag of the records that it came in, which are done with.
void Stream::State::append_data(Bytes more) {
  if (more.empty()) return;
  if (data.empty()) {
    data = more;
    return;
  }
  std::uint8_t* place = input.get() + (data.data() + data.size() - input.get());
  std::memmove(place, more.data(), more.size());
  data = {data.data(), data.size() + more.size()};
}

boost::system::error_code Stream::State::fill() {
  if (!socket.is_open()) return boost::asio::error::operation_aborted;
  move_input(Connection::max_record_size * (flowing ? records_at_once : 1));
  boost::system::error_code error;
  const std::size_t count = read_some({input.get() + end, capacity - end}, error);
  end += count;
  received += count;
  if (count > 0) flowing = end >= Connection::max_record_size;
  if (end == 0)
    input.reset();
  else if (count == 0)
    move_input(Connection::max_record_size);  // a part of one record may wait for the rest of it for long
  if (error == boost::asio::error::eof && !connection.peer_closed()) return {};
  return error;
}

void Stream::State::move_input(std::size_t size) {
  const std::size_t rest = end - begin;
  if (!input || (capacity != size && rest < size)) {
    auto other = std::make_unique_for_overwrite<std::uint8_t[]>(size);
    if (rest > 0) std::memcpy(other.get(), input.get() + begin, rest);
    input = std::move(other);
    capacity = size;
  } else if (begin > 0) {
    std::memmove(input.get(), input.get() + begin, rest);
  }
  begin = 0;
  end = rest;
}

std::size_t Stream::State::read_some(MutableBytes room, boost::system::error_code& error) {
  if (received_before.empty()) return socket.read_some(boost::asio::buffer(room.data(), room.size()), error);
  const auto count = static_cast<std::ptrdiff_t>(std::min(room.size(), received_before.size()));
  std::copy_n(received_before.begin(), count, room.begin());
  received_before.erase(received_before.begin(), received_before.begin() + count);
  if (received_before.empty()) received_before = Buffer();
  return static_cast<std::size_t>(count);
}

boost::system::error_code Stream::State::push() {
  boost::system::error_code error;
  if (!socket.is_open() && !connection.output().empty()) return boost::asio::error::operation_aborted;
  while (!error && !connection.output().empty()) {
    const Bytes output = connection.output();
    const std::size_t count = socket.write_some(boost::asio::buffer(output.data(), output.size()), error);
    connection.drained(count);
    sent += count;
  }
  return error;
}

boost::system::error_code Stream::State::drop_input(std::size_t& dropped) {
  std::uint8_t scratch[4096];
  boost::system::error_code error;
  dropped += socket.read_some(boost::asio::buffer(scratch), error);
  return error;
}

void Stream::State::ask(const Need& need) {
  asked = need.id;
  std::visit(Ask{*this, need.id}, need.request);
}

void Stream::State::go_on_without_session() {
  // What fails then `Connection::error` tells.
  (void)connection.answer(connection.need()->id, SessionAnswer{});
  asked.reset();
}

void Stream::State::ask_beside() {
  const Need* need = connection.need();
  if (need && asked != need->id) ask(*need);
}

Bytes Stream::State::take_data(std::size_t most) {
  read_early = early > 0;
  const Bytes piece = data.first(std::min(most, read_early ? early : data.size()));
  data = data.subspan(piece.size());
  if (read_early) early -= piece.size();
  return piece;
}

void Stream::State::drop_data() {
  data = Bytes();
  early = 0;
  kept.clear();
  kept_early = 0;
}

void Stream::State::keep_data() {
  // Behind other data none comes early.
  kept.insert(kept.end(), data.begin(), data.end());
  kept_early += std::exchange(early, 0);
  data = Bytes();
}

void Stream::State::restore_data() {
  if (kept.empty()) return;
  keep_data();  // what has come behind it
  restored = std::exchange(kept, {});
  data = restored;
  early = std::exchange(kept_early, 0);
}

void Stream::State::leave() noexcept {
  const bool at_rest =
      socket.is_open() && !failure && !connection.error() && !connection.handshaking() && connection.output().empty();
  try {
    if (at_rest) {
      connection.close();
      push();
    }
  } catch (...) {
    // No memory for an alert: the peer sees an end without one.
  }
  close();
}

void Stream::State::close() noexcept {
  boost::system::error_code ignored;
  socket.close(ignored);
  waits.close();
  answered.cancel();
}

}  // namespace handfast
