// A leaf for an origin: what a client is shown in place of the origin's own certificate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <handfast/credential.h>
#include <handfast/random.h>

#include "authority/local_authority.h"
#include "authority/verdict.h"
#include "x509/certificate.h"
#include "x509/server_name.h"

namespace handfast::authority {

/// Who signs the leaves of origins that failed: an authority of this process that nobody trusts and whose certificate
/// is sent to nobody.
class UntrustedAuthority {
 public:
  /// "Handfast untrusted origin", valid around `now` for ten years in both directions, so that no date of its own is
  /// ever the fault that a client finds.
  static Result<UntrustedAuthority> make(std::int64_t now, Random& random);
  Issuer issuer() const noexcept { return {identity_.certificate, identity_.key}; }

 private:
  explicit UntrustedAuthority(Identity identity) noexcept : identity_(std::move(identity)) {}
  Identity identity_;
};

/// Names that are copied at most, and their characters in all: a leaf goes through every handshake.
inline constexpr std::size_t max_names = 100;
inline constexpr std::size_t max_name_bytes = 8192;

/// Days of a leaf's validity at most, which browsers ask of all certificates (CA/Browser Forum, SC-081: 200 days).
inline constexpr std::int64_t max_leaf_days = 199;

/// What a leaf says of an origin.
struct LeafPlan {
  Showing showing = Showing::untrusted;
  CertificateOptions options;  ///< without a serial number
  /// The asked name, where it stands there although the origin's own first names do not cover it; else empty. Leaves of
  /// one origin differ in nothing else, so that whoever asks for a million names of one certificate gets one leaf.
  std::string added_name;
};

/// Plans the leaf for `origin`, which was asked for as `asked`:
///  - its dNSNames and iPAddresses, those that a certificate may have, as far as `max_names` and `max_name_bytes` go;
///  if
///    the origin is good for `asked`, so is the leaf, and if it is not, neither is the leaf;
///  - shown as trusted: valid from a day before `now`, but not before `ca`, for `max_leaf_days` at most, and no longer
///    than the origin or `ca`. Shown otherwise: valid exactly when the origin is;
///  - digitalSignature, serverAuth, and the key identifier of whoever signs.
LeafPlan plan_leaf(const x509::CertificateView& origin, const x509::ServerName& asked, Showing showing,
                   const x509::CertificateView& ca, std::int64_t now);

/// A leaf with a new P-256 key of its own, signed by whom the showing asks for. Fails as `authority::issue` does.
Result<std::shared_ptr<const Credential>> mint_leaf(const LeafPlan& plan, const LocalAuthority& trusted,
                                                    const UntrustedAuthority& untrusted, Random& random);

}  // namespace handfast::authority
