// What is wrong with an option of a way of the proxy.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <handfast/error.h>

namespace handfast::proxy {

/// bad_config, with the key as evidence `option`, `problem`, `value` (of a long one its beginning) and `remedy`.
std::unexpected<Error> bad_option(std::string_view option, std::string_view value, std::string_view problem,
                                  std::string_view remedy);

}  // namespace handfast::proxy
