// Certificates of our own making: throw-away ones, a local authority's, and deliberately bad ones for tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/random.h>

#include "authority/signed.h"
#include "crypto/signature.h"
#include "x509/certificate.h"

namespace handfast::authority {

/// EKU purposes (RFC 5280, section 4.2.1.12), in dots.
inline constexpr const char* server_auth = "1.3.6.1.5.5.7.3.1";
inline constexpr const char* client_auth = "1.3.6.1.5.5.7.3.2";
inline constexpr const char* ocsp_signing = "1.3.6.1.5.5.7.3.9";

/// What a certificate says. Absent optionals and empty lists leave the extension out.
struct CertificateOptions {
  std::string common_name;         ///< empty, and no organization: an empty subject
  std::string organization{};      ///< stands before the common name
  std::vector<std::string> names;  ///< subjectAltName: host names, "*.example.com", or IP addresses
  std::int64_t not_before = 0;     ///< seconds since 1970
  std::int64_t not_after = 0;
  bool is_ca = false;                     ///< basicConstraints CA
  std::optional<std::uint32_t> path_len;  ///< pathLenConstraint, for a CA
  std::optional<x509::KeyUsage> key_usage;
  std::vector<std::string> extended_key_usage;  ///< OIDs in dots
  bool key_identifiers = true;                  ///< subjectKeyIdentifier, authorityKeyIdentifier
  std::vector<RawExtension> extensions;         ///< appended after the others
  Buffer serial_number;                         ///< two's complement; empty: 16 random octets, positive
};

/// A leaf as servers want it: digitalSignature, serverAuth and clientAuth.
CertificateOptions leaf_options(std::vector<std::string> names, std::int64_t not_before, std::int64_t not_after);
/// A CA: keyCertSign and cRLSign.
CertificateOptions ca_options(std::string common_name, std::int64_t not_before, std::int64_t not_after);

/// Who signs: a certificate and its key. The certificate need not be a CA: tests want bad ones.
struct Issuer {
  const x509::Certificate& certificate;
  const crypto::SigningKey& key;
};

/// A certificate for `subject_key`, signed by `issuer`. Fails with bad_config (a name that is none, a date past 9999),
/// signing_failed, internal_error.
Result<x509::Certificate> issue(const CertificateOptions& options, const crypto::SigningKey& subject_key,
                                const Issuer& issuer, Random& random);
/// A certificate that is signed with its own key: a root, or a self-signed leaf.
Result<x509::Certificate> self_sign(const CertificateOptions& options, const crypto::SigningKey& key, Random& random);

/// A certificate with its private key.
struct Identity {
  x509::Certificate certificate;
  crypto::SigningKey key;
};
/// A new key and a root for it.
Result<Identity> make_ca(const CertificateOptions& options, crypto::KeyType type, Random& random);
/// A new key and a certificate for it.
Result<Identity> make_identity(const CertificateOptions& options, crypto::KeyType type, const Issuer& issuer,
                               Random& random);

}  // namespace handfast::authority
