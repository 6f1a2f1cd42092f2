// What is odd about a chain that verifies. Most clients sort it out; some do not, and all of it is sent every time.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "doctor/certificate.h"
#include "doctor/evidence.h"
#include "doctor/verification_tree.h"

namespace handfast::doctor {
namespace {

/// The places of the certificates of the path that was found, leaf first, as far as they were sent. An anchor that was
/// sent too is on no path: whoever trusts it has it.
std::vector<std::size_t> path_of(const VerificationReport& report) {
  std::vector<std::size_t> out;
  for (const VerificationStep* step = &report.leaf; step != nullptr; step = accepted_issuer(*step))
    if (step->certificate < report.sent) out.push_back(step->certificate);
  return out;
}

OtherFinding finding(Finding what, std::string summary) {
  return {std::string(name(what)), std::string(code(what)), std::move(summary)};
}

std::string subjects(const VerificationReport& report, const std::vector<std::size_t>& places) {
  std::vector<std::string> out;
  for (const std::size_t place : places) {
    std::string subject = summarize(report.certificates[place]).subject;
    out.push_back(subject.empty() ? "(no subject)" : std::move(subject));
  }
  return fmt::format("{}", fmt::join(out, ", then "));
}

}  // namespace

std::vector<OtherFinding> chain_findings(const VerificationReport& report) {
  if (report.error || report.certificates.empty() || !report.leaf.is_accepted) return {};
  std::vector<OtherFinding> out;
  std::vector<std::size_t> path = path_of(report);
  const bool in_order = std::ranges::is_sorted(path);
  // A root need not be sent: whoever trusts it has it.
  if (path.size() > 1 && summarize(report.certificates[path.back()]).self_issued) path.pop_back();
  if (!in_order)
    out.push_back(finding(Finding::misordered_chain,
                          fmt::format("The chain was not sent in order, which some clients can't read; it should be {}",
                                      subjects(report, path))));
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < report.sent; ++i)
    if (std::ranges::find(path, i) == path.end()) rest.push_back(i);
  if (!rest.empty())
    out.push_back(
        finding(Finding::superfluous_certificates,
                fmt::format("{} sent for nothing: {}", rest.size() == 1 ? "One certificate was" : "Certificates were",
                            subjects(report, rest))));
  return out;
}

}  // namespace handfast::doctor
