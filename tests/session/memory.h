// What this program's memory is asked: whether it held secrets as it was freed, and to be short.
#pragma once

#include <cstddef>

#include <handfast/bytes.h>

namespace handfast::test {

/// While it lives, and in its thread, every block that `delete` gets is searched for `secret`: a view of memory that
/// outlives it, long enough that nothing else is equal by chance.
class FreedWatch {
 public:
  explicit FreedWatch(Bytes secret) noexcept;
  ~FreedWatch();
  FreedWatch(const FreedWatch&) = delete;
  FreedWatch& operator=(const FreedWatch&) = delete;
  /// In how many of them it stood until now.
  std::size_t found() const noexcept;
};

/// While it lives, and in its thread, `new` and aligned_alloc (which Asio's coroutines are made of) give so many blocks
/// and then none.
class ShortMemory {
 public:
  explicit ShortMemory(std::size_t blocks) noexcept;
  ~ShortMemory();
  ShortMemory(const ShortMemory&) = delete;
  ShortMemory& operator=(const ShortMemory&) = delete;
  /// Whether one was refused.
  bool ran_out() const noexcept;
};

/// The same, but of all blocks that one alone is missing, counted from 0: whoever asks again gets one.
class MissingBlock {
 public:
  explicit MissingBlock(std::size_t number) noexcept;
  ~MissingBlock();
  MissingBlock(const MissingBlock&) = delete;
  MissingBlock& operator=(const MissingBlock&) = delete;
  /// Whether it was asked for.
  bool was_missed() const noexcept { return memory_.ran_out(); }

 private:
  ShortMemory memory_;
};

}  // namespace handfast::test
