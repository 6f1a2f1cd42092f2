// The guided tour of `handfast demo`: handshakes on this machine, with ourselves and with programs of others.
#pragma once

#include <cstdio>

#include <handfast/error.h>

#include "doctor/recording.h"
#include "doctor/style.h"

namespace handfast::doctor {

/// Plays all scenes on loopback with a throw-away authority, and prints each as a ladder. Programs that are not
/// installed are passed over, saying so. Gives how many scenes went otherwise than they should; fails where not even a
/// certificate could be made.
Result<int> tour(std::FILE* out, const Style& style, Secrets secrets);

}  // namespace handfast::doctor
