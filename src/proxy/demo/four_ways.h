// The guided tour of `handfast demo`, its second part: the four ways in which a proxy meets a TLS handshake.
#pragma once

#include <handfast/error.h>

#include "doctor/recording.h"
#include "doctor/stage.h"

namespace handfast::proxy::demo {

/// Plays each way on loopback, with a proxy, a client and an origin of ours, and shows both legs side by side: who
/// decrypts, whose certificate the client sees, what the log says. What goes otherwise than it should, the stage
/// counts; fails where not even a certificate could be made.
Result<> four_ways(doctor::TourStage& stage, doctor::Secrets secrets);

}  // namespace handfast::proxy::demo
