// The page of one connection: each message, field and byte of it, and why it is there.
#pragma once

#include <string>

#include "doctor/probe.h"
#include "doctor/probes/probes.h"
#include "doctor/recording.h"

namespace handfast::doctor {

/// One document that needs nothing beside it: it loads nothing, and what folds opens without its script. What is of the
/// peer's making stays text in it. The bytes of secrets and application data are in it only where `secrets` says so.
std::string html_page(const Report& report, const Probing& probing, Secrets secrets);

}  // namespace handfast::doctor
