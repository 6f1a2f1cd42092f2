// libcrypto's generator as a Random.
#include <handfast/random.h>

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace handfast {

namespace {

class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override {
    while (!out.empty()) {
      MutableBytes part = out.first(std::min<std::size_t>(out.size(), 1 << 20));
      if (RAND_bytes(part.data(), static_cast<int>(part.size())) != 1) {
        std::fputs("handfast: the system gives no random bytes\n", stderr);
        std::abort();
      }
      out = out.subspan(part.size());
    }
  }
};

}  // namespace

Random& system_random() noexcept {
  // Without state, and never destroyed: it is there until the last thread has ended.
  static SystemRandom* const random = new SystemRandom;
  return *random;
}

}  // namespace handfast
