#include "doctor/certificate_case.h"

#include <fmt/format.h>

#include <algorithm>

namespace handfast::doctor {
namespace {

bool failed(const VerificationCheck& check) noexcept { return check.outcome == CheckOutcome::failed; }
bool has_no_issuer(const VerificationCheck& check) noexcept { return failed(check) && check.kind == CheckKind::issuer; }
bool has_a_fault(const VerificationCheck& check) noexcept { return failed(check) && check.kind != CheckKind::issuer; }

/// The highest step where no issuer was found, and so the nearest to an anchor; nullptr: there is none. What is above a
/// fault did not decide.
const VerificationStep* without_issuer(const VerificationStep& step) {
  for (const VerificationStep& issuer : step.issuers)
    if (std::ranges::none_of(issuer.checks, has_a_fault))
      if (const VerificationStep* found = without_issuer(issuer)) return found;
  return std::ranges::any_of(step.checks, has_no_issuer) ? &step : nullptr;
}

}  // namespace

std::string CertificateCase::evidence(std::string_view name) const {
  const Fact::Value* value = error.find(name);
  return value != nullptr ? printable_utf8(to_text(*value)) : std::string();
}

std::optional<CertificateSummary> CertificateCase::culprit() const {
  const std::string subject = evidence("subject");
  if (!subject.empty())
    for (const Buffer& der : report != nullptr ? report->certificates : sent)
      if (CertificateSummary summary = summarize(der); summary.subject == subject) return summary;
  return sent.empty() ? std::nullopt : std::optional(summarize(sent.front()));
}

std::string CertificateCase::whose() const {
  const std::string subject = evidence("subject");
  const bool leaf = subject.empty() || (!sent.empty() && summarize(sent.front()).subject == subject);
  return leaf ? fmt::format("The certificate of {}", owner)
              : fmt::format("The certificate {} in the chain of {}", subject, owner);
}

bool can_be_typed(std::string_view address) noexcept {
  if (!address.starts_with("http://") && !address.starts_with("https://")) return false;
  return std::ranges::all_of(address, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~:/%+=@,").find(c) != std::string_view::npos;
  });
}

Bytes CertificateCase::top() const {
  if (report != nullptr)
    if (const VerificationStep* step = without_issuer(report->leaf)) return report->certificates[step->certificate];
  return sent.empty() ? Bytes{} : Bytes(sent.back());
}

}  // namespace handfast::doctor
