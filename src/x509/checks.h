// What a certificate must be to stand where it stands in a path (RFC 5280, section 6.1), one function a check.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <handfast/verification.h>

#include "x509/anchors.h"
#include "x509/verify.h"

namespace handfast::x509 {

/// What a verification has left of its limits.
struct Work {
  std::size_t candidates;
  std::size_t signatures;
  std::size_t name_comparisons;
};

/// A certificate in the place that it is to take.
struct Place {
  const VerifyRequest& request;
  const Certificate& certificate;
  /// The path under an issuer, the leaf first; empty for the leaf itself.
  std::span<const Certificate* const> below;
  const TrustAnchors::Store::Entry* anchor;  ///< what it is among the anchors, or nullptr
  Work* work;
  /// The path as a whole, `certificate` at its end, where that is an anchor and it is checked what is asked of a whole
  /// path; else empty.
  std::span<const Certificate* const> path{};
  std::vector<Fact>* evidence = nullptr;  ///< where there is a report: what the check looked at and found

  const CertificateView& view() const noexcept { return *certificate; }
  /// Its key, where it was imported beforehand.
  const crypto::VerifyingKey* key() const noexcept { return anchor && anchor->key ? &*anchor->key : nullptr; }
  /// Adds to the evidence; `value` is called only where there is a report.
  template <typename Value>
  void note(std::string_view name, Value value) const {
    if (evidence != nullptr) add_fact(name, value());
  }

  void add_fact(std::string_view name, Fact::Value value) const;
};

struct CheckRow {
  CheckKind kind;
  /// Passed, or not made where there is nothing to check by.
  Result<CheckOutcome> (*make)(const Place& place);
};

/// The checks of each place, cheap ones first.
std::span<const CheckRow> leaf_checks() noexcept;
std::span<const CheckRow> issuer_checks() noexcept;
/// Those of a whole path, made where an anchor stands at its end.
std::span<const CheckRow> path_checks() noexcept;
/// What is left to check of a leaf that is pinned.
std::span<const CheckRow> pinned_checks() noexcept;

/// The server that was asked for, or nullptr.
const ServerName* server_of(const VerifyRequest& request) noexcept;
/// Why an anchor, or a pinned certificate, that does not accept the path is not trusted: anchor_not_for_name or
/// pin_mismatch.
Error not_accepted(const TrustAnchors::Store::Entry& entry, const VerifyRequest& request,
                   TrustAnchors::Store::Path below);

/// Whether somebody who stands beside the path may speak for an issuer on it: an OCSP responder, the signer of a CRL,
/// whoever vouches for that one. They are held to what every certificate of a path is held to: no critical extension
/// that is not processed, a key that the policy accepts, valid now. Fails as those checks do.
Result<void> check_speaker(const CertificateView& speaker, const Policy& policy, std::int64_t now);

/// Whether `issuer` has signed `certificate`, and as the policy accepts it; the rest as `verify_signed`. Evidence
/// `subject`, and `algorithm` or `issuer`.
Result<void> check_certified(const CertificateView& certificate, const CertificateView& issuer,
                             const crypto::VerifyingKey* issuer_key, const Policy& policy, Work& work);

/// What Profile::strict asks for beyond the rest (x509/profile.cc).
Result<CheckOutcome> check_profile(const Place& place);

/// Whether the certificate below was revoked by this one, as far as the policy asks (x509/check_revocation.cc).
Result<CheckOutcome> check_revocation(const Place& place);
/// The same of a leaf that is pinned: it needs no issuer, but only one can tell whether it was revoked.
Result<CheckOutcome> check_revocation_of_pinned(const Place& place);

}  // namespace handfast::x509
