// One connection with the runner, from the handshake to the end, and what is to be checked about it.
#pragma once

#include "flags.h"

namespace handfast::bogo {

/// Throws Failure and Unimplemented.
void exchange(const Flags& flags);

}  // namespace handfast::bogo
