// What a handshake took, and what a resumption saved against a full one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "doctor/recording.h"

namespace handfast::doctor {

/// Of one handshake, until it was complete for the side that recorded it. Bytes are those of the handshake messages,
/// with their headers and without their records: they do not depend on how the network cuts them.
struct HandshakeCost {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t messages = 0;
  std::uint64_t round_trips = 0;
  std::uint64_t chains = 0;              ///< certificate chains that passed, in both directions
  std::uint64_t certificate_bytes = 0;   ///< of the messages that they passed in
  std::uint64_t signatures_made = 0;     ///< on this side
  std::uint64_t signatures_checked = 0;  ///< on this side: the peer's, and those on the path of its chain
  std::uint64_t microseconds = 0;        ///< from the first event

  std::uint64_t bytes() const noexcept { return bytes_sent + bytes_received; }
  std::uint64_t signatures() const noexcept { return signatures_made + signatures_checked; }
  friend bool operator==(const HandshakeCost&, const HandshakeCost&) = default;
};

HandshakeCost cost_of(const Recording& recording);

/// Its numbers by their names in JSON.
struct CostMember {
  std::string_view name;
  std::uint64_t* number;
};
std::array<CostMember, 9> members(HandshakeCost& cost) noexcept;

/// By how much `resumed` was less than `full`: "1,234 of 2,345 bytes, 3 of 8 messages, 1 certificate chain, 2
/// signatures, 4.1 of 6.0 ms". What was not less is left out; empty: nothing was.
std::string savings(const HandshakeCost& resumed, const HandshakeCost& full);

}  // namespace handfast::doctor
