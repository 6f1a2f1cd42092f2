// The checks that a verification is made of, each with what it found.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <handfast/error.h>

#include "x509/certificate.h"

namespace handfast::x509 {

/// What was looked at. The order is that in which a certificate is checked.
enum class CheckKind : std::uint8_t {
  critical_extensions,  ///< every critical extension is one that is processed
  profile,              ///< what the strict profile asks for beyond the rest
  key_strength,         ///< the certificate's own key, by policy
  validity,             ///< notBefore <= now <= notAfter
  basic_constraints,    ///< an issuer is a CA; a leaf is none
  path_length,          ///< pathLenConstraint
  key_usage,            ///< keyCertSign for an issuer, digitalSignature for a leaf
  extended_key_usage,   ///< serverAuth or clientAuth, on issuers too
  name_constraints,     ///< those of an issuer, on everything below it
  server_name,          ///< subjectAltName against the name that was asked for
  signature,            ///< the certificate's signature with its issuer's key
  issuer,               ///< whether an issuer was found at all
  pin,                  ///< the certificate itself is pinned
  revocation,           ///< never made here
};
std::string_view name(CheckKind kind) noexcept;

enum class Outcome : std::uint8_t { passed, failed, not_made };
std::string_view name(Outcome outcome) noexcept;

/// One check on one certificate. A candidate issuer that was tried in vain leaves its checks too.
struct Check {
  CheckKind kind;
  Outcome outcome;
  Certificate certificate;
  std::vector<Fact> evidence;
};

}  // namespace handfast::x509
