// Certificate policies along a path (RFC 5280, sections 6.1.2 to 6.1.5, as RFC 9618 updates them).
#pragma once

#include <span>

#include <handfast/error.h>

#include "x509/certificate.h"

namespace handfast::x509 {

/// What RFC 5280, section 6.1.1, takes as inputs (c), (e), (f) and (g). A `user_initial_policy_set` alone refuses
/// nobody: it says which policies count, and only where the settings or a CA of the path ask for one is a path without
/// any of them refused. Who means "only these" sets `initial_explicit_policy` as well.
struct PolicySettings {
  std::span<const Bytes> user_initial_policy_set{};  ///< contents of OBJECT IDENTIFIERs; empty: any-policy
  bool initial_explicit_policy = false;              ///< the path must be valid for a policy of the set
  bool initial_policy_mapping_inhibit = false;
  bool initial_any_policy_inhibit = false;
};

/// Whether a path is valid for an acceptable policy, where the settings or a CA of the path ask for one. `path` is from
/// the leaf to the anchor; of the anchor nothing but its constraints is taken, as of its other extensions. Costs
/// nothing where nobody asks, and else a time that grows with the policies and mappings in the path, not with its
/// combinations. Fails with bad_certificate, no_acceptable_policy, evidence `subject` (of the certificate that ends all
/// policies).
Result<void> check_policies(std::span<const Certificate* const> path, const PolicySettings& settings = {});

}  // namespace handfast::x509
