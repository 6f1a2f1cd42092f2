// What a certificate must be to stand where it stands in a path (RFC 5280, section 6.1), one function a check.
#pragma once

#include <cstddef>
#include <span>

#include "x509/anchors.h"
#include "x509/check.h"
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
  Work& work;

  const CertificateView& view() const noexcept { return *certificate; }
  /// Its key, where it was imported beforehand.
  const crypto::VerifyingKey* key() const noexcept { return anchor && anchor->key ? &*anchor->key : nullptr; }
};

struct CheckRow {
  CheckKind kind;
  /// Passed, or not made where there is nothing to check by.
  Result<Outcome> (*make)(const Place& place);
};

/// The checks of each place, cheap ones first.
std::span<const CheckRow> leaf_checks() noexcept;
std::span<const CheckRow> issuer_checks() noexcept;
/// What is left to check of a leaf that is pinned.
std::span<const CheckRow> pinned_checks() noexcept;

/// What a check that did not fail looked at, for the report.
std::vector<Fact> facts(CheckKind kind, const Place& place);

/// Whether `issuer` signed `certificate`, with an algorithm that is accepted; `key` is the issuer's where it was
/// imported beforehand, else nullptr. Fails with bad_certificate and unsupported_signature_algorithm or
/// bad_certificate_signature; with path_too_complex where no work is left.
Result<void> check_signature(const CertificateView& certificate, const CertificateView& issuer,
                             const crypto::VerifyingKey* key, Work& work);

/// What Profile::strict asks for beyond the rest (x509/profile.cc).
Result<Outcome> check_profile(const Place& place);

}  // namespace handfast::x509
