#include "x509/revocation.h"

namespace handfast::x509 {

std::string_view name(CRLReason reason) noexcept {
  switch (reason) {
    case CRLReason::unspecified: return "unspecified";
    case CRLReason::keyCompromise: return "keyCompromise";
    case CRLReason::cACompromise: return "cACompromise";
    case CRLReason::affiliationChanged: return "affiliationChanged";
    case CRLReason::superseded: return "superseded";
    case CRLReason::cessationOfOperation: return "cessationOfOperation";
    case CRLReason::certificateHold: return "certificateHold";
    case CRLReason::removeFromCRL: return "removeFromCRL";
    case CRLReason::privilegeWithdrawn: return "privilegeWithdrawn";
    case CRLReason::aACompromise: return "aACompromise";
  }
  return "unknown";
}

std::optional<CRLReason> parse_crl_reason(Bytes content) noexcept {
  if (content.size() != 1 || content[0] > 10 || content[0] == 7) return {};
  return static_cast<CRLReason>(content[0]);
}

}  // namespace handfast::x509
