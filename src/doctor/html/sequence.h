// The connection in order of time: messages, records, keys, choices, checks, and where it failed.
#pragma once

#include "doctor/html/html.h"
#include "doctor/recording.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

/// `verdict` stands where the connection failed.
void write_sequence(Html& out, const Recording& recording, const Verdict& verdict);

}  // namespace handfast::doctor
