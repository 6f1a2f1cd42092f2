// Fills a VerificationReport in while a verification goes on, or nothing where none is wanted.
#pragma once

#include <optional>
#include <vector>

#include <handfast/error.h>
#include <handfast/verification.h>

#include "x509/certificate.h"
#include "x509/verify.h"

namespace handfast::x509 {

/// Steps are nullptr where there is no report, and all that is done with them does nothing then. A step stays where it
/// is as long as no other is added beside it, so a depth-first search may hold the steps of its path.
class Recorder {
 public:
  /// `report` may be nullptr.
  Recorder(const VerifyRequest& request, VerificationReport* report);

  VerificationStep* leaf() noexcept { return report_ ? &report_->leaf : nullptr; }
  /// A certificate that is tried as the issuer of that of `below`.
  VerificationStep* add_issuer(VerificationStep* below, const Certificate& issuer, bool is_anchor);
  /// The search has found a path: the issuers that were tried last, for it ended there.
  void accept_path() noexcept;
  void finish(const Error* error);

  static void add_check(VerificationStep* step, VerificationCheck check) {
    if (step != nullptr) step->checks.push_back(std::move(check));
  }

 private:
  VerificationReport* report_;
};

}  // namespace handfast::x509
