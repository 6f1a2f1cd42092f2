// What the fuzzers share: reading choices from the input, and what must hold whatever the input is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <handfast/bytes.h>

#include "base/reader.h"

/// libFuzzer's entry, and that of the replay (replay.cc). Gives 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace handfast::fuzz {

/// Ends the process, for libFuzzer to report, where something does not hold that must.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Choices for as long as the input lasts; past its end a reader of zeros.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) noexcept : rest_(Bytes(data, size)) {}
  std::uint8_t byte() noexcept { return rest_.u8(); }
  std::uint16_t number() noexcept { return rest_.u16(); }
  /// A length of one byte and as many bytes, or as many as there are.
  Bytes some() noexcept {
    const std::size_t length = rest_.u8();
    return rest_.take(std::min(length, rest_.size()));
  }
  /// The same with a length of two bytes.
  Bytes many() noexcept {
    const std::size_t length = rest_.u16();
    return rest_.take(std::min(length, rest_.size()));
  }
  Bytes rest() noexcept { return rest_.rest(); }
  bool empty() const noexcept { return rest_.empty(); }

 private:
  base::Reader rest_;
};

}  // namespace handfast::fuzz
