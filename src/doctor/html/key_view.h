// The keys between the messages: what was made of what, and where that stands in the key schedule.
#pragma once

#include <cstddef>

#include "doctor/html/html.h"
#include "doctor/recording.h"

namespace handfast::doctor {

/// Whether a step belongs to the keys.
bool is_of_keys(const Step& step);

/// The steps from `begin` to `end`, those of them that are of the keys, as one card.
void write_keys(Html& out, const Recording& recording, std::size_t begin, std::size_t end);

}  // namespace handfast::doctor
