// SocketWaits: one timer for both waits.
#include "net/socket_waits.h"

#include <algorithm>
#include <new>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace handfast::net {

namespace asio = boost::asio;
using boost::system::error_code;

TimePoint deadline_in(std::chrono::milliseconds patience) {
  return patience.count() == 0 ? TimePoint::max() : std::chrono::steady_clock::now() + patience;
}

bool nothing_has_come(SocketWaits::Socket& socket) noexcept {
  error_code error;
  std::uint8_t byte = 0;
  socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
  return error == asio::error::would_block;
}

SocketWaits::SocketWaits(Socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

void SocketWaits::wake() noexcept {
  ++wakes_;
  error_code ignored;
  socket_.cancel(ignored);
}

void SocketWaits::close() noexcept {
  due_ = TimePoint::max();
  timer_.cancel();
}

void SocketWaits::stop_reading() noexcept {
  if (!reading_) return;
  stopped_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void SocketWaits::expect(const std::shared_ptr<SocketWaits>& waits, TimePoint deadline) {
  if (deadline >= waits->due_) return;
  waits->due_ = TimePoint::max();  // nothing is waited for, should there be no memory to wait with
  waits->timer_.expires_at(deadline);
  // It may have ended, and this be on its way, when the socket's owner goes.
  waits->timer_.async_wait([owner = std::weak_ptr<SocketWaits>(waits)](error_code cancelled) {
    const std::shared_ptr<SocketWaits> there = owner.lock();
    if (!cancelled && there) at_the_time(there);
  });
  waits->due_ = deadline;
}

void SocketWaits::at_the_time(const std::shared_ptr<SocketWaits>& waits) {
  waits->due_ = TimePoint::max();
  const TimePoint earliest = std::ranges::min(waits->deadlines_);
  error_code ignored;
  if (earliest <= std::chrono::steady_clock::now()) {
    waits->socket_.cancel(ignored);
    return;
  }
  try {
    expect(waits, earliest);
  } catch (const std::bad_alloc&) {
    // Whoever waits asks for it again, and hears it.
    waits->socket_.cancel(ignored);
  }
}

asio::awaitable<error_code> ready(std::shared_ptr<SocketWaits> waits, SocketWaits::Socket::wait_type what,
                                  TimePoint deadline) {
  const std::uint64_t wakes = waits->wakes_;
  for (;;) {
    if (!waits->socket_.is_open()) co_return asio::error::operation_aborted;
    if (waits->stopped_ && what == SocketWaits::Socket::wait_read) co_return asio::error::operation_aborted;
    if (std::chrono::steady_clock::now() >= deadline) co_return asio::error::timed_out;
    waits->deadline_of(what) = deadline;
    SocketWaits::expect(waits, deadline);
    error_code error;
    co_await waits->socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    waits->deadline_of(what) = TimePoint::max();
    if (error != asio::error::operation_aborted) co_return error;
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return error;
    if (waits->wakes_ != wakes) co_return error_code();
    // Else every wait there is was cancelled for the sake of one: ours goes on unless it was that one.
  }
}

}  // namespace handfast::net
