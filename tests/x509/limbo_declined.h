// The allow-list: of which of x509-limbo's cases this verifier knowingly says otherwise than the suite, and why.
#pragma once

#include <optional>
#include <string_view>

#include "support/json.h"

namespace handfast::x509::limbo {

/// Why a case that was accepted, or refused, is no answer to be held against the suite; nothing where it is one.
std::optional<std::string_view> why_declined(const handfast::test::Json& testcase, bool accepted);

}  // namespace handfast::x509::limbo
