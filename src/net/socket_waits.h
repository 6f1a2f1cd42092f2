// Waiting for a socket that never blocks.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace handfast::net {

using TimePoint = std::chrono::steady_clock::time_point;

/// 0: never.
TimePoint deadline_in(std::chrono::milliseconds patience);

/// Nothing waits in the socket, no end and no error either. It is one that does not block.
bool nothing_has_come(boost::asio::ip::tcp::socket& socket) noexcept;

/// The waits on one socket, at most one for input and one for room, on its executor. A deadline that never comes costs
/// next to nothing: there is one timer, and it is set anew only where a deadline is earlier than what it is set to.
class SocketWaits {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  /// `socket` must outlive it.
  explicit SocketWaits(Socket& socket);

  /// Both waits end, without an error: whoever waits looks again what has come of it.
  void wake() noexcept;
  /// What is said of its time-outs is said no more: to be called when the socket is closed.
  void close() noexcept;

  /// While a read is under way, whoever has it; `stop_reading` ends that read alone, and no later one.
  class Reading {
   public:
    explicit Reading(SocketWaits& waits) noexcept : waits_(waits) { waits_.reading_ = true; }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { waits_.reading_ = waits_.stopped_ = false; }

   private:
    SocketWaits& waits_;
  };
  /// The read that is under way ends with operation_aborted, unless something has come.
  void stop_reading() noexcept;

 private:
  friend boost::asio::awaitable<boost::system::error_code> ready(std::shared_ptr<SocketWaits> waits,
                                                                 Socket::wait_type what, TimePoint deadline);
  /// Sets the timer unless it ends early enough.
  static void expect(const std::shared_ptr<SocketWaits>& waits, TimePoint deadline);
  static void at_the_time(const std::shared_ptr<SocketWaits>& waits);
  TimePoint& deadline_of(Socket::wait_type what) noexcept { return deadlines_[what == Socket::wait_write]; }

  Socket& socket_;
  boost::asio::steady_timer timer_;
  TimePoint due_ = TimePoint::max();                                        ///< when the timer ends
  std::array<TimePoint, 2> deadlines_{TimePoint::max(), TimePoint::max()};  ///< of the waits that there are
  std::uint64_t wakes_ = 0;
  bool reading_ = false;
  bool stopped_ = false;
};

/// Until the socket is ready. `timed_out` past the deadline; `operation_aborted` where it was closed, the coroutine
/// cancelled, or the read stopped.
boost::asio::awaitable<boost::system::error_code> ready(std::shared_ptr<SocketWaits> waits,
                                                        SocketWaits::Socket::wait_type what, TimePoint deadline);

}  // namespace handfast::net
