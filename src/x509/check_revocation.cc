// Whether a certificate was revoked, as far as the policy asks and the sources say.
#include <utility>

#include "x509/checks.h"
#include "x509/name.h"
#include "x509/revocation.h"

namespace handfast::x509 {

Result<CheckOutcome> check_revocation(const Place& place) {
  if (place.request.revocation.policy == RevocationPolicy::off) {
    place.note("because", [] { return "the policy is off"; });
    return CheckOutcome::not_made;
  }
  return CheckOutcome::not_made;
}

}  // namespace handfast::x509
