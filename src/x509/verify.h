// Path building and validation (RFC 5280, section 6; RFC 4158): is this certificate what it says, for this purpose?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include <handfast/error.h>
#include <handfast/trust.h>
#include <handfast/verification.h>

#include "x509/certificate.h"
#include "x509/policies.h"
#include "x509/server_name.h"

namespace handfast::x509 {

/// What is accepted.
struct Policy {
  Profile profile = Profile::compatible;
  std::size_t minimum_rsa_bits = 2048;
  /// How certificates may be signed, an anchor's own signature apart; empty: any way that is supported.
  std::span<const SignatureScheme> signature_schemes{};
  PolicySettings certificate_policies{};
  /// What the leaf's key is about to do, which its keyUsage, if it has one, has to allow: keyEncipherment under RSA key
  /// exchange (RFC 5246, section 7.4.2).
  KeyUsage leaf_usage = KeyUsage::digitalSignature;
};

/// What is known of revocation, and how much of it is asked for.
struct RevocationSources {
  RevocationPolicy policy = RevocationPolicy::off;
  const RevocationLists* lists = nullptr;
  /// OCSPResponses: the one at i is of chain[i], or empty. There may be fewer than certificates.
  std::span<const Bytes> ocsp_responses{};
};

/// How much work a search for a path may be. A search that passes one of them fails with path_too_complex.
struct SearchLimits {
  std::size_t intermediates = 8;           ///< in one path, between the leaf and the anchor
  std::size_t candidates = 200;            ///< issuers tried, over all paths
  std::size_t signatures = 64;             ///< signatures checked, over all paths
  std::size_t name_comparisons = 250'000;  ///< names, and attributes of directory names, held against name constraints
};

/// The peer is a server of that name (EKU serverAuth).
struct ServerAuth {
  ServerName name;
};
/// The peer is a client (EKU clientAuth); who it may be is for the caller to say.
struct ClientAuth {};
/// A server of whatever name: its name is not checked here, so the caller must (the report says that it was not).
struct AnyServer {};
using Purpose = std::variant<ServerAuth, ClientAuth, AnyServer>;

struct VerifyRequest {
  std::span<const Certificate> chain;  ///< as sent: the leaf first, the rest in any order
  Purpose purpose;
  const TrustAnchors& anchors;
  std::int64_t now;  ///< seconds since 1970
  Policy policy{};
  RevocationSources revocation{};
  SearchLimits limits{};
};

struct VerifiedChain {
  std::vector<Certificate> path;  ///< from the leaf to the anchor; a pinned leaf stands alone
};

/// Finds a path from the leaf to an anchor on which every check passes. On failure the error is the most telling one:
/// no path to any anchor, else what is wrong with the leaf, else what is wrong with the best path. Evidence as
/// include/handfast/error.h names it, dates in ISO 8601. Where there is a `report`, it is filled in, on success and on
/// failure: then every check is made, and not only those up to the first that fails; where there is no path, also above
/// a certificate that fails one. The verdict is the same.
Result<VerifiedChain> verify(const VerifyRequest& request, VerificationReport* report = nullptr);

/// Parses a chain as a Certificate message has it. Fails as `Certificate::parse` does, with evidence `index`, and with
/// bad_certificate, no_certificate for an empty one.
Result<std::vector<Certificate>> parse_chain(std::span<const Bytes> chain);

}  // namespace handfast::x509
