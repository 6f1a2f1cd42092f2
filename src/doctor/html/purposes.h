// Why messages are sent and secrets made, in a sentence or two.
#pragma once

#include <string_view>

#include "doctor/recording.h"

namespace handfast::doctor {

/// `side`: who has sent it. Empty where there is nothing to say.
std::string_view purpose(const Message& message, Side side);
/// Of a secret, by its name in the RFC.
std::string_view purpose(std::string_view secret);

}  // namespace handfast::doctor
