// A certificate revocation list, parsed once, in place, and found through by serial number (RFC 5280, section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "x509/certificate.h"
#include "x509/distribution_point.h"
#include "x509/revocation.h"

namespace handfast::x509 {

/// A longer CRL is refused. The longest that are published have about forty MiB.
inline constexpr std::size_t max_crl_size = 256 << 20;
/// More entries than this whose issuer and serial number can't be told apart by a 32-bit hash are refused: a million
/// honest ones have two or three.
inline constexpr std::size_t max_equal_entries = 16;

/// The content of a CRL: views into the DER that it was parsed from. Nothing has been verified.
struct CrlView {
  Bytes der;
  Bytes tbs;                                ///< tbsCertList: what is signed
  unsigned version = 1;                     ///< 1 or 2
  AlgorithmIdentifier signature_algorithm;  ///< inside and outside are equal
  Bytes signature;
  Bytes issuer;                             ///< a Name, the whole SEQUENCE
  std::int64_t this_update = 0;             ///< seconds since 1970
  std::optional<std::int64_t> next_update;  ///< likewise; X.509 lets it be absent, RFC 5280 does not
  Bytes revoked_certificates;               ///< the content: iterate with `read_crl_entry`

  std::optional<Bytes> authority_key_identifier;  ///< the whole value
  Bytes crl_number;                               ///< an INTEGER, not negative, without leading zeros; empty: absent
  /// BaseCRLNumber of a delta CRL, likewise; nullopt: the list is complete for its scope.
  std::optional<Bytes> delta_crl_indicator;
  std::optional<IssuingDistributionPoint> issuing_distribution_point;
  /// The OID of the first critical extension, of the list or of an entry, that is not processed, or empty. Such a list
  /// must not be used (RFC 5280, sections 5.2 and 5.3).
  Bytes unknown_critical;
};

/// One of revokedCertificates.
struct CrlEntry {
  Bytes serial_number;  ///< two's complement
  std::int64_t revocation_date = 0;
  CRLReason reason = CRLReason::unspecified;
  std::optional<std::int64_t> invalidity_date;
  Bytes extensions;          ///< crlEntryExtensions: the content, empty where there are none
  Bytes certificate_issuer;  ///< a Name; empty: that of the entry before, at first that of the CRL
  Bytes unknown_critical;    ///< as in CrlView
};

/// Reads the next entry of `CrlView::revoked_certificates` and advances `rest`; false where none is left or it is
/// malformed. The entries of a Crl are all well-formed.
bool read_crl_entry(Bytes& rest, CrlEntry& out) noexcept;

/// Whether one CRL number is below another (RFC 5280, section 5.2.3); an absent one is below all.
bool is_lower_number(Bytes a, Bytes b) noexcept;

/// A CRL that owns its DER, and an index of its entries: eight bytes each.
class Crl {
 public:
  /// Fails with internal_error, since no peer sends one: bad_crl, evidence `field` (the RFC's name).
  static Result<Crl> parse(Buffer der);
  Crl(Crl&&) noexcept = default;
  Crl& operator=(Crl&&) noexcept = default;

  const CrlView& operator*() const noexcept { return view_; }
  const CrlView* operator->() const noexcept { return &view_; }
  /// How many entries it has.
  std::size_t size() const noexcept { return index_.size(); }

  /// The entry of the certificate with that issuer, a Name, and serial number. Where the list has several for it,
  /// one that revokes it.
  std::optional<CrlEntry> find(Bytes issuer, Bytes serial_number) const noexcept;

  /// What `find` reads: the entries whose hash is the certificate's, at most `max_equal_entries`. Hash in the upper
  /// half, place in revokedCertificates in the lower.
  std::span<const std::uint64_t> places(Bytes issuer, Bytes serial_number) const noexcept;

 private:
  Crl() = default;
  Result<void> build_index();
  /// Whose certificates the entries from `place` on are about.
  struct IssuerChange {
    std::uint32_t place;
    Bytes issuer;
  };
  Bytes issuer_at(std::uint32_t place) const noexcept;

  Buffer der_;
  CrlView view_;
  std::vector<std::uint64_t> index_;          ///< every entry, as `places` says, sorted
  std::vector<IssuerChange> issuer_changes_;  ///< of an indirect CRL; in order of their places
};

}  // namespace handfast::x509
