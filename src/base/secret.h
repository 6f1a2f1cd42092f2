// Bytes that are wiped, and comparisons that tell nothing by their time.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <handfast/bytes.h>

#include "base/copy.h"

namespace handfast::base {

/// Overwrites memory in a way that no optimiser removes.
inline void wipe(void* memory, std::size_t size) noexcept {
  if (size == 0) return;  // then there may be no memory, and memset may not be asked
  // A size that it knows g++ overwrites by `rep stos`, which takes longer to begin than most of what is wiped.
  __asm__("" : "+r"(size));
  __builtin_memset(memory, 0, size);
  __asm__ __volatile__("" : : "r"(memory) : "memory");
}

/// Whether two secrets are equal, in a time that depends on their length alone. Lengths are public.
inline bool equal_in_constant_time(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  __asm__ __volatile__("" : "+r"(difference));
  return difference == 0;
}

/// A secret of at most 80 bytes (a P-521 shared secret has 66, SHA-384 48, SecP384r1MLKEM1024 80), kept inline and
/// wiped when it goes or moves away.
class Secret {
 public:
  static constexpr std::size_t capacity = 80;

  Secret() noexcept = default;
  explicit Secret(Bytes bytes) noexcept { assign(bytes); }
  /// `size` zero bytes, to be written through `writable`.
  explicit Secret(std::size_t size) noexcept : size_(static_cast<std::uint8_t>(size)) { assert(size <= capacity); }
  Secret(Secret&& other) noexcept {
    assign(other.view());
    other.clear();
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      assign(other.view());
      other.clear();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { clear(); }

  Secret clone() const noexcept { return Secret(view()); }
  void assign(Bytes bytes) noexcept {
    assert(bytes.size() <= capacity);
    clear();
    copy(bytes, bytes_);
    size_ = static_cast<std::uint8_t>(bytes.size());
  }
  void clear() noexcept {
    wipe(bytes_.data(), size_);
    size_ = 0;
  }

  Bytes view() const& noexcept { return {bytes_.data(), size_}; }
  Bytes view() && = delete;
  MutableBytes writable() & noexcept { return {bytes_.data(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::array<std::uint8_t, capacity> bytes_{};
  std::uint8_t size_ = 0;
};

/// Secret bytes of any length, wiped when they go.
class SecretBuffer {
 public:
  explicit SecretBuffer(Buffer bytes) noexcept : bytes_(std::move(bytes)) {}
  SecretBuffer(SecretBuffer&&) noexcept = default;
  SecretBuffer& operator=(SecretBuffer&&) = delete;
  ~SecretBuffer() {
    bytes_.resize(bytes_.capacity());  // it may have been longer before
    wipe(bytes_.data(), bytes_.size());
  }
  Bytes view() const& noexcept { return bytes_; }
  Bytes view() && = delete;
  MutableBytes writable() & noexcept { return bytes_; }

 private:
  Buffer bytes_;
};

}  // namespace handfast::base
