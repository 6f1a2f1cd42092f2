// One request on its way to an origin, and the response on its way back: both at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/parser.h"
#include "proxy/body_mover.h"
#include "proxy/exchange.h"
#include "proxy/forwarded_head.h"
#include "proxy/worker.h"

namespace handfast::proxy {

/// What it needs, and what it keeps while it is under way. It outlives `transfer`.
struct Transfer {
  Leg& client;
  Leg& origin;
  Hop& hop;
  Worker& worker;
  const Limits& limits;
  const http::MessageLimits& message_limits;
  http::RequestParser& request;  ///< its head was read
  const http::RequestHead& head;
  const ClientAsks& asks;
  Incoming& from_client;
  Outgoing& to_origin;  ///< with the head in it
  ExchangeRecord& record;
  bool may_repeat;  ///< where the origin's connection turns out to be dead

  /// The request's body on its way.
  struct Upload {
    /// Where its coroutine finds it, or nothing, where it has gone.
    struct Link {
      Upload* upload;
    };
    explicit Upload(Worker& in) : worker(in), ended(in.loop()) {}
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;
    ~Upload();

    Worker& worker;
    bool over = false;
    Moved moved{};                                     ///< once it is over
    std::chrono::steady_clock::time_point ended_at{};  ///< the same
    std::shared_ptr<Link> running;                     ///< its coroutine is there, and refers to the Transfer
    boost::asio::steady_timer ended;                   ///< cancelled when it is not any more
    boost::asio::cancellation_signal cancel{};
  };
  Upload upload;
  Incoming from_origin;
  bool answered = false;  ///< a byte of the response has come
};

struct Transferred {
  enum class Outcome : std::uint8_t {
    kept,      ///< the client may send its next request
    closing,   ///< its connection is to be ended in good order
    broken,    ///< it is to be broken off: the client has got a part
    unsent,    ///< nothing of a response went to the client: `status` is to be said
    repeat,    ///< the same, and the request may be sent once more, over a fresh connection
    upgraded,  ///< 101 has gone to the client; what follows are bytes
  };
  Outcome outcome = Outcome::broken;
  unsigned status = 0;
  /// How long the origin keeps its connection for another request; 0: it does not.
  std::chrono::milliseconds origin_patience{0};
  /// Whoever has asked may have authenticated the connection itself: it is nobody else's.
  bool authenticates_connection = false;
};

Awaitable<Transferred> transfer(Transfer& transfer);

/// What a client is told whose body did not come to its end. One that waits for something that it has not said hears
/// of it; 0: it has gone, and hears nothing.
unsigned status_of_broken(const Moved& body) noexcept;

}  // namespace handfast::proxy
