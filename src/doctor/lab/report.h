// What there is in the lab, and what came of a trial, for people and for programs (docs/json.md).
#pragma once

#include <string>
#include <vector>

#include "doctor/lab/lab.h"
#include "doctor/lab/trial.h"
#include "doctor/style.h"

namespace handfast::doctor::lab {

std::string list_text(const std::vector<const Scenario*>& scenarios, const Style& style);
std::string list_json(const std::vector<const Scenario*>& scenarios);
std::string up_text(const Lab& lab, const Style& style);
std::string up_json(const Lab& lab);
std::string trial_text(const std::vector<Trial>& trials, const Style& style);
std::string trial_json(const std::vector<Trial>& trials);
std::string tool_text(const std::vector<ToolTrial>& trials, const Style& style);
std::string tool_json(const std::vector<std::string>& command, const std::vector<ToolTrial>& trials);

}  // namespace handfast::doctor::lab
