// Bytes and what they say, side by side: every byte stands in its field, and every field tells its bytes.
#pragma once

#include <handfast/bytes.h>

#include "doctor/dissect/field.h"
#include "doctor/html/html.h"

namespace handfast::doctor {

/// `bytes` are those of `whole`; where they are fewer, its end is not at hand and only counted. Long values are cut,
/// and so is what has a great many fields.
void write_anatomy(Html& out, Bytes bytes, const Field& whole);

}  // namespace handfast::doctor
