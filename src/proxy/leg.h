// One side of a connection that goes through the proxy: TCP as it is, or TLS over it.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/net_error.h>
#include <handfast/stream.h>

#include "net/plain_stream.h"

namespace handfast::proxy {

template <typename T = void>
using Awaitable = boost::asio::awaitable<T>;

/// The operations of both, with the same meaning; what is read and written is what the application sees.
class Leg {
 public:
  explicit Leg(net::PlainStream stream) noexcept : stream_(std::move(stream)) {}
  /// After its handshake.
  explicit Leg(Stream stream) noexcept : stream_(std::move(stream)) {}

  /// Valid until the next read, at most 64 KB; empty: the peer has ended its half in good order.
  Awaitable<NetResult<Bytes>> read();
  /// All of `data`, which stays valid until then.
  Awaitable<NetResult<>> write(Bytes data);
  /// Ends our half: close_notify, or a FIN. Counts as a write.
  Awaitable<NetResult<>> close_write();
  /// Ends it in good order, within about a second.
  Awaitable<NetResult<>> shutdown();
  /// In good order, without waiting: Stream::leave, or a FIN.
  void leave() noexcept;
  /// At once, and so that the peer sees that something is missing: without close_notify, or by a reset.
  void break_off() noexcept;
  /// The read that is under way, if one is, ends with operation_aborted unless something has come.
  void stop_reading() noexcept;
  /// Of each read, and of each wait for the peer to take something; 0: for ever.
  void set_read_timeout(std::chrono::milliseconds patience) noexcept;
  void set_write_timeout(std::chrono::milliseconds patience) noexcept;

  /// Gives the TCP connection away, with what was read of it and not handed out; only where it is TCP alone.
  net::PlainStream take_plain() && { return std::get<net::PlainStream>(std::move(stream_)); }
  /// Null where it is TCP alone.
  const Stream* tls() const noexcept { return std::get_if<Stream>(&stream_); }
  const boost::asio::ip::tcp::endpoint& remote_endpoint() const noexcept;
  /// Bytes of TCP, so far.
  std::uint64_t bytes_received() const noexcept;
  std::uint64_t bytes_sent() const noexcept;
  /// Forgets what was read last: a connection that is to rest holds no buffer.
  void release_input() noexcept;
  /// Whether the peer has sent nothing that was not read, and no end.
  bool quiet() noexcept;

 private:
  std::variant<net::PlainStream, Stream> stream_;
};

/// A connection over which nothing is under way, and which holds no buffer. Whoever drops it leaves it in good order.
class RestingLeg {
 public:
  explicit RestingLeg(Leg leg) noexcept : leg_(std::move(leg)) { leg_.release_input(); }
  RestingLeg(RestingLeg&&) noexcept = default;
  RestingLeg& operator=(RestingLeg&& other) noexcept;
  ~RestingLeg() { leg_.leave(); }

  /// To be used again.
  Leg take() && noexcept { return std::move(leg_); }
  bool quiet() noexcept { return leg_.quiet(); }
  const Leg* operator->() const noexcept { return &leg_; }

 private:
  Leg leg_;
};

}  // namespace handfast::proxy
