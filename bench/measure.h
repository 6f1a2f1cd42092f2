// Medians of alternating runs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "meter.h"

namespace handfast::bench {

/// What many rounds gave.
struct Summary {
  double median = 0;
  double spread = 0;     ///< half of the rounds lie within this part of the median: interquartile range / median
  double over_last = 0;  ///< the median of how much more it was than the last contestant's batch of the same round
};

/// One of those that are compared.
struct Contestant {
  std::string name;
  /// One batch; microseconds per operation, for each side (where sides are of no meaning, as `server`).
  std::function<Sides()> batch;
};
struct Measured {
  std::string name;
  Summary client;
  Summary server;
  const Summary& of(Side side) const noexcept { return side == Side::client ? client : server; }
};

/// Runs the contestants in turn, a batch each, until `seconds` have gone by (and at least 15 times): what disturbs the
/// machine for a while disturbs all of them, and their differences within a round are told more sharply than they
/// themselves are. The first rounds warm up and are not counted.
std::vector<Measured> alternate(const std::vector<Contestant>& contestants, double seconds);

}  // namespace handfast::bench
