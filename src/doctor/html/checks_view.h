// What was done with the peer's certificates: the path that was found, or tried, and every check on it.
#pragma once

#include <handfast/verification.h>

#include "doctor/html/html.h"

namespace handfast::doctor {

void write_checks(Html& out, const VerificationReport& report);

}  // namespace handfast::doctor
