// The machine's own clocks.
#include <chrono>

#include <handfast/clock.h>

namespace handfast {
namespace {

class SystemClock final : public Clock {
 public:
  std::int64_t now() override { return since_1970<std::chrono::seconds>(); }
  std::int64_t now_milliseconds() override { return since_1970<std::chrono::milliseconds>(); }
  std::uint64_t monotonic() override {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
  }

 private:
  template <typename Unit>
  static std::int64_t since_1970() {
    return std::chrono::floor<Unit>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
};

}  // namespace

Clock& system_clock() noexcept {
  static SystemClock clock;
  return clock;
}

}  // namespace handfast
