// Our typed errors in BoringSSL's words, which the runner looks for.
#pragma once

#include <string>

#include <handfast/connection.h>
#include <handfast/error.h>

namespace handfast::bogo {

/// The evidence under which the shim's own answers to Needs carry BoringSSL's string, since no Reason can know it.
inline constexpr std::string_view injected = "boringssl";

/// What BoringSSL would print of this error: one string, or, where it reports on two levels, both. There may be no
/// connection yet.
std::string boringssl_strings(const Error& error, const Connection* connection);

}  // namespace handfast::bogo
