// Vectors of items as they stand in a message, read in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include <handfast/bytes.h>

#include "base/reader.h"
#include "base/writer.h"

namespace handfast::wire {

/// One item of a vector: a number for an enumeration, else what `Item::read(base::Reader&)` reads.
template <typename Item>
Item read_item(base::Reader& r) noexcept {
  if constexpr (!std::is_enum_v<Item>)
    return Item::read(r);
  else if constexpr (sizeof(Item) == 1)
    return static_cast<Item>(r.u8());
  else
    return static_cast<Item>(r.u16());
}

/// A vector whose items are known to parse, as a view over the message: valid as long as the message's bytes are.
/// Items are made when they are looked at, so walking a list costs nothing but the walk.
template <typename Item>
class List {
 public:
  class Iterator {
   public:
    using iterator_concept = std::forward_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using reference = Item;
    using pointer = void;

    Iterator() noexcept = default;
    explicit Iterator(Bytes rest) noexcept : rest_(rest) {}
    Item operator*() const noexcept {
      base::Reader r(rest_);
      return read_item<Item>(r);
    }
    Iterator& operator++() noexcept {
      base::Reader r(rest_);
      read_item<Item>(r);
      rest_ = r.peek();
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.rest_.data() == b.rest_.data(); }
    friend bool operator==(const Iterator& a, std::default_sentinel_t) noexcept { return a.rest_.empty(); }

   private:
    Bytes rest_;
  };

  List() noexcept = default;

  Iterator begin() const noexcept { return Iterator(bytes_); }
  std::default_sentinel_t end() const noexcept { return {}; }
  bool empty() const noexcept { return bytes_.empty(); }
  Item front() const noexcept { return *begin(); }
  /// How many items; walks the list where they differ in size.
  std::size_t size() const noexcept {
    if constexpr (std::is_enum_v<Item>) return bytes_.size() / sizeof(Item);
    std::size_t count = 0;
    for (Iterator at = begin(); at != end(); ++at) ++count;
    return count;
  }
  bool contains(const Item& item) const noexcept {
    for (const Item& each : *this)
      if (each == item) return true;
    return false;
  }
  /// The bytes of the items, without the length before them.
  Bytes bytes() const noexcept { return bytes_; }

  /// The list that `vector`, just read from `from`, holds; fails `from` if it is not all items.
  static List read(base::Reader& from, Bytes vector) noexcept {
    base::Reader r(vector);
    while (!r.empty()) read_item<Item>(r);
    if (r.ok()) return List(vector);
    from.fail();
    return {};
  }
  /// The same for a vector that may not be empty.
  static List read_some(base::Reader& from, Bytes vector) noexcept {
    if (vector.empty()) from.fail();
    return read(from, vector);
  }

 private:
  explicit List(Bytes bytes) noexcept : bytes_(bytes) {}
  Bytes bytes_;
};

/// Appends numbers one after the other; `items` is any range of a 1-byte or 2-byte enumeration.
template <typename Items>
void write_numbers(base::Writer& w, const Items& items) {
  for (auto item : items)
    if constexpr (sizeof(item) == 1)
      w.u8(static_cast<std::uint8_t>(item));
    else
      w.u16(static_cast<std::uint16_t>(item));
}

}  // namespace handfast::wire
