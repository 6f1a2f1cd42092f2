// Handshakes whose instructions someone else counts.
#include "once.h"

#include <concepts>
#include <functional>
#include <memory>

#include "chain.h"
#include "floor/floor.h"
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

std::size_t in_batches(std::size_t count) { return (count + abreast - 1) / abreast * abreast; }

}  // namespace

std::size_t run_ours(const Case& which, Side side, std::size_t count) {
  const Ours ours(which, make_chain(which.key));
  CpuMeter warm_up;
  handshakes(ours, warm_up);
  Marked marked(side);
  for (std::size_t i = 0; i < in_batches(count); i += abreast) handshakes(ours, marked);
  return in_batches(count);
}

std::size_t run_floor(const Case& which, Side side, std::size_t count) {
  const Chain chain = make_chain(which.key);
  const std::unique_ptr<Floor> floor = Floor::make(which, chain, record_messages(Ours(which, chain)));
  CpuMeter warm_up;
  floors(*floor, warm_up);
  Marked marked(side);
  for (std::size_t i = 0; i < in_batches(count); i += abreast) floors(*floor, marked);
  return in_batches(count);
}

std::size_t run_verifier(ChainVerifier& verifier, std::size_t count) {
  verifier.verify();
  for (std::size_t i = 0; i < count; ++i) handfast_bench_counted([&] { verifier.verify(); });
  return count;
}

}  // namespace handfast::bench
