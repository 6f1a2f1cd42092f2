// What RevocationLists holds: CRLs, found by issuer, and what is known of who signed them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <handfast/revocation_lists.h>

#include "crypto/hash.h"
#include "crypto/signature.h"
#include "x509/checks.h"
#include "x509/crl.h"

namespace handfast::x509 {

/// A CRL that can be asked again and again whether a key has signed it, from several threads.
class SignedCrl {
 public:
  explicit SignedCrl(Crl crl);

  const Crl& list() const noexcept { return crl_; }
  const CrlView& view() const noexcept { return *crl_; }
  /// The name in its issuingDistributionPoint, in full: the content of GeneralNames, empty where there is none.
  Bytes served_points() const noexcept { return served_points_; }

  /// Whether it was signed with that key; `imported` is the same key where it was imported beforehand, else nullptr.
  /// Costs one of `work.signatures`, whatever the list's length (with Ed25519 and ML-DSA one for each 64 KiB). False
  /// too for an algorithm that is not accepted (SHA-1), and where no work is left.
  bool signed_by(const SubjectPublicKeyInfo& key, const crypto::VerifyingKey* imported, Work& work) const;

  /// Of a key that has signed it, and may. It takes the place of another: to make a key for a signature that is there
  /// is easy, so that a peer may have brought one for which nobody vouches in the end.
  void remember(const SubjectPublicKeyInfo& key) const;
  bool is_remembered(const SubjectPublicKeyInfo& key) const;

 private:
  struct Signer {
    std::mutex mutex;
    Buffer public_key_info;  ///< empty where none is remembered
  };
  bool verify(const crypto::VerifyingKey& key, Work& work) const;

  Crl crl_;
  std::uint64_t issuer_hash_;
  Buffer served_points_;
  std::optional<crypto::SignatureAlgorithm> algorithm_;
  crypto::Digest digest_;  ///< of what is signed; empty where it is signed as a whole
  std::unique_ptr<Signer> signer_ = std::make_unique<Signer>();
  friend RevocationLists::Store;
};

}  // namespace handfast::x509

namespace handfast {

class RevocationLists::Store {
 public:
  explicit Store(std::vector<x509::Crl> lists);

  /// Those whose issuer may be that Name (hashes can collide), the newest first: by thisUpdate, then by CRL number.
  std::span<const x509::SignedCrl> find(Bytes issuer) const noexcept;
  std::size_t size() const noexcept { return lists_.size(); }

 private:
  std::vector<x509::SignedCrl> lists_;  ///< in the order of their issuers' hashes, none twice
};

}  // namespace handfast
