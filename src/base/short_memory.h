// What was found out a short while ago.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace handfast::base {

/// Values that are good for a while, at most so many of them: where there would be more, all of them go. What is old
/// goes too, with what is put later. Thread-safe.
template <typename Key, typename Value>
class ShortMemory {
 public:
  using Clock = std::chrono::steady_clock;
  ShortMemory(std::size_t capacity, Clock::duration lifetime) noexcept : capacity_(capacity), lifetime_(lifetime) {}

  /// In the place of what there was for that key.
  void put(const Key& key, Value value, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= capacity_ || now >= next_sweep_) sweep(now);
    if (entries_.size() >= capacity_) entries_.clear();
    entries_.insert_or_assign(key, Entry{std::move(value), now + lifetime_});
  }
  std::optional<Value> find(const Key& key, Clock::time_point now = Clock::now()) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= now) return std::nullopt;
    return found->second.value;
  }
  void forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    entries_.erase(key);
  }

 private:
  struct Entry {
    Value value;
    Clock::time_point until;
  };
  void sweep(Clock::time_point now) {
    std::erase_if(entries_, [now](const auto& each) { return each.second.until <= now; });
    next_sweep_ = now + lifetime_;
  }

  const std::size_t capacity_;
  const Clock::duration lifetime_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  Clock::time_point next_sweep_ = Clock::time_point::min();
};

}  // namespace handfast::base
