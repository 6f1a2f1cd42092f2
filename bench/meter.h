// What is counted while one side of a handshake works: CPU time, heap bytes, or instructions under valgrind.
#pragma once

#include <time.h>

#include <concepts>
#include <cstdint>

#include <handfast/types.h>

namespace handfast::bench {

/// A meter runs steps, each for the account of one side.
template <typename M>
concept Meter = requires(M& meter) { meter.run(Side::client, [] {}); };

/// One number for each side.
struct Sides {
  double client = 0;
  double server = 0;
  double& operator[](Side side) noexcept { return side == Side::client ? client : server; }
  double operator[](Side side) const noexcept { return side == Side::client ? client : server; }
};

/// Nanoseconds of CPU that this thread has used. Reading it is a system call of some 0.4 us: time many operations.
inline std::int64_t cpu_time() noexcept {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Microseconds of CPU.
class CpuMeter {
 public:
  template <std::invocable Step>
  void run(Side side, Step&& step) {
    const std::int64_t start = cpu_time();
    step();
    spent_[side] += static_cast<double>(cpu_time() - start) * 1e-3;
  }
  const Sides& spent() const noexcept { return spent_; }

 private:
  Sides spent_;
};

}  // namespace handfast::bench
