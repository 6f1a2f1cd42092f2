// A picture of the key schedule, TLS 1.3's or TLS 1.2's, with those secrets lit that a connection has made.
#pragma once

#include <set>
#include <string_view>

#include "doctor/html/html.h"

namespace handfast::doctor {

struct Lit {
  std::set<std::string_view> before;  ///< secrets that were there already, by name
  std::set<std::string_view> now;     ///< those that were made in this step
  bool resumed = false;               ///< it began with a secret of before
};

/// Of secrets that belong to neither it draws nothing.
void write_key_schedule(Html& out, const Lit& lit);

}  // namespace handfast::doctor
