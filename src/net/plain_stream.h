// A TCP connection as it is, with the operations of a Stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <handfast/bytes.h>
#include <handfast/net_error.h>

namespace handfast::net {

/// As Stream: the operations are coroutines of the socket's executor, which must run one thing at a time; one read and
/// one write may be under way at once; reads and writes are tried before they are waited for, and an idle connection
/// holds no buffer. What is under way when the stream is closed or destroyed ends with operation_aborted; a read that
/// times out, or is cancelled, loses nothing.
class PlainStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  template <typename T = void>
  using Awaitable = boost::asio::awaitable<NetResult<T>>;

  /// Over a connected socket. `received`: what was read from it before.
  explicit PlainStream(Socket socket, Buffer received = {});
  PlainStream(PlainStream&&) noexcept;
  PlainStream& operator=(PlainStream&&) noexcept;
  ~PlainStream();

  /// Valid until the next read, at most 64 KB; empty: the peer has closed its half.
  Awaitable<Bytes> read();
  /// All of `data`, which stays valid until then.
  Awaitable<> write(Bytes data);
  /// Closes our half. Counts as a write.
  Awaitable<> close_write();
  /// Closes our half, drops what still comes until the peer's end or a second has passed, closes the socket.
  Awaitable<> shutdown();
  /// At once. What was sent may be lost where the peer is still sending.
  void close() noexcept;
  /// At once, and so that the peer sees that something is missing (RST).
  void reset() noexcept;
  /// The read that is under way, if one is, ends with operation_aborted unless something has come.
  void stop_reading() noexcept;
  /// Of each read, and of each wait for the peer to take something; 0: for ever. At first there are none.
  void set_read_timeout(std::chrono::milliseconds patience) noexcept;
  void set_write_timeout(std::chrono::milliseconds patience) noexcept;

  /// The socket itself and what was read from it and not handed out: the stream is closed then.
  struct Released {
    Socket socket;
    Buffer received;
  };
  Released release();

  const boost::asio::ip::tcp::endpoint& remote_endpoint() const noexcept;
  std::uint64_t bytes_received() const noexcept;
  std::uint64_t bytes_sent() const noexcept;
  /// Forgets what was read last: a connection that is to rest holds no buffer.
  void release_input() noexcept;
  /// Whether the peer has sent nothing that was not read, and no end.
  bool quiet() noexcept;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace handfast::net
