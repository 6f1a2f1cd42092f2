// One line of the report, and what makes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "case.h"
#include "verify.h"

namespace handfast::bench {

/// The schema of `--json` (README.md); what has no meaning for a row stays empty.
struct Row {
  std::string name;                                    ///< "case"
  std::string side;                                    ///< "server" or "client"; in bulk "send" or "receive"
  std::string implementation;                          ///< "handfast", "openssl" or "floor"
  std::optional<double> us = std::nullopt;             ///< CPU per operation: a handshake, a connection, a record
  std::optional<double> floor_us = std::nullopt;       ///< the bare cryptography of the same
  std::optional<double> over_floor_us = std::nullopt;  ///< the median of the differences, round by round
  std::optional<double> spread = std::nullopt;         ///< of `us`: interquartile range / median
  std::optional<double> bytes = std::nullopt;          ///< heap of a connection, or plaintext of a record
};
using Rows = std::vector<Row>;

/// CPU per handshake, server and client apart.
Rows measure_handshakes(const Case& which, double seconds);
/// new and free of a connection that does nothing.
Rows measure_lifetime(double seconds);
/// Heap per connection, in mid-handshake and idle.
Rows measure_memory();
/// CPU per verification of a chain: with parsing, without, and parsing alone.
Rows measure_verification(const VerifyCase& which, double seconds);
/// CPU per record of application data.
Rows measure_bulk(double seconds);

}  // namespace handfast::bench
