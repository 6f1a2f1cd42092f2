// What a certificate says beside what a verification asks of it: for those who show one to people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "x509/certificate.h"

namespace handfast::x509 {

/// Where more is to be had (RFC 5280, sections 4.2.2.1 and 4.2.1.13). Addresses as they stand: a peer's own words.
struct Locations {
  std::vector<std::string> ocsp;        ///< id-ad-ocsp
  std::vector<std::string> ca_issuers;  ///< id-ad-caIssuers: the issuer's certificate
  std::vector<std::string> crl;         ///< fullName of the distribution points
};
Locations locations(const CertificateView& certificate);

/// The OIDs of certificatePolicies in dots.
std::vector<std::string> policies(const CertificateView& certificate);
/// The purposes of extKeyUsage: "serverAuth", or an OID in dots.
std::vector<std::string> purposes(const CertificateView& certificate);
/// "digitalSignature", ... in the order of the bits.
std::vector<std::string> key_usages(KeyUsage usage);
/// Every entry of subjectAltName as `general_name_text` writes it.
std::vector<std::string> alternative_names(const CertificateView& certificate);

/// The subtrees of nameConstraints as `general_name_text` writes names, an address with its prefix: "ip:192.0.2.0/24".
struct NameConstraintTexts {
  std::vector<std::string> permitted;
  std::vector<std::string> excluded;
};
NameConstraintTexts constraint_texts(const NameConstraints& constraints);

/// How many signed certificate timestamps it carries (RFC 6962, section 3.3); none are checked.
std::size_t embedded_timestamps(const CertificateView& certificate);

/// The name of a signature algorithm ("ecdsa-with-SHA256", "md5WithRSAEncryption"), or its OID in dots.
std::string signature_name(const AlgorithmIdentifier& identifier);

/// Whether `issuer` is named as the issuer and its key verifies the signature. Nothing else is looked at.
bool is_issued_by(const CertificateView& certificate, const CertificateView& issuer);

}  // namespace handfast::x509
