#include "x509/revocation_lists.h"

#include <algorithm>
#include <utility>

#include "x509/distribution_point.h"
#include "x509/name.h"
#include "x509/signed.h"

namespace handfast::x509 {
namespace {

/// Ed25519 and ML-DSA hash the whole list with each key: what that costs is counted as so many signatures.
constexpr std::size_t octets_per_signature = 64 << 10;

}  // namespace

SignedCrl::SignedCrl(Crl crl)
    : crl_(std::move(crl)),
      issuer_hash_(hash_name(crl_->issuer)),
      algorithm_(accepted_algorithm(crl_->signature_algorithm)) {
  if (algorithm_ && crypto::signs_digest(algorithm_->kind)) digest_ = crypto::Hash::of(algorithm_->hash, crl_->tbs);
  if (crl_->issuing_distribution_point && !crl_->issuing_distribution_point->name.empty())
    served_points_ = full_name(crl_->issuing_distribution_point->name, crl_->issuer);
}

bool SignedCrl::signed_by(const SubjectPublicKeyInfo& key, const crypto::VerifyingKey* imported, Work& work) const {
  if (!algorithm_) return false;
  if (imported != nullptr) return verify(*imported, work);
  const Result<crypto::VerifyingKey> made = import_key(key);
  return made && verify(*made, work);
}

void SignedCrl::remember(const SubjectPublicKeyInfo& key) const {
  const std::lock_guard lock(signer_->mutex);
  signer_->public_key_info.assign(key.der.begin(), key.der.end());
}

bool SignedCrl::is_remembered(const SubjectPublicKeyInfo& key) const {
  const std::lock_guard lock(signer_->mutex);
  return std::ranges::equal(signer_->public_key_info, key.der);
}

bool SignedCrl::verify(const crypto::VerifyingKey& key, Work& work) const {
  const bool whole = !crypto::signs_digest(algorithm_->kind);
  const std::size_t cost = 1 + (whole ? crl_->tbs.size() / octets_per_signature : 0);
  if (work.signatures < cost) {
    work.signatures = 0;
    return false;
  }
  work.signatures -= cost;
  return whole ? key.verify(*algorithm_, crl_->tbs, crl_->signature)
               : key.verify_digest(*algorithm_, digest_.view(), crl_->signature);
}

}  // namespace handfast::x509

namespace handfast {
RevocationLists::Store::Store(std::vector<x509::Crl> lists) {
  lists_.reserve(lists.size());
  for (x509::Crl& list : lists) lists_.emplace_back(std::move(list));
  std::ranges::sort(lists_, [](const x509::SignedCrl& a, const x509::SignedCrl& b) {
    const x509::CrlView& one = a.view();
    const x509::CrlView& other = b.view();
    if (a.issuer_hash_ != b.issuer_hash_) return a.issuer_hash_ < b.issuer_hash_;
    if (one.this_update != other.this_update) return one.this_update > other.this_update;
    if (x509::is_lower_number(other.crl_number, one.crl_number)) return true;
    if (x509::is_lower_number(one.crl_number, other.crl_number)) return false;
    return as_text(one.der) < as_text(other.der);
  });
  // Directories of hashed links are full of doubles.
  const auto doubles = std::ranges::unique(lists_, [](const x509::SignedCrl& a, const x509::SignedCrl& b) {
    return std::ranges::equal(a.view().der, b.view().der);
  });
  lists_.erase(doubles.begin(), doubles.end());
}

std::span<const x509::SignedCrl> RevocationLists::Store::find(Bytes issuer) const noexcept {
  return std::ranges::equal_range(lists_, x509::hash_name(issuer), {}, &x509::SignedCrl::issuer_hash_);
}

}  // namespace handfast
