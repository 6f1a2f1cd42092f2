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

/// Whether a client's ClientHello holds that session: its ticket, or its ID.
bool offers(const Recording& recording, const SavedSession& session);
/// Why the last session that was looked at was not resumed, or not even offered; `none` where it was, or there was
/// none.
SessionRefusal session_refusal(const Recording& recording) noexcept;

/// Whether the client had any.
bool concerns_client(EarlyData outcome) noexcept;

}  // namespace handfast::doctor
