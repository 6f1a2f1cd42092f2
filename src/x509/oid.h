// The object identifiers that certificates use, as the octets that stand in DER.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <handfast/bytes.h>

namespace handfast::x509::oid {

namespace detail {

constexpr std::size_t octets_of(std::uint32_t arc) noexcept {
  std::size_t octets = 1;
  while (arc >>= 7) ++octets;
  return octets;
}

template <std::uint32_t First, std::uint32_t Second, std::uint32_t... Rest>
consteval auto encode() {
  std::array<std::uint8_t, octets_of(First * 40 + Second) + (octets_of(Rest) + ... + 0)> out{};
  std::size_t at = 0;
  for (std::uint32_t arc : {First * 40 + Second, Rest...})
    for (std::size_t left = octets_of(arc); left-- > 0;)
      out[at++] = static_cast<std::uint8_t>((arc >> (7 * left) & 0x7f) | (left > 0 ? 0x80u : 0u));
  return out;
}

}  // namespace detail

/// `oid::make<1, 2, 840>`: an array of the content octets.
template <std::uint32_t... Arcs>
inline constexpr auto make = detail::encode<Arcs...>();

inline bool equal(Bytes a, Bytes b) noexcept {
  // Those of one arc, which are compared most, differ in their last octet.
  return a.size() == b.size() && (a.empty() || (a.back() == b.back() && std::ranges::equal(a, b)));
}

// Keys and curves (RFC 3279, RFC 5480, RFC 8410, RFC 9881).
inline constexpr auto rsaEncryption = make<1, 2, 840, 113549, 1, 1, 1>;
inline constexpr auto id_RSASSA_PSS = make<1, 2, 840, 113549, 1, 1, 10>;
inline constexpr auto id_mgf1 = make<1, 2, 840, 113549, 1, 1, 8>;
inline constexpr auto id_ecPublicKey = make<1, 2, 840, 10045, 2, 1>;
inline constexpr auto secp256r1 = make<1, 2, 840, 10045, 3, 1, 7>;
inline constexpr auto secp384r1 = make<1, 3, 132, 0, 34>;
inline constexpr auto secp521r1 = make<1, 3, 132, 0, 35>;
inline constexpr auto id_Ed25519 = make<1, 3, 101, 112>;
inline constexpr auto id_ml_dsa_44 = make<2, 16, 840, 1, 101, 3, 4, 3, 17>;
inline constexpr auto id_ml_dsa_65 = make<2, 16, 840, 1, 101, 3, 4, 3, 18>;
inline constexpr auto id_ml_dsa_87 = make<2, 16, 840, 1, 101, 3, 4, 3, 19>;

// Signatures (RFC 3279, RFC 4055, RFC 5758).
inline constexpr auto sha1WithRSAEncryption = make<1, 2, 840, 113549, 1, 1, 5>;
inline constexpr auto sha256WithRSAEncryption = make<1, 2, 840, 113549, 1, 1, 11>;
inline constexpr auto sha384WithRSAEncryption = make<1, 2, 840, 113549, 1, 1, 12>;
inline constexpr auto sha512WithRSAEncryption = make<1, 2, 840, 113549, 1, 1, 13>;
inline constexpr auto ecdsa_with_SHA1 = make<1, 2, 840, 10045, 4, 1>;
inline constexpr auto ecdsa_with_SHA256 = make<1, 2, 840, 10045, 4, 3, 2>;
inline constexpr auto ecdsa_with_SHA384 = make<1, 2, 840, 10045, 4, 3, 3>;
inline constexpr auto ecdsa_with_SHA512 = make<1, 2, 840, 10045, 4, 3, 4>;
inline constexpr auto id_sha1 = make<1, 3, 14, 3, 2, 26>;
inline constexpr auto id_sha256 = make<2, 16, 840, 1, 101, 3, 4, 2, 1>;
inline constexpr auto id_sha384 = make<2, 16, 840, 1, 101, 3, 4, 2, 2>;
inline constexpr auto id_sha512 = make<2, 16, 840, 1, 101, 3, 4, 2, 3>;

// Extensions (RFC 5280, sections 4.2.1 and 4.2.2; RFC 7633; RFC 6962).
inline constexpr auto subjectDirectoryAttributes = make<2, 5, 29, 9>;
inline constexpr auto subjectKeyIdentifier = make<2, 5, 29, 14>;
inline constexpr auto keyUsage = make<2, 5, 29, 15>;
inline constexpr auto subjectAltName = make<2, 5, 29, 17>;
inline constexpr auto issuerAltName = make<2, 5, 29, 18>;
inline constexpr auto basicConstraints = make<2, 5, 29, 19>;
inline constexpr auto nameConstraints = make<2, 5, 29, 30>;
inline constexpr auto cRLDistributionPoints = make<2, 5, 29, 31>;
inline constexpr auto certificatePolicies = make<2, 5, 29, 32>;
inline constexpr auto policyMappings = make<2, 5, 29, 33>;
inline constexpr auto authorityKeyIdentifier = make<2, 5, 29, 35>;
inline constexpr auto policyConstraints = make<2, 5, 29, 36>;
inline constexpr auto extKeyUsage = make<2, 5, 29, 37>;
inline constexpr auto inhibitAnyPolicy = make<2, 5, 29, 54>;
inline constexpr auto authorityInfoAccess = make<1, 3, 6, 1, 5, 5, 7, 1, 1>;
inline constexpr auto subjectInfoAccess = make<1, 3, 6, 1, 5, 5, 7, 1, 11>;
inline constexpr auto tlsFeature = make<1, 3, 6, 1, 5, 5, 7, 1, 24>;
inline constexpr auto signedCertificateTimestampList = make<1, 3, 6, 1, 4, 1, 11129, 2, 4, 2>;

// Extensions of CRLs and of their entries (RFC 5280, sections 5.2 and 5.3).
inline constexpr auto cRLNumber = make<2, 5, 29, 20>;
inline constexpr auto reasonCode = make<2, 5, 29, 21>;
inline constexpr auto invalidityDate = make<2, 5, 29, 24>;
inline constexpr auto deltaCRLIndicator = make<2, 5, 29, 27>;
inline constexpr auto issuingDistributionPoint = make<2, 5, 29, 28>;
inline constexpr auto certificateIssuer = make<2, 5, 29, 29>;
inline constexpr auto freshestCRL = make<2, 5, 29, 46>;

// Policies (RFC 5280, section 4.2.1.4).
inline constexpr auto anyPolicy = make<2, 5, 29, 32, 0>;

// Purposes (RFC 5280, section 4.2.1.12).
inline constexpr auto anyExtendedKeyUsage = make<2, 5, 29, 37, 0>;
inline constexpr auto id_kp_serverAuth = make<1, 3, 6, 1, 5, 5, 7, 3, 1>;
inline constexpr auto id_kp_clientAuth = make<1, 3, 6, 1, 5, 5, 7, 3, 2>;
inline constexpr auto id_kp_OCSPSigning = make<1, 3, 6, 1, 5, 5, 7, 3, 9>;

// Access (RFC 5280, section 4.2.2.1), and the type of an OCSP response (RFC 6960, section 4.2.1).
inline constexpr auto id_ad_ocsp = make<1, 3, 6, 1, 5, 5, 7, 48, 1>;
inline constexpr auto id_ad_caIssuers = make<1, 3, 6, 1, 5, 5, 7, 48, 2>;
inline constexpr auto id_pkix_ocsp_basic = make<1, 3, 6, 1, 5, 5, 7, 48, 1, 1>;
inline constexpr auto id_pkix_ocsp_nocheck = make<1, 3, 6, 1, 5, 5, 7, 48, 1, 5>;  // section 4.2.2.2.1

// Attributes of names (RFC 5280, section 4.1.2.4 and appendix A.1).
inline constexpr auto commonName = make<2, 5, 4, 3>;
inline constexpr auto surname = make<2, 5, 4, 4>;
inline constexpr auto serialNumber = make<2, 5, 4, 5>;
inline constexpr auto countryName = make<2, 5, 4, 6>;
inline constexpr auto localityName = make<2, 5, 4, 7>;
inline constexpr auto stateOrProvinceName = make<2, 5, 4, 8>;
inline constexpr auto streetAddress = make<2, 5, 4, 9>;
inline constexpr auto organizationName = make<2, 5, 4, 10>;
inline constexpr auto organizationalUnitName = make<2, 5, 4, 11>;
inline constexpr auto title = make<2, 5, 4, 12>;
inline constexpr auto givenName = make<2, 5, 4, 42>;
inline constexpr auto organizationIdentifier = make<2, 5, 4, 97>;
inline constexpr auto domainComponent = make<0, 9, 2342, 19200300, 100, 1, 25>;
inline constexpr auto userId = make<0, 9, 2342, 19200300, 100, 1, 1>;
inline constexpr auto emailAddress = make<1, 2, 840, 113549, 1, 9, 1>;

}  // namespace handfast::x509::oid
