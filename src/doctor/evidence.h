// What a verdict leans on: the messages, the fields and the very bytes that were seen.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <handfast/error.h>
#include <handfast/verification.h>

#include "doctor/recording.h"
#include "doctor/verdict.h"

namespace handfast::doctor {

/// Of an error of TLS on a connection with that recording. Texts are safe to be shown; no bytes are secret.
std::vector<Evidence> evidence_of(const Error& error, const Recording& recording);

/// Of a connection that broke off or fell silent, after `bytes_received` bytes over TCP.
std::vector<Evidence> evidence_of_silence(std::uint64_t bytes_received, const Recording& recording);

/// Every check that failed and is not what the verdict is about (`code`), once, in the order of the checks.
std::vector<OtherFinding> other_findings(const VerificationReport& report, std::string_view code);

/// What is odd about the chain as it was sent, although it verifies: its order, and what belongs to no path.
std::vector<OtherFinding> chain_findings(const VerificationReport& report);

}  // namespace handfast::doctor
