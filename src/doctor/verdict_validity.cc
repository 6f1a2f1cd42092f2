// Verdicts on validity: is it the certificate that is out of its time, or the clock?
#include <fmt/format.h>

#include <algorithm>

#include "doctor/certificate_case.h"
#include "doctor/sources_date.h"
#include "x509/anchors.h"
#include "x509/certificate.h"
#include "x509/describe.h"

namespace handfast::doctor {
namespace {

/// How many of some certificates are valid at a time.
struct Census {
  std::size_t valid = 0;
  std::size_t expired = 0;
  std::size_t not_yet = 0;

  void count(const x509::CertificateView& certificate, std::int64_t now) noexcept {
    ++(now > certificate.not_after ? expired : now < certificate.not_before ? not_yet : valid);
  }
  std::size_t all() const noexcept { return valid + expired + not_yet; }
};

/// The certificates of the chain, with the trusted authorities that signed one of them: the way up ends at the first
/// fault, so that an authority may not have been tried.
struct Chain {
  Census certificates;
  bool has_authority = false;
};

Chain chain_of(const CertificateCase& c) {
  Chain out;
  for (const Buffer& der : c.sent) {
    const auto certificate = x509::parse_certificate(der);
    if (!certificate) continue;
    out.certificates.count(*certificate, c.now);
    if (c.trust == nullptr || out.has_authority) continue;
    for (const TrustAnchors::Store::Entry& entry : c.trust->store().find(certificate->issuer)) {
      if (std::ranges::equal(entry.certificate.der(), der) || !x509::is_issued_by(*certificate, *entry.certificate))
        continue;
      out.certificates.count(*entry.certificate, c.now);
      out.has_authority = true;
    }
  }
  return out;
}

Census census_of_trust(const CertificateCase& c) {
  Census out;
  if (c.trust == nullptr) return out;
  for (const TrustAnchors::Store::Entry& entry : c.trust->store().authorities) out.count(*entry.certificate, c.now);
  return out;
}

/// What tells that the clock is wrong; empty: nothing does.
std::string proof_against_clock(const CertificateCase& c) {
  if (c.now < sources_date)
    return fmt::format("this machine's clock says {}, but this program was written on {}", x509::time_text(c.now),
                       x509::time_text(sources_date).substr(0, 10));
  // So many authorities do not lapse at once.
  constexpr std::size_t many = 10;
  const Census trust = census_of_trust(c);
  if (trust.all() >= many && trust.valid * 10 < trust.all())
    return fmt::format("at {}, which this machine's clock says, only {} of the {} trusted authorities are valid",
                       x509::time_text(c.now), trust.valid, trust.all());
  return {};
}

/// The rest of the chain, held against the clock.
std::string rest_of_chain(const Chain& chain) {
  const Census& all = chain.certificates;
  if (all.all() < 2) return {};
  if (all.valid != 0)
    return fmt::format("; at that time {} of the {} certificates of the chain {} valid", all.valid, all.all(),
                       all.valid == 1 ? "is" : "are");
  return fmt::format("; none of the {} certificates of the chain is valid at that time{}", all.all(),
                     chain.has_authority ? ", the trusted authority's own neither" : "");
}

Verdict wrong_clock(const CertificateCase& c, std::string proof) {
  Verdict v;
  v.set(Finding::wrong_clock);
  v.fault = Fault::clock;
  v.summary = fmt::format("This machine's clock is wrong, so that the certificate of {} seems {}.", c.owner,
                          c.error.reason() == Reason::certificate_expired ? "to have expired" : "not to be valid yet");
  v.found = std::move(proof);
  v.expected = "the true time";
  v.advice = {"Set the clock (timedatectl set-ntp true, or date -s), and try again."};
  return v;
}

Verdict expired(const CertificateCase& c) {
  Verdict v;
  const Chain chain = chain_of(c);
  const bool all = chain.has_authority && chain.certificates.expired == chain.certificates.all();
  v.summary = c.whose() + " has expired.";
  v.found = "valid until " + c.evidence("not_after");
  if (const auto certificate = c.culprit(); certificate && certificate->not_after < c.now)
    v.found += fmt::format(", that is {} ago", days_text(c.now - certificate->not_after));
  v.found += rest_of_chain(chain);
  v.expected = fmt::format("a certificate that is valid now, {}", x509::time_text(c.now));
  // With the anchor in it nothing in the chain speaks for the clock.
  v.fault = all ? Fault::unknown : Fault::server;
  if (all) v.confidence = Confidence::likely;
  if (all) v.advice.emplace_back("The clock may run ahead: compare `date` with the true time first.");
  v.advice.emplace_back(
      "Whoever runs the server must renew the certificate and load it into the server. If it was renewed already, the "
      "server still has the old one: reload it.");
  if (!all && chain.certificates.valid == 0)
    v.advice.emplace_back("Should this machine's clock be wrong, set it right: `date` shows it.");
  return v;
}

Verdict not_yet_valid(const CertificateCase& c) {
  Verdict v;
  const Chain chain = chain_of(c);
  v.summary = c.whose() + " is not valid yet.";
  v.found = "valid from " + c.evidence("not_before");
  if (const auto certificate = c.culprit(); certificate && certificate->not_before > c.now)
    v.found += fmt::format(", that is in {}", days_text(certificate->not_before - c.now));
  v.found += rest_of_chain(chain);
  v.expected = fmt::format("a certificate that is valid now, {}", x509::time_text(c.now));
  // Issued just now by a clock that runs ahead, or read by one that runs behind: the dates alone do not tell which.
  v.fault = chain.certificates.valid != 0 ? Fault::issuer : Fault::unknown;
  if (v.fault == Fault::unknown) v.confidence = Confidence::likely;
  v.advice = {
      "Compare this machine's clock (`date`) with the true time; then the clock of the machine that issued it."};
  return v;
}

/// As of a time that somebody asked about. No clock has said it, and nobody has failed to do anything yet.
Verdict at_another_time(const CertificateCase& c) {
  Verdict v;
  const bool too_late = c.error.reason() == Reason::certificate_expired;
  v.summary = fmt::format("{} {} at {}, as of which was asked.", c.whose(),
                          too_late ? "has expired" : "is not valid yet", x509::time_text(c.now));
  v.found = too_late ? "valid until " + c.evidence("not_after") : "valid from " + c.evidence("not_before");
  if (const auto certificate = c.culprit())
    v.found += too_late ? fmt::format(", that is {} before", days_text(c.now - certificate->not_after))
                        : fmt::format(", that is {} after", days_text(certificate->not_before - c.now));
  v.found += rest_of_chain(chain_of(c));
  v.expected = "a certificate that is valid then";
  v.advice.push_back(too_late ? "A chain that is to be good at that time needs the certificate renewed."
                              : fmt::format("Ask as of a time from {} on.", c.evidence("not_before")));
  return v;
}

}  // namespace

Verdict judge_validity(const CertificateCase& c) {
  if (c.now_was_asked_for) return at_another_time(c);
  if (std::string proof = proof_against_clock(c); !proof.empty()) return wrong_clock(c, std::move(proof));
  return c.error.reason() == Reason::certificate_expired ? expired(c) : not_yet_valid(c);
}

}  // namespace handfast::doctor
