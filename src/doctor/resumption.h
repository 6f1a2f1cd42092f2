// Sessions that were resumed or not, and what became of early data, in words.
#pragma once

#include <string_view>

#include <handfast/session.h>

#include "doctor/recording.h"

namespace handfast::doctor {

/// "by a pre-shared key of an earlier connection"; of `none` "not at all".
std::string_view words(Resumption how) noexcept;
/// Why it was not resumed, as a sentence goes on: "it is past its lifetime".
std::string_view words(SessionRefusal refusal) noexcept;
/// What became of it, and why: "rejected: the server took such a flight before".
std::string_view words(EarlyData outcome) noexcept;

/// Why the last session that was offered was not resumed; `none` where it was, or none was offered.
SessionRefusal session_refusal(const Recording& recording) noexcept;

}  // namespace handfast::doctor
