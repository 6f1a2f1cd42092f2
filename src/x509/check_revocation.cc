// Whether a certificate was revoked, as far as the policy asks and the sources say.
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "x509/access.h"
#include "x509/ask_crls.h"
#include "x509/checks.h"
#include "x509/name.h"
#include "x509/ocsp.h"
#include "x509/revocation.h"
#include "x509/signed.h"

namespace handfast::x509 {
namespace {

/// The certificate that is asked for: the one right below the place.
const CertificateView& below(const Place& place) noexcept { return **place.below.back(); }

constexpr std::string_view nobody_asked = "no OCSP response came with it, and no list is at hand";

Error about(const Place& place, Alert alert, Reason reason, const RevocationAnswer& answer) {
  Error error = Error(alert, reason).with("subject", name_text(below(place).subject));
  if (answer.evidence.empty()) error = std::move(error).with("problem", std::string(nobody_asked));
  for (const Fact& fact : answer.evidence) error = std::move(error).with(fact.name, fact.value);
  return error;
}

/// The OCSP response that came with the certificate; empty: none did.
Bytes staple(const Place& place) noexcept {
  const std::span<const Bytes> responses = place.request.revocation.ocsp_responses;
  const std::span<const Certificate> chain = place.request.chain;
  for (std::size_t i = 0; i < responses.size() && i < chain.size(); ++i)
    if (&chain[i] == place.below.back()) return responses[i];
  return {};
}

RevocationQuestion question_of(const Place& place) noexcept {
  return {.certificate = below(place),
          .issuer = place.view(),
          .issuer_key = place.key(),
          .chain = place.request.chain,
          .anchors = &place.request.anchors,
          .now = place.request.now,
          .policy = place.request.policy};
}

/// The lists that the policy asks, or nullptr.
const RevocationLists* lists_for(const Place& place) noexcept {
  const RevocationSources& sources = place.request.revocation;
  const bool asked = sources.policy == RevocationPolicy::prefer || sources.policy == RevocationPolicy::require;
  return asked ? sources.lists : nullptr;
}

Result<RevocationAnswer> ask_staple(const Place& place) {
  const Bytes response = staple(place);
  if (response.empty()) return RevocationAnswer{};
  return ask_ocsp(response, question_of(place), lists_for(place), *place.work);
}

Result<RevocationAnswer> ask_lists(const Place& place) {
  const RevocationLists* lists = lists_for(place);
  if (lists == nullptr) return RevocationAnswer{};
  return ask_crls(*lists, question_of(place), *place.work);
}

/// RFC 7633, section 4.2.3: a server that serves this certificate has to staple.
bool must_staple(const VerifyRequest& request, const CertificateView& leaf) noexcept {
  return !std::holds_alternative<ClientAuth>(request.purpose) && requires_staple(leaf);
}

void note(const Place& place, const RevocationAnswer& answer) {
  place.note("subject", [&] { return name_text(below(place).subject); });
  if (answer.evidence.empty()) place.note("problem", [] { return std::string(nobody_asked); });
  for (const Fact& fact : answer.evidence) place.note(fact.name, [&] { return fact.value; });
}

/// Whoever's key has signed a leaf, in the place above it: an authority, or one that was sent. Nothing else vouches for
/// it, but it is the issuer that the pinned certificate names and bears the signature of. Fails where no work is left.
Result<std::optional<Place>> signer_of(const Place& leaf, std::span<const Certificate* const> path) {
  std::vector<Place> candidates;
  const auto consider = [&](const Certificate& one, const TrustAnchors::Store::Entry* anchor) {
    if (one != leaf.certificate && equal_names(leaf.view().issuer, one->subject))
      candidates.push_back({leaf.request, one, path, anchor, leaf.work, {}, leaf.evidence});
  };
  for (const TrustAnchors::Store::Entry& entry : leaf.request.anchors.store().find(leaf.view().issuer))
    consider(entry.certificate, &entry);
  for (const Certificate& sent : leaf.request.chain) consider(sent, nullptr);
  for (const Place& candidate : candidates) {
    const Result<void> made =
        verify_signed(Signed(leaf.view()), candidate.view().public_key, candidate.key(), *leaf.work);
    if (made) return candidate;
    if (made.error().reason() == Reason::path_too_complex) return fail(made.error());
  }
  return std::nullopt;
}

}  // namespace

Result<CheckOutcome> check_revocation(const Place& place) {
  if (place.request.revocation.policy == RevocationPolicy::off) {
    place.note("because", [] { return "the policy is off"; });
    return CheckOutcome::not_made;
  }
  // A list that says revoked is not outdone by a response from before; so both are asked.
  const Result<RevocationAnswer> by_staple = ask_staple(place);
  const Result<RevocationAnswer> by_list = ask_lists(place);
  for (const Result<RevocationAnswer>* answer : {&by_staple, &by_list})
    if (*answer && (*answer)->status == RevocationStatus::revoked)
      return fail(about(place, Alert::certificate_revoked, Reason::certificate_revoked, **answer));
  for (const Result<RevocationAnswer>* answer : {&by_staple, &by_list})
    if (!*answer) return fail(answer->error());
  if (by_staple->status == RevocationStatus::unknown)
    return fail(about(place, Alert::bad_certificate_status_response, Reason::revocation_unknown, *by_staple));
  const bool is_of_leaf = place.below.size() == 1;
  if (by_staple->status != RevocationStatus::good && is_of_leaf && must_staple(place.request, below(place)))
    return fail(about(place, Alert::bad_certificate_status_response, Reason::missing_ocsp_response, *by_staple));
  for (const Result<RevocationAnswer>* answer : {&by_staple, &by_list})
    if ((*answer)->status == RevocationStatus::good) {
      note(place, **answer);
      return CheckOutcome::passed;
    }
  const RevocationAnswer& closest = by_list->evidence.empty() ? *by_staple : *by_list;
  if (place.request.revocation.policy == RevocationPolicy::require)
    return fail(about(place, Alert::certificate_unknown, Reason::revocation_unknown, closest));
  note(place, closest);
  return CheckOutcome::not_made;
}

Result<CheckOutcome> check_revocation_of_pinned(const Place& leaf) {
  const RevocationPolicy policy = leaf.request.revocation.policy;
  const Certificate* const path[] = {&leaf.certificate};
  if (policy != RevocationPolicy::off) {
    const Result<std::optional<Place>> issuer = signer_of(leaf, path);
    if (!issuer) return fail(issuer.error());
    if (*issuer) return check_revocation(**issuer);
  }
  if (policy == RevocationPolicy::off) {
    leaf.note("because", [] { return "the policy is off"; });
    return CheckOutcome::not_made;
  }
  const std::string_view problem = leaf.view().self_issued()
                                       ? "it is its own issuer, and nobody else could tell"
                                       : "its issuer, who could tell, is neither among what was sent nor trusted";
  const auto failed = [&](Alert alert, Reason reason) {
    return fail(
        Error(alert, reason).with("subject", name_text(leaf.view().subject)).with("problem", std::string(problem)));
  };
  if (must_staple(leaf.request, leaf.view()))
    return failed(Alert::bad_certificate_status_response, Reason::missing_ocsp_response);
  if (policy == RevocationPolicy::require) return failed(Alert::certificate_unknown, Reason::revocation_unknown);
  leaf.note("because", [&] { return std::string(problem); });
  return CheckOutcome::not_made;
}

}  // namespace handfast::x509
