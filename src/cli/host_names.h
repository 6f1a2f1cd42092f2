// Host names as people write them on the command line.
#pragma once

#include <string>
#include <string_view>

#include <handfast/error.h>

namespace handfast::cli {

/// "Bücher.example", ".bücher.example" and "*.bücher.example" with their labels as DNS and certificates have them
/// ("xn--bcher-kva"); a name in ASCII stays what it is, good or bad. Fails with bad_config, its evidence `option` the
/// flag.
Result<std::string> with_a_labels(std::string_view flag, std::string_view name);

}  // namespace handfast::cli
