#include "x509/checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "x509/access.h"
#include "x509/der.h"
#include "x509/describe.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"
#include "x509/policies.h"
#include "x509/signed.h"

namespace handfast::x509 {
namespace {

Error about(const CertificateView& certificate, Alert alert, Reason reason) {
  return Error(alert, reason).with("subject", name_text(certificate.subject));
}

Result<CheckOutcome> passed_if(Result<void> checked) {
  if (!checked) return fail(std::move(checked.error()));
  return CheckOutcome::passed;
}

bool is_leaf(const Place& place) noexcept { return place.below.empty(); }

Result<void> check_extensions(const CertificateView& certificate) {
  Bytes unknown = certificate.unknown_critical;
  if (unknown.empty()) return {};
  return fail(about(certificate, Alert::unsupported_certificate, Reason::unknown_critical_extension)
                  .with("oid", oid_text(unknown))
                  .with("extension", extension_name(unknown)));
}

Result<void> check_key(const CertificateView& certificate, const Policy& policy) {
  const SubjectPublicKeyInfo& key = certificate.public_key;
  if (!key.type) {
    Error error = about(certificate, Alert::unsupported_certificate, Reason::unsupported_certificate_key)
                      .with("algorithm", oid_text(key.algorithm.oid));
    const std::string_view needed = needed_for(key.algorithm.oid);
    return fail(needed.empty() ? std::move(error) : std::move(error).with("problem", std::string(needed)));
  }
  bool rsa = key.type == crypto::KeyType::rsa || key.type == crypto::KeyType::rsa_pss;
  if (!rsa || key.bits >= policy.minimum_rsa_bits) return {};
  return fail(about(certificate, Alert::bad_certificate, Reason::weak_key)
                  .with("bits", static_cast<std::int64_t>(key.bits))
                  .with("minimum", static_cast<std::int64_t>(policy.minimum_rsa_bits)));
}

Result<void> check_dates(const CertificateView& certificate, std::int64_t now) {
  if (now < certificate.not_before)
    return fail(about(certificate, Alert::certificate_expired, Reason::certificate_not_yet_valid)
                    .with("not_before", time_text(certificate.not_before))
                    .with("now", time_text(now)));
  if (now > certificate.not_after)
    return fail(about(certificate, Alert::certificate_expired, Reason::certificate_expired)
                    .with("not_after", time_text(certificate.not_after))
                    .with("now", time_text(now)));
  return {};
}

Result<CheckOutcome> check_critical_extensions(const Place& place) { return passed_if(check_extensions(place.view())); }

Result<CheckOutcome> check_key_strength(const Place& place) {
  if (place.view().public_key.type)
    place.note("bits", [&] { return static_cast<std::int64_t>(place.view().public_key.bits); });
  return passed_if(check_key(place.view(), place.request.policy));
}

Result<CheckOutcome> check_validity(const Place& place) {
  std::int64_t now = place.request.now;
  if (Result<void> checked = check_dates(place.view(), now); !checked) return fail(std::move(checked.error()));
  place.note("not_before", [&] { return time_text(place.view().not_before); });
  place.note("not_after", [&] { return time_text(place.view().not_after); });
  place.note("now", [&] { return time_text(now); });
  return CheckOutcome::passed;
}

Result<CheckOutcome> check_basic_constraints(const Place& place) {
  const CertificateView& view = place.view();
  if (is_leaf(place)) {
    // RFC 5280 does not forbid it, the web PKI does: a CA's key signs certificates and nothing else.
    if (view.is_ca()) return fail(about(place.view(), Alert::bad_certificate, Reason::ca_as_leaf));
    return CheckOutcome::passed;
  }
  // An anchor of version 1 or 2 has no way to say that it is a CA; that it was configured says it.
  bool silent_anchor = place.anchor != nullptr && view.version < 3;
  if (!view.is_ca() && !silent_anchor) return fail(about(place.view(), Alert::bad_certificate, Reason::not_a_ca));
  return CheckOutcome::passed;
}

/// Self-issued certificates are not counted, except the leaf, which never is (RFC 5280, section 4.2.1.9).
Result<CheckOutcome> check_path_length(const Place& place) {
  const std::optional<BasicConstraints>& constraints = place.view().basic_constraints;
  if (!constraints || !constraints->path_len_constraint) return CheckOutcome::passed;
  auto counted =
      std::ranges::count_if(place.below.subspan(1), [](const Certificate* below) { return !(*below)->self_issued(); });
  if (std::cmp_less_equal(counted, *constraints->path_len_constraint)) return CheckOutcome::passed;
  return fail(about(place.view(), Alert::bad_certificate, Reason::path_length_exceeded)
                  .with("limit", static_cast<std::int64_t>(*constraints->path_len_constraint))
                  .with("found", static_cast<std::int64_t>(counted)));
}

/// What a key of ML-DSA, which only signs, must not be said to be for (RFC 9881, section 5).
constexpr KeyUsage no_signatures = KeyUsage::keyEncipherment | KeyUsage::dataEncipherment | KeyUsage::keyAgreement |
                                   KeyUsage::encipherOnly | KeyUsage::decipherOnly;

/// An absent keyUsage allows everything (RFC 5280, section 4.2.1.3).
Result<CheckOutcome> check_key_usage(const Place& place) {
  const std::optional<crypto::KeyType> type = place.view().public_key.type;
  if (type && crypto::is_mldsa(*type) && place.view().key_usage && contains(*place.view().key_usage, no_signatures))
    return fail(about(place.view(), Alert::unsupported_certificate, Reason::wrong_key_usage)
                    .with("required", "signatures alone (RFC 9881, section 5)"));
  const KeyUsage required = is_leaf(place) ? place.request.policy.leaf_usage : KeyUsage::keyCertSign;
  if (!place.view().key_usage || contains(*place.view().key_usage, required)) return CheckOutcome::passed;
  return fail(about(place.view(), Alert::unsupported_certificate, Reason::wrong_key_usage)
                  .with("required", key_usages(required).front()));
}

bool is_server(const Place& place) noexcept { return !std::holds_alternative<ClientAuth>(place.request.purpose); }

/// On issuers too: their purposes bound those of what they sign, as everybody implements it (RFC 5280 is silent).
Result<CheckOutcome> check_extended_key_usage(const Place& place) {
  if (!place.view().extended_key_usage) return CheckOutcome::passed;
  Bytes required = is_server(place) ? Bytes(oid::id_kp_serverAuth) : Bytes(oid::id_kp_clientAuth);
  der::Reader reader(*place.view().extended_key_usage);
  while (!reader.empty()) {
    Bytes purpose = reader.object_identifier();
    if (oid::equal(purpose, required) || oid::equal(purpose, oid::anyExtendedKeyUsage)) return CheckOutcome::passed;
  }
  constexpr std::size_t told = 8;
  std::vector<std::string> allowed = purposes(place.view());
  if (allowed.size() > told) allowed.resize(told);
  return fail(about(place.view(), Alert::unsupported_certificate, Reason::wrong_extended_key_usage)
                  .with("required", is_server(place) ? "serverAuth" : "clientAuth")
                  .with("allowed", std::move(allowed)));
}

/// Self-issued certificates are exempt, except the leaf (RFC 5280, section 6.1.3 (b)).
Result<CheckOutcome> check_constraints_of(const Place& place) {
  if (!place.view().name_constraints) return CheckOutcome::passed;
  for (const Certificate* below : place.below) {
    bool leaf = below == place.below.front();
    if (!leaf && (*below)->self_issued()) continue;
    Result<void> checked =
        check_name_constraints(*place.view().name_constraints, **below, place.work->name_comparisons);
    if (!checked) return fail(std::move(checked.error()));
  }
  return CheckOutcome::passed;
}

/// Each certificate has the features of its issuer, so that those of a CA reach the leaf (RFC 7633, section 4.2.2).
Result<CheckOutcome> check_tls_features(const Place& place) {
  if (!place.view().tls_feature) return CheckOutcome::passed;
  const CertificateView& below = **place.below.back();
  der::Reader features(*place.view().tls_feature);
  while (!features.empty()) {
    const auto feature = static_cast<ExtensionType>(features.small_integer());
    if (!has_tls_feature(below, feature))
      return fail(Error(Alert::bad_certificate, Reason::missing_tls_feature)
                      .with("subject", name_text(below.subject))
                      .with("issuer", name_text(place.view().subject))
                      .with("feature", name(feature)));
    place.note("feature", [&] { return name(feature); });
  }
  return CheckOutcome::passed;
}

Result<CheckOutcome> check_anchor_scope(const Place& place) {
  if (place.anchor == nullptr || place.anchor->vouches_for(server_of(place.request))) return CheckOutcome::passed;
  return fail(not_accepted(*place.anchor, place.request, place.below));
}

Result<CheckOutcome> check_certificate_policies(const Place& place) {
  return passed_if(check_policies(place.path, place.request.policy.certificate_policies));
}

/// Of a whole path, whose anchor vouches for the server.
Result<CheckOutcome> check_key_pins(const Place& place) {
  if (place.anchor->accepts(server_of(place.request), place.below)) return CheckOutcome::passed;
  return fail(not_accepted(*place.anchor, place.request, place.below));
}

Result<CheckOutcome> check_server_name(const Place& place) {
  const ServerName* server = server_of(place.request);
  if (server == nullptr) {
    place.note("because", [] { return "no name was asked for"; });
    return CheckOutcome::not_made;
  }
  if (matches(place.view(), *server)) {
    place.note("expected", [&] { return server->text(); });
    place.note("found", [&] { return tls_names(place.view()); });
    return CheckOutcome::passed;
  }
  std::vector<std::string> names = tls_names(place.view());
  Reason reason = names.empty() ? Reason::no_subject_alt_name : Reason::name_mismatch;
  return fail(about(place.view(), Alert::bad_certificate, reason)
                  .with("expected", server->text())
                  .with("found", std::move(names)));
}

Result<CheckOutcome> check_signature_below(const Place& place) {
  const CertificateView& below = **place.below.back();
  Result<void> checked = check_certified(below, place.view(), place.key(), place.request.policy, *place.work);
  if (!checked) return fail(std::move(checked.error()));
  place.note("subject", [&] { return name_text(below.subject); });
  place.note("issuer", [&] { return name_text(place.view().subject); });
  return CheckOutcome::passed;
}

}  // namespace

void Place::add_fact(std::string_view name, Fact::Value value) const { evidence->push_back({name, std::move(value)}); }

std::span<const CheckRow> leaf_checks() noexcept {
  static constexpr CheckRow rows[] = {
      {CheckKind::critical_extensions, check_critical_extensions},
      {CheckKind::profile, check_profile},
      {CheckKind::key_strength, check_key_strength},
      {CheckKind::validity, check_validity},
      {CheckKind::basic_constraints, check_basic_constraints},
      {CheckKind::key_usage, check_key_usage},
      {CheckKind::extended_key_usage, check_extended_key_usage},
      {CheckKind::server_name, check_server_name},
  };
  return rows;
}

std::span<const CheckRow> issuer_checks() noexcept {
  static constexpr CheckRow rows[] = {
      {CheckKind::critical_extensions, check_critical_extensions},
      {CheckKind::profile, check_profile},
      {CheckKind::key_strength, check_key_strength},
      {CheckKind::validity, check_validity},
      {CheckKind::basic_constraints, check_basic_constraints},
      {CheckKind::path_length, check_path_length},
      {CheckKind::key_usage, check_key_usage},
      {CheckKind::extended_key_usage, check_extended_key_usage},
      {CheckKind::anchor_scope, check_anchor_scope},
      {CheckKind::name_constraints, check_constraints_of},
      {CheckKind::tls_features, check_tls_features},
      {CheckKind::signature, check_signature_below},
      {CheckKind::revocation, check_revocation},
  };
  return rows;
}

std::span<const CheckRow> path_checks() noexcept {
  static constexpr CheckRow rows[] = {
      {CheckKind::policies, check_certificate_policies},
      {CheckKind::key_pin, check_key_pins},
  };
  return rows;
}

Result<void> check_speaker(const CertificateView& speaker, const Policy& policy, std::int64_t now) {
  if (Result<void> checked = check_extensions(speaker); !checked) return checked;
  if (Result<void> checked = check_key(speaker, policy); !checked) return checked;
  return check_dates(speaker, now);
}

Result<void> check_certified(const CertificateView& certificate, const CertificateView& issuer,
                             const crypto::VerifyingKey* issuer_key, const Policy& policy, Work& work) {
  const auto algorithm = accepted_algorithm(certificate.signature_algorithm);
  const std::span<const SignatureScheme> schemes = policy.signature_schemes;
  if (!algorithm || (!schemes.empty() && !crypto::accepts(schemes, *algorithm)))
    return fail(about(certificate, Alert::bad_certificate, Reason::unsupported_signature_algorithm)
                    .with("algorithm", signature_name(certificate.signature_algorithm)));
  Result<void> checked = verify_signed(Signed(certificate), issuer.public_key, issuer_key, work);
  if (checked || checked.error().reason() != Reason::bad_certificate_signature) return checked;
  return fail(std::move(checked.error())
                  .with("subject", name_text(certificate.subject))
                  .with("issuer", name_text(certificate.issuer)));
}

const ServerName* server_of(const VerifyRequest& request) noexcept {
  const ServerAuth* server = std::get_if<ServerAuth>(&request.purpose);
  return server == nullptr ? nullptr : &server->name;
}

Error not_accepted(const TrustAnchors::Store::Entry& entry, const VerifyRequest& request,
                   TrustAnchors::Store::Path below) {
  const ServerName* server = server_of(request);
  if (!entry.vouches_for(server))
    return Error(Alert::unknown_ca, Reason::anchor_not_for_name)
        .with("subject", name_text(entry.certificate->subject))
        .with("allowed", entry.allowed())
        .with("expected", server == nullptr ? std::string("no name") : server->text());
  return Error(Alert::bad_certificate, Reason::pin_mismatch)
      .with("pins", entry.pins(server))
      .with("found", entry.found(below));
}

std::span<const CheckRow> pinned_checks() noexcept {
  static constexpr CheckRow rows[] = {
      {CheckKind::key_strength, check_key_strength},
      {CheckKind::validity, check_validity},
      {CheckKind::revocation, check_revocation_of_pinned},
  };
  return rows;
}

}  // namespace handfast::x509
