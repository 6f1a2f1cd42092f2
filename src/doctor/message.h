// What stands in a handshake message, as facts by the RFC's names: one reading for the ladder, the JSON and the
// verdict.
#pragma once

#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/types.h>

#include "doctor/certificate.h"
#include "doctor/recording.h"

namespace handfast::doctor {

/// A message, read. `facts` are what has a name of its own in the message, in an order that reads well;
/// `certificates` are those of a Certificate, leaf first.
struct MessageSummary {
  std::vector<Fact> facts;
  std::vector<CertificateSummary> certificates;
  std::string problem;  ///< why it does not parse
};
MessageSummary summarize(const Message& message);

/// What the peer sent in Certificate: DER, leaf first; empty where none came.
std::vector<Buffer> certificates_received(const Recording& recording);

/// "ClientHello", "HelloRetryRequest", "CertificateVerify".
std::string title(const Message& message);

}  // namespace handfast::doctor
