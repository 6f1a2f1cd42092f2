// What came of the connection, as it stands at the top of the page and where it failed; and what was agreed on.
#pragma once

#include "doctor/html/html.h"
#include "doctor/probe.h"
#include "doctor/probes/probes.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

void write_verdict(Html& out, const Verdict& verdict);
/// What came of trying again with one thing changed.
void write_probes(Html& out, const Probing& probing);
/// Of a connection that was established.
void write_agreement(Html& out, const Report& report);

}  // namespace handfast::doctor
