// Protocols that are no TLS, known by their first words.
#pragma once

#include <optional>
#include <string_view>

#include "doctor/verdict.h"

namespace handfast::doctor {

/// The verdict on a server that answered a ClientHello with these bytes; nothing where they are of no protocol that is
/// known.
std::optional<Verdict> judge_greeting(const Target& target, std::string_view first_bytes);

}  // namespace handfast::doctor
