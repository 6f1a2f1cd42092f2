// Verdicts on revocation: what a source said, and what was not proved.
#include <fmt/format.h>

#include "doctor/certificate_case.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

/// "CRL", "OCSP", where the evidence says so.
std::string by_source(const CertificateCase& c) {
  const std::string source = c.evidence("source");
  return source.empty() ? std::string() : fmt::format(" by {}", source);
}

std::string with_label(std::string_view label, const std::string& value) {
  return value.empty() ? std::string() : fmt::format(", {} {}", label, value);
}

Verdict revoked(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::server;
  v.summary = c.whose() + " has been revoked by its issuer.";
  v.found = "revoked" + with_label("at", c.evidence("revoked_at")) + with_label("because of", c.evidence("reason")) +
            with_label("as told by", c.evidence("source"));
  if (v.found.starts_with("revoked, at")) v.found.erase(7, 1);
  v.expected = "one that was not";
  v.advice = {"Whoever runs the server must replace the certificate, and the key as well where it was lost.",
              "Send nothing to it: whoever has the old key can pose as this server."};
  if (c.evidence("reason") == "certificateHold")
    v.advice.front() = "It is on hold: the issuer may release it again. Whoever runs the server must ask the issuer.";
  return v;
}

/// An OCSP response spoke, and said "unknown" (RFC 6960, section 2.2).
bool is_not_known_to_responder(const CertificateCase& c) {
  return c.evidence("source") == "OCSP" && c.evidence("problem").empty();
}

Verdict not_known_to_responder(const CertificateCase& c) {
  Verdict v;
  v.summary = c.whose() + " is not known to its authority's OCSP responder.";
  v.found = "a stapled response that says \"unknown\"" + with_label("of", c.evidence("this_update")) +
            with_label("signed by", c.evidence("responder"));
  v.expected = "one that says \"good\"";
  v.advice = {
      "If the certificate was issued just now, the responder may not have heard of it: whoever runs the server must "
      "fetch another response, and meanwhile staple none.",
      "Else ask the authority: a certificate that it does not know of may be forged.",
      fmt::format("To go on without looking at it: {} --revocation off", c.command)};
  return v;
}

Verdict unproven(const CertificateCase& c) {
  Verdict v;
  v.summary = fmt::format("Nothing proves that the certificate {} is not revoked.", c.evidence("subject"));
  v.found = c.evidence("problem").empty() ? "no source that speaks of it" : c.evidence("problem") + by_source(c);
  v.expected = "a proof, as --revocation require asks for: a stapled OCSP response, or a CRL of its issuer";
  bool is_own_issuer = false;
  if (const auto certificate = c.culprit(); certificate && !c.sent.empty()) {
    for (const Buffer& der : c.sent) {
      const auto view = x509::parse_certificate(der);
      if (!view || summarize(der).sha256 != certificate->sha256) continue;
      is_own_issuer = view->self_issued();
      for (const std::string& address : x509::locations(*view).crl)
        if (can_be_typed(address))
          v.advice.push_back(
              fmt::format("Its list is there (not fetched): curl -o issuer.crl {0}, then {1} --revocation "
                          "require --crl issuer.crl",
                          address, c.command));
    }
  }
  if (!is_own_issuer)
    v.advice.emplace_back("The server can prove it for its own certificate: by stapling (nginx: ssl_stapling on).");
  v.advice.push_back(fmt::format("Without the proof: {} --revocation prefer", c.command));
  return v;
}

Verdict staple(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::server;
  const bool missing = c.error.reason() == Reason::missing_ocsp_response;
  v.summary = missing ? c.whose() + " has to come with an OCSP response, and came without a good one."
                      : fmt::format("The OCSP response that {} has stapled is not acceptable.", c.owner);
  v.found = c.evidence("problem");
  if (v.found.empty()) v.found = missing ? "no response was stapled" : std::string(describe(c.error.reason()));
  v.found += with_label("of", c.evidence("this_update")) + with_label("to be renewed by", c.evidence("next_update"));
  v.expected = missing ? "a stapled response that says good: the certificate says \"must staple\" (RFC 7633)"
                       : "one of the certificate's issuer, for this certificate, and not outdated";
  v.advice = {
      "Whoever runs the server must switch stapling on and let the server reach its authority's responder (nginx: "
      "ssl_stapling on, ssl_trusted_certificate, resolver), and renew the response before it lapses.",
      fmt::format("To go on without looking at it: {} --revocation off", c.command)};
  return v;
}

Verdict bad_list(const CertificateCase& c) {
  Verdict v;
  v.fault = Fault::client;
  v.summary = "A certificate revocation list is not acceptable.";
  v.found = printable_utf8(c.error.message());
  v.expected = "the list of --crl, as the certificate's issuer signed it";
  v.advice = {"Get it anew from where the certificate says: handfast cert inspect shows it as CRL."};
  return v;
}

}  // namespace

Verdict judge_revocation(const CertificateCase& c) {
  switch (c.error.reason()) {
    case Reason::certificate_revoked: return revoked(c);
    case Reason::revocation_unknown: return is_not_known_to_responder(c) ? not_known_to_responder(c) : unproven(c);
    case Reason::bad_crl: return bad_list(c);
    default: return staple(c);
  }
}

}  // namespace handfast::doctor
