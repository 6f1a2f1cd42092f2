// The guided tour of `handfast demo`, its first part: handshakes on this machine, with ourselves and with programs of
// others.
#pragma once

#include <handfast/error.h>

#include "doctor/recording.h"
#include "doctor/stage.h"

namespace handfast::doctor {

/// Plays all scenes on loopback with a throw-away authority, and prints each as a ladder. Programs that are not
/// installed are passed over, saying so. What goes otherwise than it should, the stage counts; fails where not even a
/// certificate could be made.
Result<> tour(TourStage& stage, Secrets secrets);

}  // namespace handfast::doctor
