// Findings in the order of the file.
#include "proxy/settings/findings.h"

#include <algorithm>
#include <tuple>

namespace handfast::proxy::settings {

bool refuse(const Findings& findings) noexcept {
  return std::ranges::any_of(findings, [](const Finding& each) { return each.kind == Finding::Kind::error; });
}

void sort(Findings& findings) {
  std::ranges::stable_sort(findings, {},
                           [](const Finding& each) { return std::tuple(each.position.line, each.position.column); });
}

}  // namespace handfast::proxy::settings
