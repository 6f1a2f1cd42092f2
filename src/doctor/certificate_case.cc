#include "doctor/certificate_case.h"

#include <fmt/format.h>

#include <algorithm>

namespace handfast::doctor {
namespace {

/// The highest step where no issuer was found, and so the nearest to an anchor; nullptr: there is none.
const VerificationStep* without_issuer(const VerificationStep& step) {
  for (const VerificationStep& issuer : step.issuers)
    if (const VerificationStep* found = without_issuer(issuer)) return found;
  const bool failed = std::ranges::any_of(step.checks, [](const VerificationCheck& check) {
    return check.kind == CheckKind::issuer && check.outcome == CheckOutcome::failed;
  });
  return failed ? &step : nullptr;
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
