#include "doctor/html/checks_view.h"

#include <string>
#include <string_view>

#include "doctor/certificate.h"
#include "doctor/verification_tree.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

struct Mark {
  std::string_view classes, sign, spoken;
};
Mark mark(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::passed: return {"passed", "✓", "passed:"};
    case CheckOutcome::failed: return {"failed", "✗", "failed:"};
    case CheckOutcome::not_made: return {"unmade", "–", "not made:"};
  }
  return {};
}

class Tree {
 public:
  Tree(Html& out, const VerificationReport& report) noexcept : out_(out), report_(report) {}

  void write(const VerificationStep& step) {
    const CertificateSummary summary = summarize(report_.certificates[step.certificate]);
    const bool in_vain = !report_.error && !step.is_accepted;
    const auto item = out_.open("li", in_vain ? "certificate vain" : "certificate");
    {
      const auto line = out_.open("p");
      out_.add("b", "", summary.subject.empty() ? "(no subject)" : summary.subject);
      if (step.is_anchor) out_.add("span", "badge", "trusted here");
      if (step.certificate >= report_.sent && !step.is_anchor) out_.add("span", "badge", "not sent");
      if (in_vain) out_.add("span", "badge", "tried in vain");
    }
    if (!step.checks.empty()) {
      const auto list = out_.open("ul", "checks");
      for (const VerificationCheck& check : step.checks) write(check, summary.subject);
    }
    if (step.issuers.empty()) return;
    out_.add("p", "below", step.issuers.size() == 1 ? "issued by" : "issued by one of");
    const auto list = out_.open("ul", "path");
    for (const VerificationStep& issuer : step.issuers) write(issuer);
  }

 private:
  void write(const VerificationCheck& check, const std::string& subject) {
    const Mark how = mark(check.outcome);
    const auto item = out_.open("li", how.classes);
    out_.add("b", "mark", how.sign, {{"aria-label", how.spoken}});
    out_.text(" " + check_text(check, subject));
  }

  Html& out_;
  const VerificationReport& report_;
};

}  // namespace

void write_checks(Html& out, const VerificationReport& report) {
  const auto card = out.open("section", report.error ? "card checks bad" : "card checks");
  out.add("h3", "", report.error ? "The certificate is refused" : "The certificate is verified");
  out.add(
      "p", "why",
      "What is looked for: a path from the certificate to somebody who is trusted here, with every signature and every "
      "rule on it good at " +
          x509::time_text(report.now) + ".");
  if (report.certificates.empty()) return;
  const auto list = out.open("ul", "path");
  Tree(out, report).write(report.leaf);
}

}  // namespace handfast::doctor
