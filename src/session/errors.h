// How this floor says no.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <handfast/error.h>

namespace handfast::session {

/// bad_config, with `option` and `problem` as its evidence.
inline std::unexpected<Error> bad_config(std::string_view option, std::string problem) {
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::string(option))
                  .with("problem", std::move(problem)));
}

/// decode_error, with `message` and `field` as its evidence.
inline std::unexpected<Error> malformed(std::string_view message, std::string_view field) {
  return fail(Error(Alert::decode_error, Reason::decode_error)
                  .with("message", std::string(message))
                  .with("field", std::string(field)));
}

}  // namespace handfast::session
