// Whose lists count for a certificate (RFC 5280, section 6.3.3 (f)): its issuer's, and those of whom others vouch for.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <handfast/revocation_lists.h>

#include "crypto/signature.h"
#include "x509/certificate.h"
#include "x509/checks.h"
#include "x509/revocation.h"
#include "x509/revocation_lists.h"

namespace handfast::x509 {

/// Somebody who signs lists or certificates.
struct Authority {
  const CertificateView* certificate;
  const crypto::VerifyingKey* key;  ///< its key, where it was imported beforehand, else nullptr
  bool is_anchor;
};

/// Of one question. What was found out about a signer is kept for the next list.
class CrlSigners {
 public:
  CrlSigners(const RevocationLists& lists, const RevocationQuestion& question, Work& work) noexcept
      : lists_(lists), question_(question), work_(work), issuer_{&question.issuer, question.issuer_key, false} {}

  /// Who has signed the list, if that one may. The issuer may if its certificate says so; whether it stands on a valid
  /// path is for others to find out.
  std::optional<Authority> signer_of(const SignedCrl& list);
  /// Whether one who may sign lists has signed that one; then that is remembered. Key identifiers that contradict it
  /// (RFC 5280, section 5.2.1) are not proof, since some CAs confuse theirs; but lists of another key can be many, so
  /// that only a few of these are tried.
  bool has_signed(const Authority& signer, const SignedCrl& list);
  /// Whether the list says by its key identifier that another key than the issuer's has signed it.
  bool is_by_another_key(const SignedCrl& list) const noexcept;

 private:
  bool is_vouched_for(const Authority& signer);
  bool find_voucher(const Authority& signer);
  bool is_below_an_anchor(const Authority& below, std::size_t steps);
  bool may_certify(const Authority& authority) const;
  bool has_certified(const Authority& authority, const Authority& below);
  bool is_revoked(const Authority& below, const Authority& authority);
  std::vector<Authority> known_as(Bytes subject) const;

  const RevocationLists& lists_;
  const RevocationQuestion& question_;
  Work& work_;
  Authority issuer_;
  std::size_t doubts_ = 0;  ///< lists that were tried although they contradict
  std::vector<std::pair<const CertificateView*, bool>> vouched_for_;
};

}  // namespace handfast::x509
