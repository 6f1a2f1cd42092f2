// All that a verification did, as a tree: a certificate, its checks, and under it the issuers that were tried.
#pragma once

#include <string>
#include <string_view>

#include <handfast/verification.h>

#include "doctor/style.h"

namespace handfast::doctor {

/// "validity: HF0209 certificate_expired (not after 2026-11-20T16:13:22Z; now ...)". Evidence that only repeats
/// `subject`, the certificate's, is left out.
std::string check_text(const VerificationCheck& check, std::string_view subject);

/// Every check with its outcome, its evidence and, where it failed, its reason and code, in lines of at most
/// `style.width` columns; ends with a newline.
std::string verification_tree(const VerificationReport& report, const Style& style);

/// The next step of the path that was found; nullptr at its end.
const VerificationStep* accepted_issuer(const VerificationStep& step) noexcept;

}  // namespace handfast::doctor
