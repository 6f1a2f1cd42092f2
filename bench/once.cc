// Handshakes whose instructions someone else counts.
#include "once.h"

#include <concepts>
#include <functional>

#include "chain.h"
#include "handshake.h"
#include "meter.h"
#include "ours.h"

// A name of its own and no inlining: callgrind finds it by its symbol.
extern "C" [[gnu::noinline]] void handfast_bench_counted(const std::function<void()>& step) {
  step();
  __asm__ __volatile__("");  // so that the call is no jump
}

namespace handfast::bench {
namespace {

class Marked {
 public:
  explicit Marked(Side side) noexcept : side_(side) {}
  template <std::invocable Step>
  void run(Side side, Step&& step) {
    if (side == side_)
      handfast_bench_counted(step);
    else
      step();
  }

 private:
  Side side_;
};

}  // namespace

std::size_t run_once(const Case& which, Side side, std::size_t count) {
  const Ours ours(which, make_chain(which.key));
  CpuMeter warm_up;
  handshakes(ours, warm_up);
  Marked marked(side);
  std::size_t done = 0;
  for (; done < count; done += abreast) handshakes(ours, marked);
  return done;
}

}  // namespace handfast::bench
