// The same explanations for programs. Every text is UTF-8, every size in bytes, every time of an event in microseconds
// after the first one (docs/json.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <handfast/info.h>

#include "doctor/certificate.h"
#include "doctor/handshake_cost.h"
#include "doctor/message.h"
#include "doctor/probe.h"
#include "doctor/probes/probes.h"
#include "doctor/recording.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

// Parts of every report.
nlohmann::ordered_json facts_json(const std::vector<Fact>& facts);
nlohmann::ordered_json certificate_json(const CertificateSummary& certificate);
nlohmann::ordered_json verdict_json(const Verdict& verdict);
nlohmann::ordered_json target_json(const Target& target);

/// The ladder: an array of events. With Detail::bytes every message has its fields (`fields_json`) as `bytes`.
nlohmann::ordered_json ladder_json(const Recording& recording, Detail detail = Detail::words);
/// All that a verification did.
nlohmann::ordered_json verification_json(const VerificationReport& report);
/// What a handshake took.
nlohmann::ordered_json cost_json(HandshakeCost cost);
/// What was agreed on.
nlohmann::ordered_json info_json(const ConnectionInfo& info);

/// The report of `handfast connect`: schema "handfast/connect/1".
std::string connect_json(const Report& report, const Probing& probing, Detail detail = Detail::words);
/// The same where there was no connection, because the configuration was refused.
std::string connect_json(const Verdict& verdict);

/// Indented by two, in ASCII: nothing in it speaks to a terminal. What is no UTF-8 is replaced (U+FFFD).
std::string dump(const nlohmann::ordered_json& json);

}  // namespace handfast::doctor
