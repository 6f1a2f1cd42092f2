// One connection with the runner, from the handshake to the end, and what is to be checked about it.
#pragma once

#include "flags.h"
#include "sessions.h"

namespace handfast::bogo {

/// The one that `sessions` has begun; `retry` holds from where its early data was rejected. Throws Failure and
/// Unimplemented.
void exchange(const Flags& flags, const Flags& retry, Sessions& sessions);

}  // namespace handfast::bogo
