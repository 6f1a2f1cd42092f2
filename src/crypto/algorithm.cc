// What the machine can do.
#include "crypto/algorithm.h"

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace handfast::crypto {

bool has_aes_hardware() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  // GCM needs the carry-less product as much as the rounds of AES.
  static const bool has = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
  return has;
#elif defined(__aarch64__) && defined(__linux__)
  constexpr unsigned long needed = HWCAP_AES | HWCAP_PMULL;
  static const bool has = (getauxval(AT_HWCAP) & needed) == needed;
  return has;
#elif defined(__aarch64__) && defined(__APPLE__)
  return true;
#else
  return false;
#endif
}

}  // namespace handfast::crypto
