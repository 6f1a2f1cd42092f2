// Verdicts on how a certificate is made, and for what.
#include <fmt/format.h>

#include "doctor/certificate_case.h"

namespace handfast::doctor {
namespace {

/// What is wrong with a certificate, what it should be, and how its maker mends it.
struct Words {
  Reason reason;
  const char* summary;  ///< behind "The certificate of ..."
  const char* expected;
  const char* advice;
};

constexpr Words words[] = {
    {Reason::weak_key, "has a key that is too short", "RSA of at least 2048 bits, or ECDSA or Ed25519",
     "Make a new key and have a certificate issued for it: openssl genpkey -algorithm EC -pkeyopt "
     "ec_paramgen_curve:P-256 -out server.key"},
    {Reason::unsupported_certificate_key, "has a key of a kind that is not supported",
     "RSA, ECDSA on P-256, P-384 or P-521, Ed25519, or ML-DSA with OpenSSL 3.5 or later",
     "Have a certificate issued for a key of one of those kinds."},
    {Reason::unsupported_signature_algorithm, "was signed in a way that is not accepted",
     "a signature with SHA-256 or better; SHA-1 and MD5 are broken",
     "Have it issued anew: an authority of today signs with SHA-256."},
    {Reason::wrong_key_usage, "may not be used for this", "a keyUsage that allows it, or none",
     "Have it issued anew with keyUsage digitalSignature (a server) or keyCertSign (an authority)."},
    {Reason::wrong_extended_key_usage, "may not be used for this", "an extendedKeyUsage that allows it, or none",
     "Have it issued anew with extendedKeyUsage serverAuth (a server) or clientAuth (a client)."},
    {Reason::not_a_ca, "was used as an authority's, and is none", "basicConstraints CA:TRUE for whoever signs others",
     "Whoever issued the chain must sign with an authority's key, or make that certificate a CA's."},
    {Reason::path_length_exceeded, "allows fewer authorities under it than there are", "a longer pathLenConstraint",
     "Whoever runs the authority must issue from one that stands nearer to the root, or widen its pathlen."},
    {Reason::name_constraint_violation, "stands under an authority that may not vouch for its names",
     "names within the authority's nameConstraints",
     "Have it issued by an authority that may, or ask the authority for wider constraints."},
    {Reason::missing_tls_feature, "lacks a TLS feature that its issuer asks of all that it signs",
     "a tlsFeature extension with each feature of the issuer's own (RFC 7633)",
     "Have it issued anew with that feature (status_request: \"must staple\"), or by another authority."},
    {Reason::profile_violation, "breaks a rule of the strict profile", "what RFC 5280 and the web PKI's rules ask for",
     "Have it issued anew so that it keeps the rule, or verify with --profile compatible, the default."},
    {Reason::unknown_critical_extension, "has a critical extension that is not processed here",
     "critical extensions of RFC 5280 only", "Have it issued anew without that extension, or with it not critical."},
    {Reason::no_acceptable_policy, "holds none of the certificate policies that are required",
     "a policy that every certificate of the path has", "Whoever runs the authority must issue under the policy."},
};

}  // namespace

Verdict judge_form(const CertificateCase& c) {
  Verdict v;
  v.found = printable_utf8(c.error.message());
  for (const Words& row : words) {
    if (row.reason != c.error.reason()) continue;
    v.fault = Fault::issuer;
    v.summary = fmt::format("{} {}.", c.whose(), row.summary);
    v.expected = row.expected;
    v.advice = {row.advice};
    return v;
  }
  if (c.error.reason() == Reason::not_authorized) {
    v.fault = Fault::client;
    v.summary = fmt::format("{} has proved who it is, and may not connect.", c.owner);
    v.expected = "an identity that a rule allows";
    v.advice = {"Whoever runs the server must add a rule for it, if it is to be let in."};
    return v;
  }
  v.summary = fmt::format("The certificate of {} is not acceptable.", c.owner);
  v.advice = {
      "Whoever runs the server must have the certificate, or that of its issuer, made anew without that fault."};
  return v;
}

}  // namespace handfast::doctor
