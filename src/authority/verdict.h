// What a verification of an origin's chain comes to, for whoever has to show the origin to a client as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <handfast/bytes.h>
#include <handfast/error.h>
#include <handfast/trust.h>
#include <handfast/verification.h>

#include "x509/certificate.h"
#include "x509/server_name.h"

namespace handfast::authority {

/// How an origin is shown, so that the client finds the very fault that it would have found itself.
enum class Showing : std::uint8_t {
  /// It was verified: the local authority vouches for it.
  trusted,
  /// Its chain leads to an anchor, but its dates or its names are wrong: the local authority signs just these dates and
  /// names, which the client will refuse. Were an unknown issuer to sign them, the client would tell of that issuer
  /// instead.
  as_dated_and_named,
  /// It is its own issuer, and so is the leaf.
  self_signed,
  /// Anything else: an issuer that nobody trusts signs.
  untrusted,
};
std::string_view name(Showing showing) noexcept;  ///< "as_dated_and_named"

struct Verdict {
  Showing showing = Showing::untrusted;
  std::optional<Error> error;  ///< what is wrong; none: the origin was verified
};

/// How origins are verified.
struct OriginPolicy {
  TrustAnchors::Shared anchors;
  VerificationOptions verification;
};

/// Verifies a chain (DER, leaf first, not empty) for a server of that name; `ocsp_response`: its staple, or empty.
/// `now`: seconds since 1970. A leaf that does not parse is untrusted.
Verdict judge_origin(std::span<const Buffer> chain, const x509::ServerName& name, Bytes ocsp_response,
                     const OriginPolicy& policy, std::int64_t now);

}  // namespace handfast::authority
