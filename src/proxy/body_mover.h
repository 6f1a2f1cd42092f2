// The body of one message, from the connection that it comes from to the one that it goes to.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <handfast/net_error.h>

#include "http/parser.h"
#include "proxy/exchange.h"
#include "proxy/leg.h"

namespace handfast::proxy {

/// How fast a peer is while we wait for it.
class RateMeter {
 public:
  /// `rate`: bytes a second at least, each time that we have waited for `grace`; 0: any. Whoever was fast before is
  /// lent nothing for that.
  RateMeter(std::uint64_t rate, std::chrono::milliseconds grace) noexcept : rate_(rate), grace_(grace) {}
  /// `bytes` have passed, for which we have waited so long; false: it is too slow.
  bool moved(std::size_t bytes, std::chrono::nanoseconds waited) noexcept;

 private:
  std::uint64_t rate_;
  std::chrono::nanoseconds grace_;
  // Since it was last looked at.
  std::chrono::nanoseconds waited_{0};
  std::uint64_t bytes_ = 0;
};

/// One message on its way out: what is to be written first (its head) is in `buffer`.
struct Outgoing {
  Outgoing(Leg* leg, RateMeter meter) noexcept : to(leg), meter(meter) {}
  Leg* to;  ///< null: all of it stays in `buffer`
  RateMeter meter;
  Buffer buffer{};
  bool chunked = false;
  std::unique_ptr<BodyFilter> filter{};
};

/// Where the bytes come from.
struct Incoming {
  Leg& from;
  RateMeter meter;
  Bytes rest{};  ///< what was read and not taken yet: a view into the Leg's input
  std::chrono::milliseconds idle_timeout{0};
  Hop* observer = nullptr;
};

/// How it ended. A peer that is slower than its meter allows has timed out.
struct Moved {
  std::optional<http::Refusal> refused;  ///< what came is no body
  std::optional<NetError> read_error;
  std::optional<NetError> write_error;
  bool complete = false;  ///< to the end of the message, which has gone out
};

/// Both take the rest of a message whose head was read: to the end of its body and no further. All arguments outlive
/// them.
Awaitable<Moved> move_request_body(http::RequestParser& parser, Incoming& in, Outgoing& out);
Awaitable<Moved> move_response_body(http::ResponseParser& parser, Incoming& in, Outgoing& out);

/// Writes what is in the buffer, if it is to go anywhere.
Awaitable<NetResult<>> flush(Outgoing& out);

}  // namespace handfast::proxy
