// What is asked of a peer's certificates, and the report on what was found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/error.h>

namespace handfast {

class RevocationLists;

/// `compatible` accepts what browsers and Go accept; `strict` holds every certificate of the path to RFC 5280 and the
/// web PKI's rules to the letter.
enum class Profile : std::uint8_t { compatible, strict };

/// How it is to be known that a certificate is not revoked. Whatever comes is believed only after it was verified, and
/// a certificate that is known to be revoked is refused by all but `off`; so is one that is pinned, as far as its
/// issuer is at hand to ask (TrustAnchors::pinned).
enum class RevocationPolicy : std::uint8_t {
  off,      ///< not looked at; the report says so
  staple,   ///< a stapled OCSP response is asked for and verified; a certificate that must staple (RFC 7633) has to
  prefer,   ///< as `staple`, and the lists are looked at too; where neither speaks, the certificate passes
  require,  ///< as `prefer`, but every certificate of the path below the anchor, or the one pinned, is proven good
};

/// What becomes of a handshake whose peer does not verify.
enum class UnverifiedPeer : std::uint8_t {
  refuse,  ///< it ends
  go_on,   ///< it goes on, and ConnectionInfo says why the peer was not verified
};

/// How a peer's chain is verified, beside whom to trust.
struct VerificationOptions {
  Profile profile = Profile::compatible;
  RevocationPolicy revocation = RevocationPolicy::staple;
  /// With `go_on` whoever stands in between can be the peer: all that is known of it is that it has the key of the
  /// certificate that it has shown. The caller looks at ConnectionInfo before it says or believes anything: at
  /// `peer_verified`, and at `verification_error` and `peer_certificates` where it has a rule of its own. It holds for
  /// a verifier outside too. There can be no `authorization` beside it, which is asked of those alone who were
  /// verified.
  UnverifiedPeer unverified_peer = UnverifiedPeer::refuse;
  /// CRLs, for `prefer` and `require`; null: none.
  std::shared_ptr<const RevocationLists> revocation_lists;
};

/// What was looked at. The order is that in which a certificate is checked.
enum class CheckKind : std::uint8_t {
  pin,                  ///< the certificate itself is pinned
  critical_extensions,  ///< every critical extension is one that is processed
  profile,              ///< what the profile asks for beyond the rest
  key_strength,         ///< the certificate's own key, by policy
  validity,             ///< notBefore <= now <= notAfter
  basic_constraints,    ///< an issuer is a CA; a leaf is none
  path_length,          ///< pathLenConstraint
  key_usage,            ///< keyCertSign for an issuer, digitalSignature for a leaf
  extended_key_usage,   ///< serverAuth or clientAuth, on issuers too
  server_name,          ///< subjectAltName against the name that was asked for
  anchor_scope,         ///< the anchor is trusted for that name
  name_constraints,     ///< those of an issuer, on everything below it
  tls_features,         ///< those of an issuer, on the certificate below it
  signature,            ///< the signature of the certificate below with this one's key
  revocation,           ///< whether the certificate below was revoked by this one
  issuer,               ///< whether an issuer was found at all
  policies,             ///< certificate policies along the path (RFC 5280, section 6.1)
  key_pin,              ///< a key of the path is one of the pinned
};
std::string_view name(CheckKind kind) noexcept;  ///< "key_strength"

enum class CheckOutcome : std::uint8_t { passed, failed, not_made };
std::string_view name(CheckOutcome outcome) noexcept;  ///< "not_made"

/// One check on one certificate in one place.
struct VerificationCheck {
  CheckKind kind{};
  CheckOutcome outcome{};
  std::optional<Reason> reason;  ///< of one that failed; `code(*reason)` is its stable code
  std::vector<Fact> evidence;    ///< what was looked at and found; `because` where it was not made
};

/// A certificate in a place that was tried for it, and the issuers that were tried above it.
struct VerificationStep {
  std::size_t certificate = 0;            ///< its place in VerificationReport::certificates
  bool is_anchor = false;                 ///< it is trusted
  bool is_accepted = false;               ///< it is on the path that was found
  std::vector<VerificationCheck> checks;  ///< all that were made, those that failed too
  std::vector<VerificationStep> issuers;  ///< in the order of trying
};

/// All that a verification did, so that nothing has to be guessed afterwards.
struct VerificationReport {
  std::vector<Buffer> certificates;  ///< DER: first what the peer sent, in its order, then anchors that were tried
  std::size_t sent = 0;              ///< how many the peer sent
  std::int64_t now = 0;              ///< seconds since 1970, as the verification took it
  VerificationStep leaf;
  std::optional<Error> error;  ///< the most telling of what was wrong; none: it was verified
};

}  // namespace handfast
