// Where the engine's time comes from.
#pragma once

#include <cstdint>

namespace handfast {

/// A source of time, named by the config, so that tests choose it. Used from every thread that drives a connection.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970-01-01T00:00:00Z: certificates are checked against it.
  virtual std::int64_t now() = 0;
  /// Milliseconds since then: the age of tickets is told in them (RFC 8446, section 4.2.11.1).
  virtual std::int64_t now_milliseconds() { return now() * 1000; }
  /// Nanoseconds since any fixed moment, never going back: only differences are of meaning (Trace).
  virtual std::uint64_t monotonic() = 0;
};

/// The machine's clocks.
Clock& system_clock() noexcept;

}  // namespace handfast
