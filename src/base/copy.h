// Bytes copied in one piece: g++ 12's std::ranges::copy takes them one by one where the source is const.
#pragma once

#include <algorithm>
#include <cassert>

#include <handfast/bytes.h>

namespace handfast::base {

/// Copies `from` to the front of `to`, which has room for it, and gives what is left of `to`.
inline MutableBytes copy(Bytes from, MutableBytes to) noexcept {
  assert(from.size() <= to.size());
  std::copy(from.begin(), from.end(), to.begin());
  return to.subspan(from.size());
}

}  // namespace handfast::base
