#include "x509/checks.h"

namespace handfast::x509 {

Result<void> check_profile(const Place& place) {
  if (place.request.policy.profile != Profile::strict) return {};
  return {};
}

}  // namespace handfast::x509
