// Where the CRLs of a certificate are, and what a CRL is for (RFC 5280, sections 4.2.1.13 and 5.2.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <handfast/bytes.h>

namespace handfast::x509 {

/// A set of reasons, ReasonFlags: bit n is bit n of the BIT STRING.
using ReasonFlags = std::uint16_t;
inline constexpr ReasonFlags all_reasons = 0x1fe;  ///< bit 0 has no meaning

/// The CHOICE: one of the two is not empty, or both are where there is no name.
struct DistributionPointName {
  Bytes full_name;                    ///< the content of GeneralNames
  Bytes name_relative_to_crl_issuer;  ///< the content of a RelativeDistinguishedName
  bool empty() const noexcept { return full_name.empty() && name_relative_to_crl_issuer.empty(); }
};

/// A DistributionPoint of a certificate's cRLDistributionPoints.
struct DistributionPoint {
  DistributionPointName name;
  ReasonFlags reasons = all_reasons;
  Bytes crl_issuer;  ///< the content of GeneralNames, empty where the certificate's issuer is meant
};

/// A CRL's issuingDistributionPoint.
struct IssuingDistributionPoint {
  Bytes der;  ///< the whole value
  DistributionPointName name;
  bool only_contains_user_certs = false;
  bool only_contains_ca_certs = false;
  bool only_contains_attribute_certs = false;
  ReasonFlags only_some_reasons = all_reasons;
  bool indirect_crl = false;
};

/// More distribution points than this in one certificate are refused.
inline constexpr std::size_t max_distribution_points = 32;

/// The value of cRLDistributionPoints: the content, whose points are all well-formed; nullopt where it is not.
std::optional<Bytes> parse_crl_distribution_points(Bytes value) noexcept;
/// Reads the next point of such a content and advances `rest`; false where none is left or it is malformed.
bool read_distribution_point(Bytes& rest, DistributionPoint& out) noexcept;

std::optional<IssuingDistributionPoint> parse_issuing_distribution_point(Bytes value) noexcept;

/// Whether one of the names in `a` is one of those in `b`, both the content of GeneralNames. Each comparison takes one
/// of `comparisons`; where none is left no name is found.
bool share_a_name(Bytes a, Bytes b, std::size_t& comparisons) noexcept;
/// Whether `name`, a whole Name, is one of the directoryNames in `names`.
bool names_directory(Bytes names, Bytes name, std::size_t& comparisons) noexcept;

/// The first directoryName in `names`, a whole Name; empty where there is none.
Bytes directory_name(Bytes names) noexcept;

/// The full name of a distribution point: one that is relative follows the RDNs of `crl_issuer`, a whole Name. The
/// content of GeneralNames.
Buffer full_name(const DistributionPointName& name, Bytes crl_issuer);

}  // namespace handfast::x509
