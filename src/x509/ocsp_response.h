// An OCSPResponse, parsed in place (RFC 6960, section 4.2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <handfast/bytes.h>
#include <handfast/error.h>

#include "x509/cert_id.h"
#include "x509/certificate.h"
#include "x509/revocation.h"

namespace handfast::x509 {

/// A response with more answers, or with more certificates beside them, is refused. A responder that gives one answer
/// at a time (RFC 5019, section 2.2.1) sends one and at most one.
inline constexpr std::size_t max_single_responses = 64;
inline constexpr std::size_t max_responder_certificates = 8;

enum class OCSPResponseStatus : std::uint8_t {
  successful = 0,
  malformedRequest = 1,
  internalError = 2,
  tryLater = 3,
  sigRequired = 5,
  unauthorized = 6,
};
std::string_view name(OCSPResponseStatus status) noexcept;  ///< "tryLater"

/// What is said of one certificate. Times are seconds since 1970.
struct SingleResponse {
  CertID cert_id;
  RevocationStatus status = RevocationStatus::unknown;  ///< good, revoked or unknown
  std::int64_t revocation_time = 0;                     ///< of a revoked one
  std::optional<CRLReason> revocation_reason;
  std::int64_t this_update = 0;
  std::optional<std::int64_t> next_update;
};

/// Views into the DER that it was parsed from. Nothing has been verified.
struct BasicOCSPResponse {
  Bytes tbs;                 ///< what is signed
  Bytes responder_name;      ///< a Name, or empty where the responder is told by its key
  Bytes responder_key_hash;  ///< SHA-1 of the key's bits, or empty
  std::int64_t produced_at = 0;
  Bytes responses;  ///< SingleResponses, all of them well-formed: `read_single_response`
  AlgorithmIdentifier signature_algorithm;
  Bytes signature;
  Bytes certificates;  ///< the content of certs: elements that have not been looked at
};

struct OCSPResponse {
  OCSPResponseStatus status{};
  std::optional<BasicOCSPResponse> basic;  ///< present where the status is successful
};

/// The error of all that is wrong with a response: bad_certificate_status_response, bad_ocsp_response.
Error bad_ocsp_response(std::string problem);

/// Parses; `der` must outlive what comes out. Refuses a critical extension, for none is processed. Fails with
/// `bad_ocsp_response`.
Result<OCSPResponse> parse_ocsp_response(Bytes der);

/// The next of `BasicOCSPResponse::responses`, where `rest` stands; advances it.
std::optional<SingleResponse> read_single_response(Bytes& rest) noexcept;

}  // namespace handfast::x509
