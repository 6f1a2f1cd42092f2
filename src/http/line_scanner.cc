#include "http/line_scanner.h"

#include <algorithm>

namespace handfast::http {

Parsed<LineScanner::Step> LineScanner::take(Bytes input, std::size_t limit, Refusal too_long) noexcept {
  const Bytes allowed = input.first(std::min(input.size(), limit));
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    const std::uint8_t byte = allowed[i];
    if (after_cr_) {
      if (byte != '\n') return std::unexpected(Refusal::bare_cr);
      after_cr_ = false;
      return Step{i + 1, true};
    }
    if (byte >= ' ' && byte != 127) [[likely]]
      continue;
    if (byte == '\r') {
      after_cr_ = true;
    } else if (byte != '\t') {
      return std::unexpected(byte == '\n' ? Refusal::bare_lf : Refusal::control_character);
    }
  }
  if (allowed.size() < input.size()) return std::unexpected(too_long);
  return Step{allowed.size(), false};
}

}  // namespace handfast::http
