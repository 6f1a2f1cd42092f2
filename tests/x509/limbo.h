// x509-limbo's test cases (C2SP/x509-limbo), and what this verifier says of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/json.h"
#include "x509/verify.h"

namespace handfast::x509::limbo {

using handfast::test::Json;

/// The suite's words for what became of a case.
enum class Answer : std::uint8_t { success, failure, skipped };
std::string_view name(Answer answer) noexcept;  ///< "SUCCESS"

struct Verdict {
  Answer answer{};
  std::string context;  ///< what is wrong with the certificates, or why the case is skipped
};

/// Verifies what a Testcase (limbo-schema.json) has, without a look at what it expects. A case is skipped where it asks
/// for what TLS has no word for, and where limbo_declined.h says why this verifier answers otherwise than the suite.
/// Under Profile::compatible, that is also what only a rule of Profile::strict would have refused. Throws
/// Json::exception for a case that is not of the schema.
Verdict run(const Json& testcase, Profile profile);

}  // namespace handfast::x509::limbo
