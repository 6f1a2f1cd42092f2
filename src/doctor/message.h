// What stands in a handshake message, as facts by the RFC's names: one reading for the ladder, the JSON and the
// verdict.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "doctor/recording.h"

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

/// A message, read. `facts` are what has a name of its own in the message, in an order that reads well;
/// `certificates` are those of a Certificate, leaf first.
struct MessageSummary {
  std::vector<Fact> facts;
  std::vector<CertificateSummary> certificates;
  std::string problem;  ///< why it does not parse
};
MessageSummary summarize(const Message& message);

/// "ClientHello", "HelloRetryRequest", "CertificateVerify".
std::string title(const Message& message);

}  // namespace handfast::doctor
