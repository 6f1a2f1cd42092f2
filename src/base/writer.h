// Builds messages at the end of a Buffer.
#pragma once

#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::base {

/// Appends big-endian numbers, bytes and length-prefixed vectors. The buffer must outlive the writer.
class Writer {
 public:
  explicit Writer(Buffer& out) : out_(out) {
    // Most messages fit in there: one allocation, where growing byte by byte needs half a dozen.
    if (out.capacity() == 0) out.reserve(256);
  }

  void u8(std::uint8_t value) { number(value, 1); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u24(std::uint32_t value) { number(value, 3); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void fill(std::size_t count, std::uint8_t value) { out_.insert(out_.end(), count, value); }

  void vector8(Bytes content) { u8(static_cast<std::uint8_t>(fit(content.size(), 1))), bytes(content); }
  void vector16(Bytes content) { u16(static_cast<std::uint16_t>(fit(content.size(), 2))), bytes(content); }
  void vector24(Bytes content) { u24(static_cast<std::uint32_t>(fit(content.size(), 3))), bytes(content); }

  /// A length that is filled in when the scope ends: `{ auto list = w.length16(); ... }`.
  class Length {
   public:
    Length(Writer& writer, std::size_t width) : writer_(writer), width_(width) {
      writer_.number(0, width_);
      start_ = writer_.out_.size();
    }
    ~Length() {
      std::size_t length = writer_.fit(writer_.out_.size() - start_, width_);
      for (std::size_t i = 0; i < width_; ++i)
        writer_.out_[start_ - 1 - i] = static_cast<std::uint8_t>(length >> (8 * i));
    }
    Length(const Length&) = delete;
    Length& operator=(const Length&) = delete;

   private:
    Writer& writer_;
    std::size_t width_;
    std::size_t start_;
  };
  [[nodiscard]] Length length8() { return {*this, 1}; }
  [[nodiscard]] Length length16() { return {*this, 2}; }
  [[nodiscard]] Length length24() { return {*this, 3}; }

  std::size_t size() const noexcept { return out_.size(); }
  Buffer& buffer() noexcept { return out_; }
  /// False once a vector was longer than its length can say; what was written is then not to be sent.
  bool ok() const noexcept { return ok_; }

 private:
  void number(std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  std::size_t fit(std::size_t length, std::size_t width) noexcept {
    if (length >> (8 * width) == 0) return length;
    ok_ = false;
    return 0;
  }

  Buffer& out_;
  bool ok_ = true;
};

}  // namespace handfast::base
