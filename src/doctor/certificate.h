// What people ask of a certificate, as texts that are safe to be shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>

#include "x509/certificate.h"
#include "x509/describe.h"

namespace handfast::doctor {

/// What people ask of a certificate. Texts are safe to be shown.
struct CertificateSummary {
  std::string subject;
  std::string issuer;
  std::vector<std::string> names;  ///< subjectAltName: host names and addresses
  std::int64_t not_before = 0;     ///< seconds since 1970
  std::int64_t not_after = 0;
  std::string serial_number;  ///< hexadecimal
  std::string key;            ///< "ECDSA P-256", "RSA 2048"
  std::string sha256;         ///< fingerprint of the DER, hexadecimal
  bool is_ca = false;
  bool self_issued = false;
  std::string problem;  ///< why it does not parse; then only `sha256` stands besides
};
CertificateSummary summarize(Bytes der);

/// Something that whoever looks after the certificate should know.
struct Remark {
  std::string_view code;  ///< stable: "weak_signature", "expired", ...
  std::string text;       ///< a sentence without its full stop
};

/// All that stands in a certificate and matters to TLS. Texts are safe to be shown; where `summary.problem` says why it
/// does not parse, the rest is empty.
struct CertificateDetails {
  CertificateSummary summary;
  unsigned version = 0;
  std::string signature_algorithm;
  std::vector<std::string> alternative_names;  ///< "dns:example.com", "ip:192.0.2.1", ...
  bool is_self_signed = false;                 ///< its own key verifies its signature
  std::optional<std::uint32_t> path_length;
  std::optional<std::vector<std::string>> key_usage;  ///< nullopt: the extension is absent
  std::vector<std::string> extended_key_usage;        ///< empty: absent
  std::optional<x509::NameConstraintTexts> name_constraints;
  std::string subject_key_id;    ///< hexadecimal
  std::string authority_key_id;  ///< likewise
  x509::Locations locations;
  std::vector<std::string> policies;  ///< OIDs
  std::size_t timestamps = 0;         ///< embedded ones, not checked
  bool must_staple = false;
  std::vector<std::string> critical;          ///< the extensions that are critical
  std::vector<std::string> other_extensions;  ///< those that nothing above is taken from
  std::string pin;                            ///< of its key: "sha256/BASE64"
  std::vector<Remark> remarks;
};
/// `now`: seconds since 1970, for what is said of its validity.
CertificateDetails inspect_certificate(Bytes der, std::int64_t now);

/// "ECDSA P-256", "RSA 2048"; the OID of one that is not known.
std::string key_text(const x509::SubjectPublicKeyInfo& key);
std::string hex(Bytes bytes);
/// "14 days", "1 day", "5 hours"; of either sign.
std::string days_text(std::int64_t seconds);

}  // namespace handfast::doctor
