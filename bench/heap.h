// Heap that is allocated and not freed, by whatever code, libcrypto's included.
#pragma once

#include <cstdint>

#include "meter.h"

namespace handfast::bench {

/// malloc and its family are replaced in this program by versions that keep count while one of these lives: bytes
/// allocated less bytes freed, blocks as large as malloc made them. One at a time, in one thread.
class HeapCount {
 public:
  HeapCount() noexcept;
  ~HeapCount();
  HeapCount(const HeapCount&) = delete;
  HeapCount& operator=(const HeapCount&) = delete;
  std::int64_t bytes() const noexcept;
};

/// Bytes allocated by each side and not freed by it.
class HeapMeter {
 public:
  template <std::invocable Step>
  void run(Side side, Step&& step) {
    const HeapCount count;
    step();
    kept_[side] += static_cast<double>(count.bytes());
  }
  const Sides& kept() const noexcept { return kept_; }

 private:
  Sides kept_;
};

}  // namespace handfast::bench
