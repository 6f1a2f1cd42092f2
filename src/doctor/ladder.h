// The ladder: a handshake message by message between its two rails, as text.
#pragma once

#include <string>

#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// The client stands on the left, whoever recorded. A single line is sent in the clear, a double one is encrypted.
/// Every line has at most `style.width` columns.
std::string ladder(const Recording& recording, const Style& style);

/// Nanoseconds for people: "0.4 ms", "12 ms", "1.24 s".
std::string duration_text(std::uint64_t nanoseconds);

}  // namespace handfast::doctor
