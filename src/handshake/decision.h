// Choices told to the trace, and the error where nothing fits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/error.h>
#include <handfast/trace.h>
#include <handfast/types.h>

#include "handshake/engine.h"
#include "wire/grease.h"

namespace handfast::handshake {

/// The names of the values in a list, GREASE left out. A peer may send thousands: what is kept of them is bounded.
template <typename List>
std::vector<std::string> names(const List& list) {
  constexpr std::size_t most = 64;
  std::vector<std::string> names;
  std::size_t left_out = 0;
  for (auto item : list) {
    if (wire::is_grease(static_cast<std::uint16_t>(item))) continue;
    if (names.size() < most)
      names.push_back(name(item));
    else
      ++left_out;
  }
  if (left_out != 0) names.push_back("and " + std::to_string(left_out) + " more");
  return names;
}

/// Tells the trace of a choice; nothing is made up for it where nobody listens.
template <typename Chosen, typename Offered, typename Supported>
void tell(Engine& engine, std::string_view what, Chosen chosen, const Offered& offered, const Supported& supported) {
  engine.tracer()([&] { return DecisionEvent{what, name(chosen), names(offered), names(supported)}; });
}

/// The error where nothing fits, after the trace was told.
template <typename Offered, typename Supported>
std::unexpected<Error> nothing_in_common(Engine& engine, std::string_view what, Alert alert, Reason reason,
                                         const Offered& offered, const Supported& supported) {
  engine.tracer()([&] { return DecisionEvent{what, {}, names(offered), names(supported)}; });
  return fail(Error(alert, reason).with("offered", names(offered)).with("supported", names(supported)));
}

}  // namespace handfast::handshake
