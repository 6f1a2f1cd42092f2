// Events as the engine would emit them, on a clock of their own: what ladders are drawn from in these tests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <handfast/trace.h>

#include "doctor/recording.h"

namespace handfast::test {

/// Writes a recording, a step after the other, each 250 microseconds after the one before.
class Script {
 public:
  explicit Script(Side side) noexcept : side_(side) {}

  template <typename Event>
  Script& add(Event event) {
    recording_.on({at_, side_, std::move(event)});
    at_ += 250'000;
    return *this;
  }
  Script& message(Direction direction, Level level, const Buffer& bytes, bool hello_retry_request = false) {
    return add(MessageEvent{direction, HandshakeType{bytes.at(0)}, hello_retry_request, level, bytes});
  }
  const doctor::Recording& recording() const noexcept { return recording_; }

 private:
  Side side_;
  std::uint64_t at_ = 1'000'000'000;
  doctor::Recording recording_;
};

/// A whole handshake of a client: HelloRetryRequest, client authentication, an alert at the end.
Script whole_handshake();
/// A whole handshake of a client of TLS 1.2: with everything that may be there, a client's certificate but for its
/// content included, or with the least there is, extended master secret and secure renegotiation not included.
enum class Extras { all, none };
Script whole_handshake_tls12(Extras extras);
/// The secrets of TLS 1.2 between two messages, as the engine tells them.
Script derived_secrets(doctor::Secrets secrets);
/// A certificate for example.com from a CA, both with fixed dates; made anew with each run.
Buffer example_certificate();

}  // namespace handfast::test
