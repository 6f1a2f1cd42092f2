#include "x509/crl_signers.h"

#include <algorithm>

#include "x509/ask_crls.h"
#include "x509/der.h"
#include "x509/name.h"

namespace handfast::x509 {
namespace {

/// As many intermediates as a path may have by default.
constexpr std::size_t max_steps = 8;
/// More lists than this that contradict by their key identifier are not tried: a CA that confuses its own publishes
/// few.
constexpr std::size_t max_doubts = 8;

/// An absent keyUsage allows a CA everything (RFC 5280, section 4.2.1.3).
bool may_sign_crls(const CertificateView& certificate) noexcept {
  if (certificate.key_usage) return contains(*certificate.key_usage, KeyUsage::cRLSign);
  return certificate.is_ca() || certificate.version < 3;
}

bool says_another_key(const CrlView& list, const CertificateView& signer) noexcept {
  der::Reader identifier(list.authority_key_identifier.value_or(Bytes{}));
  const Bytes key = identifier.enter(der::Tag::sequence).take(der::context(0));
  return signer.subject_key_identifier && !key.empty() && !std::ranges::equal(key, *signer.subject_key_identifier);
}

bool is_same(Bytes a, Bytes b) noexcept { return std::ranges::equal(a, b); }

}  // namespace

std::optional<Authority> CrlSigners::signer_of(const SignedCrl& list) {
  const CertificateView& issuer = question_.issuer;
  if (equal_names(issuer.subject, list.view().issuer) && may_sign_crls(issuer) && has_signed(issuer_, list))
    return issuer_;
  for (const Authority& other : known_as(list.view().issuer))
    if (!is_same(other.certificate->der, issuer.der) && may_sign_crls(*other.certificate) && is_vouched_for(other) &&
        has_signed(other, list))
      return other;
  return {};
}

bool CrlSigners::has_signed(const Authority& signer, const SignedCrl& list) {
  const SubjectPublicKeyInfo& key = signer.certificate->public_key;
  if (list.is_remembered(key)) return true;
  if (says_another_key(list.view(), *signer.certificate) && ++doubts_ > max_doubts) return false;
  if (!list.signed_by(key, signer.key, work_)) return false;
  list.remember(key);
  return true;
}

bool CrlSigners::is_by_another_key(const SignedCrl& list) const noexcept {
  return says_another_key(list.view(), question_.issuer);
}

bool CrlSigners::is_vouched_for(const Authority& signer) {
  for (const auto& [known, is_good] : vouched_for_)
    if (known == signer.certificate) return is_good;
  return vouched_for_.emplace_back(signer.certificate, find_voucher(signer)).second;
}

/// Section 6.3.3 (f) wants a path of its own to the same anchor. That it is the same one, two keys prove: the signer
/// was certified by the issuer, or has certified it, or one key has certified both. Anybody can write a name and a key
/// into a certificate that allows more than the real one, so whoever vouches must be below an anchor by signatures.
bool CrlSigners::find_voucher(const Authority& signer) {
  if (!check_speaker(*signer.certificate, question_.policy, question_.now)) return false;
  if (has_certified(issuer_, signer)) return !is_revoked(signer, issuer_);
  if (has_certified(signer, issuer_)) return is_below_an_anchor(signer, max_steps);
  for (const Authority& parent : known_as(question_.issuer.issuer))
    if (may_certify(parent) && has_certified(parent, signer) && has_certified(parent, issuer_) &&
        is_below_an_anchor(parent, max_steps) && !is_revoked(signer, parent))
      return true;
  return false;
}

/// Whether signatures of known CAs, none of them revoked by the next, lead up to an anchor. Each step costs at least
/// one of `work_.signatures`, so that certificates that go in circles come to an end.
bool CrlSigners::is_below_an_anchor(const Authority& below, std::size_t steps) {
  if (below.is_anchor) return true;
  if (steps == 0) return false;
  for (const Authority& authority : known_as(below.certificate->issuer)) {
    // A key that vouches for itself says nothing.
    if (is_same(authority.certificate->public_key.der, below.certificate->public_key.der)) continue;
    if (may_certify(authority) && has_certified(authority, below) && is_below_an_anchor(authority, steps - 1) &&
        !is_revoked(below, authority))
      return true;
  }
  return false;
}

/// As the checks of a path ask of an issuer. An anchor of version 1 has no way to say that it is a CA.
bool CrlSigners::may_certify(const Authority& authority) const {
  const CertificateView& certificate = *authority.certificate;
  const bool is_ca = certificate.is_ca() || (authority.is_anchor && certificate.version < 3);
  return is_ca && (!certificate.key_usage || contains(*certificate.key_usage, KeyUsage::keyCertSign)) &&
         check_speaker(certificate, question_.policy, question_.now);
}

bool CrlSigners::has_certified(const Authority& authority, const Authority& below) {
  return equal_names(authority.certificate->subject, below.certificate->issuer) &&
         check_certified(*below.certificate, *authority.certificate, authority.key, question_.policy, work_);
}

/// By lists that the authority has signed itself, so that this ends.
bool CrlSigners::is_revoked(const Authority& below, const Authority& authority) {
  const RevocationQuestion question{*below.certificate, *authority.certificate, authority.key, {}, nullptr,
                                    question_.now,      question_.policy};
  const Result<RevocationAnswer> answer = ask_crls(lists_, question, work_);
  return !answer || answer->status == RevocationStatus::revoked;
}

/// Anchors first: they are the shortest way.
std::vector<Authority> CrlSigners::known_as(Bytes subject) const {
  std::vector<Authority> known;
  if (question_.anchors != nullptr)
    for (const TrustAnchors::Store::Entry& entry : question_.anchors->store().find(subject))
      if (equal_names(entry.certificate->subject, subject))
        known.push_back({&*entry.certificate, entry.key.get(), true});
  for (const Certificate& sent : question_.chain) {
    const bool is_known =
        std::ranges::any_of(known, [&](const Authority& other) { return is_same(other.certificate->der, sent.der()); });
    if (!is_known && equal_names(sent->subject, subject)) known.push_back({&*sent, nullptr, false});
  }
  return known;
}

}  // namespace handfast::x509
