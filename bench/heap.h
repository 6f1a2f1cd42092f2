// The bytes that are allocated just now, by whatever code, libcrypto's included.
#pragma once

#include <cstdint>

#include "meter.h"

namespace handfast::bench {

/// malloc and its family are replaced in this program by versions that keep count: blocks as large as malloc made them.
std::int64_t allocated_bytes() noexcept;

/// Bytes allocated by each side and not freed by it.
class HeapMeter {
 public:
  template <std::invocable Step>
  void run(Side side, Step&& step) {
    const std::int64_t before = allocated_bytes();
    step();
    kept_[side] += static_cast<double>(allocated_bytes() - before);
  }
  const Sides& kept() const noexcept { return kept_; }

 private:
  Sides kept_;
};

}  // namespace handfast::bench
