#include "x509/checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"

namespace handfast::x509 {
namespace {

Error about(const Place& place, Alert alert, Reason reason) {
  return Error(alert, reason).with("subject", name_text(place.view().subject));
}

bool is_leaf(const Place& place) noexcept { return place.below.empty(); }

Result<Outcome> check_critical_extensions(const Place& place) {
  Bytes unknown = place.view().unknown_critical;
  if (unknown.empty()) return Outcome::passed;
  return fail(about(place, Alert::unsupported_certificate, Reason::unknown_critical_extension)
                  .with("oid", oid_text(unknown))
                  .with("extension", extension_name(unknown)));
}

Result<Outcome> check_key_strength(const Place& place) {
  const SubjectPublicKeyInfo& key = place.view().public_key;
  if (!key.type)
    return fail(about(place, Alert::unsupported_certificate, Reason::unsupported_certificate_key)
                    .with("algorithm", oid_text(key.algorithm.oid)));
  bool rsa = key.type == crypto::KeyType::rsa || key.type == crypto::KeyType::rsa_pss;
  if (!rsa || key.bits >= place.request.policy.minimum_rsa_bits) return Outcome::passed;
  return fail(about(place, Alert::bad_certificate, Reason::weak_key)
                  .with("bits", static_cast<std::int64_t>(key.bits))
                  .with("minimum", static_cast<std::int64_t>(place.request.policy.minimum_rsa_bits)));
}

Result<Outcome> check_validity(const Place& place) {
  std::int64_t now = place.request.now;
  if (now < place.view().not_before)
    return fail(about(place, Alert::certificate_expired, Reason::certificate_not_yet_valid)
                    .with("not_before", time_text(place.view().not_before))
                    .with("now", time_text(now)));
  if (now > place.view().not_after)
    return fail(about(place, Alert::certificate_expired, Reason::certificate_expired)
                    .with("not_after", time_text(place.view().not_after))
                    .with("now", time_text(now)));
  return Outcome::passed;
}

Result<Outcome> check_basic_constraints(const Place& place) {
  const CertificateView& view = place.view();
  if (is_leaf(place)) {
    // RFC 5280 does not forbid it, the web PKI does: a CA's key signs certificates and nothing else.
    if (view.is_ca()) return fail(about(place, Alert::bad_certificate, Reason::ca_as_leaf));
    return Outcome::passed;
  }
  // An anchor of version 1 or 2 has no way to say that it is a CA; that it was configured says it.
  bool silent_anchor = place.anchor != nullptr && view.version < 3;
  if (!view.is_ca() && !silent_anchor) return fail(about(place, Alert::bad_certificate, Reason::not_a_ca));
  return Outcome::passed;
}

/// Self-issued certificates are not counted, except the leaf, which never is (RFC 5280, section 4.2.1.9).
Result<Outcome> check_path_length(const Place& place) {
  const std::optional<BasicConstraints>& constraints = place.view().basic_constraints;
  if (!constraints || !constraints->path_len_constraint) return Outcome::passed;
  auto counted =
      std::ranges::count_if(place.below.subspan(1), [](const Certificate* below) { return !(*below)->self_issued(); });
  if (std::cmp_less_equal(counted, *constraints->path_len_constraint)) return Outcome::passed;
  return fail(about(place, Alert::bad_certificate, Reason::path_length_exceeded)
                  .with("limit", static_cast<std::int64_t>(*constraints->path_len_constraint))
                  .with("found", static_cast<std::int64_t>(counted)));
}

/// An absent keyUsage allows everything (RFC 5280, section 4.2.1.3). TLS 1.3 signs with the leaf's key, always
/// (RFC 8446, section 4.4.2.2).
Result<Outcome> check_key_usage(const Place& place) {
  KeyUsage required = is_leaf(place) ? KeyUsage::digitalSignature : KeyUsage::keyCertSign;
  if (!place.view().key_usage || contains(*place.view().key_usage, required)) return Outcome::passed;
  return fail(about(place, Alert::unsupported_certificate, Reason::wrong_key_usage)
                  .with("required", is_leaf(place) ? "digitalSignature" : "keyCertSign"));
}

bool is_server(const Place& place) noexcept { return !std::holds_alternative<ClientAuth>(place.request.purpose); }

/// On issuers too: their purposes bound those of what they sign, as everybody implements it (RFC 5280 is silent).
Result<Outcome> check_extended_key_usage(const Place& place) {
  if (!place.view().extended_key_usage) return Outcome::passed;
  Bytes required = is_server(place) ? Bytes(oid::id_kp_serverAuth) : Bytes(oid::id_kp_clientAuth);
  der::Reader purposes(*place.view().extended_key_usage);
  while (!purposes.empty()) {
    Bytes purpose = purposes.object_identifier();
    if (oid::equal(purpose, required) || oid::equal(purpose, oid::anyExtendedKeyUsage)) return Outcome::passed;
  }
  return fail(about(place, Alert::unsupported_certificate, Reason::wrong_extended_key_usage)
                  .with("required", is_server(place) ? "serverAuth" : "clientAuth"));
}

/// Self-issued certificates are exempt, except the leaf (RFC 5280, section 6.1.3 (b)).
Result<Outcome> check_constraints_of(const Place& place) {
  if (!place.view().name_constraints) return Outcome::passed;
  for (const Certificate* below : place.below) {
    bool leaf = below == place.below.front();
    if (!leaf && (*below)->self_issued()) continue;
    Result<void> checked = check_name_constraints(*place.view().name_constraints, **below, place.work.name_comparisons);
    if (!checked) return fail(std::move(checked.error()));
  }
  return Outcome::passed;
}

Result<Outcome> check_server_name(const Place& place) {
  const ServerAuth* server = std::get_if<ServerAuth>(&place.request.purpose);
  if (server == nullptr) return Outcome::not_made;
  if (matches(place.view(), server->name)) return Outcome::passed;
  std::vector<std::string> names = tls_names(place.view());
  Reason reason = names.empty() ? Reason::no_subject_alt_name : Reason::name_mismatch;
  return fail(about(place, Alert::bad_certificate, reason)
                  .with("expected", server->name.text())
                  .with("found", std::move(names)));
}

Result<Outcome> check_signature_below(const Place& place) {
  const CertificateView& below = **place.below.back();
  const std::span<const SignatureScheme> accepted = place.request.policy.signature_schemes;
  const auto algorithm = signature_algorithm(below.signature_algorithm);
  if (!accepted.empty() && algorithm && !crypto::accepts(accepted, *algorithm))
    return fail(Error(Alert::bad_certificate, Reason::unsupported_signature_algorithm)
                    .with("subject", name_text(below.subject))
                    .with("algorithm", oid_text(below.signature_algorithm.oid)));
  Result<void> checked = check_signature(**place.below.back(), place.view(), place.key(), place.work);
  if (!checked) return fail(std::move(checked.error()));
  return Outcome::passed;
}

}  // namespace

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
      {CheckKind::name_constraints, check_constraints_of},
      {CheckKind::signature, check_signature_below},
  };
  return rows;
}

std::span<const CheckRow> pinned_checks() noexcept {
  static constexpr CheckRow rows[] = {
      {CheckKind::key_strength, check_key_strength},
      {CheckKind::validity, check_validity},
  };
  return rows;
}

std::vector<Fact> facts(CheckKind kind, const Place& place) {
  const CertificateView& view = place.view();
  switch (kind) {
    case CheckKind::key_strength: return {{"bits", static_cast<std::int64_t>(view.public_key.bits)}};
    case CheckKind::validity:
      return {{"not_before", time_text(view.not_before)},
              {"not_after", time_text(view.not_after)},
              {"now", time_text(place.request.now)}};
    case CheckKind::server_name:
      if (const ServerAuth* server = std::get_if<ServerAuth>(&place.request.purpose))
        return {{"expected", server->name.text()}, {"found", tls_names(view)}};
      return {};
    case CheckKind::signature:
      return {{"subject", name_text((*place.below.back())->subject)}, {"issuer", name_text(view.subject)}};
    default: return {};
  }
}

Result<void> check_signature(const CertificateView& certificate, const CertificateView& issuer,
                             const crypto::VerifyingKey* key, Work& work) {
  std::optional<crypto::SignatureAlgorithm> algorithm = signature_algorithm(certificate.signature_algorithm);
  // MD5 and SHA-1 are refused with bad_certificate (RFC 8446, section 4.4.2.4).
  bool sha1 =
      algorithm && algorithm->kind != crypto::SignatureKind::ed25519 && algorithm->hash == crypto::HashAlgorithm::sha1;
  if (!algorithm || sha1)
    return fail(Error(Alert::bad_certificate, Reason::unsupported_signature_algorithm)
                    .with("subject", name_text(certificate.subject))
                    .with("algorithm", oid_text(certificate.signature_algorithm.oid)));
  if (work.signatures == 0) return fail(Error(Alert::unknown_ca, Reason::path_too_complex).with("limit", "signatures"));
  --work.signatures;
  std::optional<crypto::VerifyingKey> imported;
  if (key == nullptr) {
    Result<crypto::VerifyingKey> result = import_key(issuer.public_key);
    if (!result) return fail(std::move(result.error()));
    key = &imported.emplace(*std::move(result));
  }
  if (key->verify(*algorithm, certificate.tbs, certificate.signature)) return {};
  return fail(Error(Alert::bad_certificate, Reason::bad_certificate_signature)
                  .with("subject", name_text(certificate.subject))
                  .with("issuer", name_text(certificate.issuer)));
}

}  // namespace handfast::x509
