// What an OCSP response says of a certificate, believed only after it was verified (RFC 6960, section 3.2).
#pragma once

#include <cstdint>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/revocation_lists.h>

#include "x509/checks.h"
#include "x509/ocsp_response.h"
#include "x509/revocation.h"

namespace handfast::x509 {

/// How long after thisUpdate an answer without nextUpdate is believed, in seconds. It means that newer information can
/// be had at any time (RFC 6960, section 4.2.2.1), and a staple is not fetched anew for each handshake. A day is what
/// mozilla::pkix gives it.
inline constexpr std::int64_t age_without_next_update = 86400;

/// nextUpdate, or the day after thisUpdate.
std::int64_t end_of(const SingleResponse& single) noexcept;
/// thisUpdate <= now <= its end.
bool is_current(const SingleResponse& single, std::int64_t now) noexcept;

/// What `response` (an OCSPResponse in DER) says of the certificate. The signer is the issuer itself, or a responder
/// that the issuer certified for it, in person, that is good enough for the policy, and that no list at hand has
/// revoked, unless its certificate says that it is not to be asked for (RFC 6960, section 4.2.2.2.1); `lists` is
/// nullptr where there are none. Each signature that is checked is taken off `work`.
///
/// Nothing is said (`problem` tells why) by a response that is not successful, and by answers that are outdated or of
/// the future: as for certificates, the clock is taken at its word. Of several current answers the gravest counts.
/// Fails with bad_certificate_status_response, bad_ocsp_response, evidence `problem`: malformed, of other certificates,
/// or not signed by whom it has to be; with path_too_complex where no work is left.
Result<RevocationAnswer> ask_ocsp(Bytes response, const RevocationQuestion& question, const RevocationLists* lists,
                                  Work& work);

}  // namespace handfast::x509
