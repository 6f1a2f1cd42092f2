#include "proxy/body_mover.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <boost/asio/error.hpp>

#include "http/write.h"

namespace handfast::proxy {
namespace {

using Clock = std::chrono::steady_clock;

/// Small pieces are put together up to here, about what goes into one record of TLS; larger ones are written as they
/// are, from where they were read to.
constexpr std::size_t gathered = 16'000;

/// Puts content into the buffer, framed. What is not in it then is given back, to be written behind it.
Bytes gather(Outgoing& out, Bytes content) {
  Buffer changed;
  if (out.filter) {
    out.filter->pass(content, changed);
    content = changed;
  }
  const bool fits = out.buffer.size() + content.size() <= gathered;
  if (out.chunked) {
    http::append_chunk(out.buffer, content);
  } else if (fits || out.filter || out.to == nullptr) {
    out.buffer.insert(out.buffer.end(), content.begin(), content.end());
  } else {
    return content;
  }
  return {};
}

void gather_end(Outgoing& out) {
  if (out.filter) {
    Buffer rest;
    out.filter->end(rest);
    if (out.chunked)
      http::append_chunk(out.buffer, rest);
    else
      out.buffer.insert(out.buffer.end(), rest.begin(), rest.end());
  }
  if (out.chunked) out.buffer.insert(out.buffer.end(), http::last_chunk.begin(), http::last_chunk.end());
}

Awaitable<NetResult<>> write_measured(Outgoing& out, Bytes data) {
  const Clock::time_point began = Clock::now();
  NetResult<> written = co_await out.to->write(data);
  if (written && !out.meter.moved(data.size(), Clock::now() - began))
    written = std::unexpected(NetError(Stage::write, boost::asio::error::timed_out));
  co_return written;
}

/// What has been read, until nothing is left of it or the message is over.
template <typename Parser>
Awaitable<Moved> move_rest(Parser& parser, Incoming& in, Outgoing& out) {
  Moved moved;
  while (!parser.done() && !in.rest.empty()) {
    // What is put together is bounded, what is written from where it was read to is already.
    const std::size_t most = out.chunked || out.filter ? gathered : in.rest.size();
    http::Parsed<http::BodyReader::Step> step = parser.take(in.rest.first(std::min(in.rest.size(), most)));
    if (!step) {
      moved.refused = step.error();
      co_return moved;
    }
    in.rest = in.rest.subspan(step->taken);
    if (step->content.empty()) continue;
    if (in.observer) {
      if constexpr (std::is_same_v<Parser, http::RequestParser>)
        in.observer->request_content(step->content);
      else
        in.observer->response_content(step->content);
    }
    const Bytes direct = gather(out, step->content);
    NetResult<> written;
    if (!direct.empty() || out.buffer.size() >= gathered) written = co_await flush(out);
    if (written && !direct.empty()) written = co_await write_measured(out, direct);
    if (!written) {
      moved.write_error = std::move(written).error();
      co_return moved;
    }
  }
  if (parser.done()) gather_end(out);
  if (!out.buffer.empty()) {
    NetResult<> written = co_await flush(out);
    if (!written) moved.write_error = std::move(written).error();
  }
  moved.complete = parser.done() && !moved.write_error;
  co_return moved;
}

template <typename Parser>
Awaitable<Moved> move_body(Parser& parser, Incoming& in, Outgoing& out) {
  for (;;) {
    Moved moved = co_await move_rest(parser, in, out);
    if (moved.complete || moved.refused || moved.write_error) co_return moved;
    in.from.set_read_timeout(in.idle_timeout);
    const Clock::time_point began = Clock::now();
    NetResult<Bytes> bytes = co_await in.from.read();
    if (!bytes) {
      moved.read_error = std::move(bytes).error();
      co_return moved;
    }
    in.rest = *bytes;
    if (bytes->empty()) {
      const http::Parsed<> end = parser.end();
      if (!end) {
        moved.refused = end.error();
        co_return moved;
      }
    } else if (!in.meter.moved(bytes->size(), Clock::now() - began)) {
      moved.read_error = NetError(Stage::read, boost::asio::error::timed_out);
      co_return moved;
    }
  }
}

}  // namespace

bool RateMeter::moved(std::size_t bytes, std::chrono::nanoseconds waited) noexcept {
  bytes_ += bytes;
  waited_ += waited;
  if (rate_ == 0 || waited_ < grace_) return true;
  const std::chrono::duration<double> seconds = std::exchange(waited_, std::chrono::nanoseconds(0));
  return static_cast<double>(std::exchange(bytes_, 0)) >= static_cast<double>(rate_) * seconds.count();
}

Awaitable<NetResult<>> flush(Outgoing& out) {
  NetResult<> written;
  if (out.to == nullptr) co_return written;
  if (!out.buffer.empty()) written = co_await write_measured(out, out.buffer);
  out.buffer.clear();
  co_return written;
}

Awaitable<Moved> move_request_body(http::RequestParser& parser, Incoming& in, Outgoing& out) {
  return move_body(parser, in, out);
}
Awaitable<Moved> move_response_body(http::ResponseParser& parser, Incoming& in, Outgoing& out) {
  return move_body(parser, in, out);
}

}  // namespace handfast::proxy
