// Looks into memory as it is freed, for secrets that nobody wiped.
#pragma once

#include <cstddef>

#include <handfast/bytes.h>

namespace handfast::test {

/// While it lives, and in its thread, every block that `delete` gets is searched for `secret`, of which 8 bytes or more
/// are enough: a view of memory that outlives it.
class FreedWatch {
 public:
  explicit FreedWatch(Bytes secret) noexcept;
  ~FreedWatch();
  FreedWatch(const FreedWatch&) = delete;
  FreedWatch& operator=(const FreedWatch&) = delete;
  /// In how many of them it stood until now.
  std::size_t found() const noexcept;
};

}  // namespace handfast::test
