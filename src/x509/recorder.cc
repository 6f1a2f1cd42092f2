#include "x509/recorder.h"

#include <algorithm>

namespace handfast {

std::string_view name(CheckKind kind) noexcept {
  switch (kind) {
    case CheckKind::pin: return "pin";
    case CheckKind::critical_extensions: return "critical_extensions";
    case CheckKind::profile: return "profile";
    case CheckKind::key_strength: return "key_strength";
    case CheckKind::validity: return "validity";
    case CheckKind::basic_constraints: return "basic_constraints";
    case CheckKind::path_length: return "path_length";
    case CheckKind::key_usage: return "key_usage";
    case CheckKind::extended_key_usage: return "extended_key_usage";
    case CheckKind::server_name: return "server_name";
    case CheckKind::anchor_scope: return "anchor_scope";
    case CheckKind::name_constraints: return "name_constraints";
    case CheckKind::tls_features: return "tls_features";
    case CheckKind::signature: return "signature";
    case CheckKind::revocation: return "revocation";
    case CheckKind::issuer: return "issuer";
    case CheckKind::policies: return "policies";
    case CheckKind::key_pin: return "key_pin";
  }
  return "unknown";
}

std::string_view name(CheckOutcome outcome) noexcept {
  switch (outcome) {
    case CheckOutcome::passed: return "passed";
    case CheckOutcome::failed: return "failed";
    case CheckOutcome::not_made: return "not_made";
  }
  return "unknown";
}

namespace x509 {

Recorder::Recorder(const VerifyRequest& request, VerificationReport* report) : report_(report) {
  if (report_ == nullptr) return;
  *report_ =
      VerificationReport{.certificates = {}, .sent = request.chain.size(), .now = request.now, .leaf = {}, .error = {}};
  for (const Certificate& certificate : request.chain)
    report_->certificates.emplace_back(certificate.der().begin(), certificate.der().end());
}

VerificationStep* Recorder::add_issuer(VerificationStep* below, const Certificate& issuer, bool is_anchor) {
  if (below == nullptr) return nullptr;
  std::vector<Buffer>& known = report_->certificates;
  auto place = std::ranges::find_if(known, [&](const Buffer& der) { return std::ranges::equal(der, issuer.der()); });
  const auto index = static_cast<std::size_t>(place - known.begin());
  if (place == known.end()) known.emplace_back(issuer.der().begin(), issuer.der().end());
  VerificationStep step;
  step.certificate = index;
  step.is_anchor = is_anchor;
  return &below->issuers.emplace_back(std::move(step));
}

void Recorder::accept_path() noexcept {
  if (report_ == nullptr) return;
  for (VerificationStep* step = &report_->leaf; !step->issuers.empty(); step->is_accepted = true)
    step = &step->issuers.back();
}

void Recorder::finish(const Error* error) {
  if (report_ == nullptr) return;
  if (error != nullptr)
    report_->error = *error;
  else
    report_->leaf.is_accepted = true;
}

}  // namespace x509
}  // namespace handfast
