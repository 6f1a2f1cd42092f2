// What `handfast check` says.
#pragma once

#include <string>

#include "doctor/style.h"
#include "proxy/settings/file.h"
#include "proxy/settings/findings.h"

namespace handfast::proxy::settings {

/// Each finding as FILE:LINE:COLUMN with its cure, errors and weaknesses in the order of the file, and a line at the
/// end that sums it up.
std::string report_text(const std::string& path, const Settings& settings, const Findings& findings,
                        const doctor::Style& style);
/// The same for programs: schema "handfast/check/1" (docs/json.md).
std::string report_json(const std::string& path, const Settings& settings, const Findings& findings);

}  // namespace handfast::proxy::settings
