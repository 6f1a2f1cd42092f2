// A chain that is verified by itself, without a connection: for `handfast cert verify`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/trust.h>
#include <handfast/verification.h>

#include "doctor/verdict.h"
#include "x509/certificate.h"
#include "x509/verify.h"

namespace handfast::doctor {

struct ChainQuestion {
  std::vector<x509::Certificate> chain;  ///< as a server would send it, then what is known beside; not empty
  std::size_t sent = 0;                  ///< how many of them a server would send
  x509::Purpose purpose = x509::AnyServer{};
  TrustAnchors::Shared anchors;
  std::int64_t now = 0;            ///< seconds since 1970
  bool now_was_asked_for = false;  ///< it is not the clock's
  VerificationOptions options;
  Buffer ocsp_response;  ///< of the leaf; empty: none
  std::string owner;     ///< whose chain it is, for people: a file
  std::string command;   ///< what was typed, to which flags may be added
};

struct ChainAnswer {
  Verdict verdict;
  VerificationReport report;
};

/// Verifies, with a report, and judges. Where it verifies, what was not checked and what a server would have to send in
/// addition is said as well.
ChainAnswer ask(const ChainQuestion& question);

/// Schema "handfast/cert-verify/1" (docs/json.md).
std::string chain_answer_json(const ChainQuestion& question, const ChainAnswer& answer);

}  // namespace handfast::doctor
