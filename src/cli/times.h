// Times as people write them on the command line.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <handfast/clock.h>
#include <handfast/error.h>

namespace handfast::cli {

/// "2027-01-15", "2027-01-15T08:00:00Z", or seconds since 1970 behind an @; in seconds since 1970. Fails with
/// bad_config, its evidence `option` the flag.
Result<std::int64_t> parse_time(std::string_view flag, std::string_view text);

/// The machine's clock, set to that time and going on from there.
std::shared_ptr<Clock> clock_set_to(std::int64_t now);

}  // namespace handfast::cli
