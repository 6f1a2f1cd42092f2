// A record before and after: as it was on the wire, and decrypted.
#pragma once

#include <cstddef>

#include "doctor/html/carriage.h"
#include "doctor/html/html.h"
#include "doctor/recording.h"

namespace handfast::doctor {

/// What a step is called where a record holds it: "ClientHello", "an alert".
std::string name_of(const Step& step);

/// The record that is the recording's step at `place`, folded. Application data that is not in the recording is said to
/// be not shown.
void write_record(Html& out, const Recording& recording, const Carriage& carriage, std::size_t place);

}  // namespace handfast::doctor
