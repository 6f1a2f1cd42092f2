// Verdicts on the server's certificate, and on its proof of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "doctor/cases.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

std::string names_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  if (names.empty()) return "no name at all";
  if (names.size() <= shown) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + shown, ", "), names.size() - shown);
}

/// The certificate that the error is about: that of the evidence `subject`, else the leaf.
std::optional<CertificateSummary> culprit(const Case& c) {
  const std::vector<CertificateSummary> chain = c.server_chain();
  if (chain.empty()) return std::nullopt;
  const std::string subject = c.evidence("subject");
  for (const CertificateSummary& certificate : chain)
    if (!subject.empty() && certificate.subject == subject) return certificate;
  return chain.front();
}

std::string whose(const Case& c) {
  const std::string subject = c.evidence("subject");
  const std::vector<CertificateSummary> chain = c.server_chain();
  const bool leaf = subject.empty() || (!chain.empty() && chain.front().subject == subject);
  return leaf ? fmt::format("The certificate of {}", c.peer())
              : fmt::format("The certificate {} in the chain of {}", subject, c.peer());
}

Verdict expired(const Case& c) {
  Verdict v;
  v.summary = whose(c) + " has expired.";
  v.found = "valid until " + c.evidence("not_after");
  if (const auto certificate = culprit(c); certificate && certificate->not_after < c.target.now)
    v.found += fmt::format(", that is {} ago", days_text(c.target.now - certificate->not_after));
  v.expected = fmt::format("a certificate that is valid now, {}", x509::time_text(c.target.now));
  v.advice = {
      "Whoever runs the server must renew the certificate and load it into the server. If it was renewed "
      "already, the server still has the old one: reload it.",
      "Should this machine's clock be wrong, set it right: `date` shows it."};
  return v;
}

Verdict not_yet_valid(const Case& c) {
  Verdict v;
  v.summary = whose(c) + " is not valid yet.";
  v.found = "valid from " + c.evidence("not_before");
  if (const auto certificate = culprit(c); certificate && certificate->not_before > c.target.now)
    v.found += fmt::format(", that is in {}", days_text(certificate->not_before - c.target.now));
  v.expected = fmt::format("a certificate that is valid now, {}", x509::time_text(c.target.now));
  v.advice = {
      "Compare this machine's clock (`date`) with the true time; then the clock of the machine that issued it."};
  return v;
}

Verdict name_mismatch(const Case& c) {
  Verdict v;
  const std::vector<CertificateSummary> chain = c.server_chain();
  const std::vector<std::string> names = chain.empty() ? std::vector<std::string>() : chain.front().names;
  v.summary = fmt::format("The certificate of {} is for another name.", c.peer());
  v.found = names_of(names);
  v.expected = c.target.server_name;
  if (!names.empty() && names.front().find('*') == std::string::npos && names.front() != c.target.server_name)
    v.advice.push_back(fmt::format("If you meant that name, ask for it: handfast connect {} --sni {}", typed(c.target),
                                   names.front()));
  v.advice.push_back(
      fmt::format("Else the server needs a certificate with {} in its subjectAltName (a common name "
                  "does not count).",
                  c.target.server_name));
  return v;
}

Verdict no_names(const Case& c) {
  Verdict v;
  v.summary = fmt::format("The certificate of {} holds no name that TLS may use.", c.peer());
  if (const auto leaf = culprit(c))
    v.found = fmt::format("subject {} and no host name or address in subjectAltName", leaf->subject);
  v.expected = fmt::format("{} in subjectAltName (RFC 9525: a common name does not count)", c.target.server_name);
  v.advice = {fmt::format("Issue the certificate anew, with subjectAltName = DNS:{}", c.target.server_name)};
  return v;
}

Verdict unknown_issuer(const Case& c) {
  Verdict v;
  const std::vector<CertificateSummary> chain = c.server_chain();
  v.summary = fmt::format("The certificate of {} leads to no authority that is trusted here.", c.peer());
  if (!chain.empty()) {
    const CertificateSummary& last = chain.back();
    v.found = chain.size() == 1 ? fmt::format("one certificate, {}, issued by {}", last.subject, last.issuer)
                                : fmt::format("{} certificates, the last of them {}, issued by {}", chain.size(),
                                              last.subject, last.issuer);
    if (!last.self_issued)
      v.advice.push_back(
          fmt::format("If {} is a public authority's intermediate, the server has left it out: it must "
                      "send its whole chain (\"fullchain.pem\").",
                      last.issuer));
  }
  v.expected = "a chain to a certificate of the system's store, or of --ca";
  v.advice.push_back(fmt::format(
      "If it is an authority of your own, name its certificate: handfast connect {} --ca ca.pem", typed(c.target)));
  return v;
}

Verdict self_signed(const Case& c) {
  Verdict v;
  v.summary = fmt::format("The certificate of {} is self-signed, and not trusted here.", c.peer());
  const std::vector<CertificateSummary> chain = c.server_chain();
  if (!chain.empty()) v.found = fmt::format("{}, SHA-256 {}", chain.front().subject, chain.front().sha256);
  v.expected = "a chain to a certificate of the system's store, or of --ca, or the one of --pin";
  v.advice = {
      fmt::format("If it is yours, get the certificate's file from the server itself, not over this connection, "
                  "and pin it: handfast connect {} --pin server.pem",
                  typed(c.target)),
      "For a public site: have an authority issue a certificate (Let's Encrypt does it for free)."};
  return v;
}

Verdict wrong_signature(const Case& c) {
  Verdict v;
  const std::string issuer = c.evidence("issuer");
  v.summary = whose(c) + " was not signed with its issuer's key.";
  v.found = fmt::format("a signature that the key of {} does not verify", issuer.empty() ? "the issuer" : issuer);
  v.expected = "one that it does";
  v.advice = {fmt::format("If that authority was made anew under its old name, give its present certificate: handfast "
                          "connect {} --ca ca.pem",
                          typed(c.target)),
              "Else the certificate was changed after it was signed, or is a forgery: do not trust it."};
  return v;
}

Verdict unproven(const Case& c) {
  Verdict v;
  v.summary = fmt::format("{} did not prove that it has the private key of its certificate.", c.peer());
  v.found = std::string(describe(c.error.reason()));
  v.expected = "a signature over this handshake with the certificate's key (CertificateVerify)";
  v.advice = {"A faulty server, or someone in between who has the certificate but not its key. Send nothing to it."};
  return v;
}

Verdict other(const Case& c) {
  Verdict v;
  v.summary = fmt::format("The certificate of {} is not acceptable.", c.peer());
  v.found = printable_utf8(c.error.message());
  v.advice = {
      "Whoever runs the server must have the certificate, or that of its issuer, made anew without that fault."};
  return v;
}

}  // namespace

Verdict judge_certificate(const Case& c) {
  switch (c.error.reason()) {
    case Reason::certificate_expired: return expired(c);
    case Reason::certificate_not_yet_valid: return not_yet_valid(c);
    case Reason::name_mismatch: return name_mismatch(c);
    case Reason::no_subject_alt_name: return no_names(c);
    case Reason::unknown_issuer: return unknown_issuer(c);
    case Reason::self_signed_certificate: return self_signed(c);
    case Reason::bad_certificate_signature: return wrong_signature(c);
    case Reason::bad_signature: return unproven(c);
    default: return other(c);
  }
}

}  // namespace handfast::doctor
