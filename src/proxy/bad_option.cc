// An option that is refused.
#include "proxy/bad_option.h"

namespace handfast::proxy {

std::unexpected<Error> bad_option(std::string_view option, std::string_view value, std::string_view problem,
                                  std::string_view remedy) {
  constexpr std::size_t most_shown = 300;
  return fail(Error(Alert::internal_error, Reason::bad_config)
                  .with("option", std::string(option))
                  .with("problem", std::string(problem))
                  .with("value", std::string(value.substr(0, most_shown)))
                  .with("remedy", std::string(remedy)));
}

}  // namespace handfast::proxy
