// Bytes on their way out: appended at the end, drained at the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <handfast/bytes.h>

#include "base/copy.h"

namespace handfast::base {

/// Unlike a vector it gives room without filling it, so a record is sealed into it in one pass, and it lets go of its
/// memory when it is drained and large, so that an idle connection holds none.
class OutputBuffer {
 public:
  /// `count` bytes more at the end, to be written by the caller at once; valid until the next call.
  MutableBytes append(std::size_t count) {
    reserve(count);
    MutableBytes room{bytes_.get() + end_, count};
    end_ += count;
    return room;
  }
  /// Makes room for `count` bytes: those are appended piece by piece without being moved meanwhile.
  void reserve(std::size_t count) {
    if (end_ + count > capacity_) grow(count);
  }
  void append(Bytes bytes) { copy(bytes, append(bytes.size())); }
  /// Takes back the last `count` bytes.
  void shrink(std::size_t count) noexcept { end_ -= count; }

  Bytes view() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }

  void drain(std::size_t count) noexcept {
    begin_ += std::min(count, end_ - begin_);
    if (begin_ == end_) {
      begin_ = end_ = 0;
      if (capacity_ > kept_when_idle) {
        bytes_.reset();
        capacity_ = 0;
      }
    }
  }

 private:
  static constexpr std::size_t kept_when_idle = 256;

  void grow(std::size_t count) {
    std::size_t used = end_ - begin_;
    std::size_t capacity = std::max(used + count, used + used / 2);
    auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    std::copy_n(bytes_.get() + begin_, used, bytes.get());
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace handfast::base
