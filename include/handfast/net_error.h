// What goes wrong on a network: TLS, or the transport beneath it, told apart.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/system/error_code.hpp>

#include <handfast/error.h>

namespace handfast {

/// What was being done.
enum class Stage : std::uint8_t { resolve, connect, listen, accept, handshake, read, write, shutdown };

std::string_view name(Stage) noexcept;  ///< "handshake"

/// Why an operation on a network failed, and at which stage: either an Error of TLS (or of its configuration), or an
/// error code of the transport: connection refused, reset, `boost::asio::error::timed_out` where a time-out of ours has
/// passed, `operation_aborted` where the stream was closed or destroyed meanwhile.
///
/// A peer that ends the TCP connection without close_notify is an error of TLS, Reason::truncated.
class NetError {
 public:
  NetError(Stage stage, Error error) noexcept : why_(std::move(error)), stage_(stage) {}
  NetError(Stage stage, boost::system::error_code code) noexcept : why_(code), stage_(stage) {}

  Stage stage() const noexcept { return stage_; }
  /// The error of TLS, or nullptr where the transport failed.
  const Error* tls() const noexcept { return std::get_if<Error>(&why_); }
  /// The error of the transport; no error where TLS failed.
  boost::system::error_code transport() const noexcept;
  /// A time-out, ours or the operating system's.
  bool timed_out() const noexcept;
  /// One line for people: "handshake: Connection reset by peer".
  std::string message() const;

 private:
  std::variant<Error, boost::system::error_code> why_;
  Stage stage_;
};

template <typename T = void>
using NetResult = std::expected<T, NetError>;

}  // namespace handfast
