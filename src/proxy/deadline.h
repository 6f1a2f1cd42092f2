// How long something may take in all, where each of its steps has a time-out of its own.
#pragma once

#include <algorithm>
#include <chrono>

namespace handfast::proxy {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  /// 0: there is none.
  explicit Deadline(std::chrono::milliseconds patience) noexcept
      : at_(patience.count() > 0 ? Clock::now() + patience : Clock::time_point::max()) {}

  bool passed() const noexcept { return Clock::now() >= at_; }
  /// For a step's time-out: at least 1 ms; 0 where there is no deadline.
  std::chrono::milliseconds left() const noexcept {
    if (at_ == Clock::time_point::max()) return std::chrono::milliseconds(0);
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()), std::chrono::milliseconds(1));
  }

 private:
  Clock::time_point at_;
};

}  // namespace handfast::proxy
