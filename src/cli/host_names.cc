#include "cli/host_names.h"

#include "cli/tls_flags.h"
#include "net/idna.h"

namespace handfast::cli {

Result<std::string> with_a_labels(std::string_view flag, std::string_view name) {
  const std::size_t prefix = name.starts_with("*.") ? 2 : name.starts_with('.') ? 1 : 0;
  auto labels = net::to_a_labels(name.substr(prefix));
  if (!labels) return fail(of_flag(flag, labels.error()));
  return std::string(name.substr(0, prefix)) + *labels;
}

}  // namespace handfast::cli
