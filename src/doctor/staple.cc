#include "doctor/staple.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "x509/certificate.h"
#include "x509/files.h"
#include "x509/name.h"
#include "x509/ocsp.h"
#include "x509/ocsp_response.h"

namespace handfast::doctor {
namespace {

using x509::RevocationAnswer;
using x509::RevocationStatus;

constexpr std::size_t max_file_size = 1 << 20;

/// What the response says of a leaf whose issuer is not at hand: as it stands, not verified.
Result<RevocationAnswer> ask_unverified(Bytes response, const x509::CertificateView& leaf, std::int64_t now) {
  const Result<x509::OCSPResponse> parsed = x509::parse_ocsp_response(response);
  if (!parsed) return fail(parsed.error());
  if (!parsed->basic)
    return RevocationAnswer{{}, {{"problem", fmt::format("the responder said {}", name(parsed->status))}}};
  for (Bytes rest = parsed->basic->responses; const auto single = x509::read_single_response(rest);) {
    if (!std::ranges::equal(single->cert_id.serial_number, leaf.serial_number)) continue;
    if (x509::is_current(*single, now)) return RevocationAnswer{single->status, {}};
    return RevocationAnswer{{}, {{"problem", "it is outdated, or not yet valid"}}};
  }
  return fail(x509::bad_ocsp_response("it is of another certificate"));
}

struct Asked {
  Result<RevocationAnswer> answer;
  bool verified;
};
Asked ask(Bytes response, std::span<const Buffer> chain, std::int64_t now) {
  const x509::CertificateView leaf = x509::parse_certificate(chain.front()).value();
  Asked asked{ask_unverified(response, leaf, now), false};
  x509::Work work{.candidates = 0, .signatures = 2 * x509::max_responder_certificates + 1, .name_comparisons = 0};
  for (const Buffer& der : chain.subspan(1)) {
    const x509::CertificateView issuer = x509::parse_certificate(der).value();
    if (!x509::equal_names(issuer.subject, leaf.issuer)) continue;
    asked = {x509::ask_ocsp(response, {leaf, issuer, nullptr, {}, nullptr, now}, nullptr, work), true};
    if (asked.answer) break;  // a namesake of the issuer is none
  }
  return asked;
}

/// What a file is that is not even DER; empty: it may be.
std::string_view form_of(Bytes file) noexcept {
  if (file.empty()) return "it is empty";
  if (as_text(file).find("-----BEGIN ") != std::string_view::npos) return "it is PEM, and has to be DER";
  return file.front() == 0x30 ? "" : "it is no DER";
}

std::string problem_of(const std::vector<Fact>& evidence) {
  for (const Fact& fact : evidence)
    if (fact.name == "problem") return to_text(fact.value);
  return "it does not verify";
}

Error no_staple(const std::string& path, std::string_view problem) {
  return Error(Alert::internal_error, Reason::bad_config)
      .with("option", "--staple")
      .with("problem", fmt::format("{} is no staple to send: {}", path, problem));
}

}  // namespace

Result<Staple> read_staple(const std::string& path, std::span<const Buffer> chain, std::int64_t now) {
  Result<Buffer> response = x509::read_file(path, max_file_size);
  if (!response) return fail(std::move(response.error()));
  const std::string_view form = form_of(*response);
  if (!form.empty()) return fail(no_staple(path, form));
  const auto [answer, verified] = ask(*response, chain, now);
  if (answer && answer->status == RevocationStatus::good) return Staple{*std::move(response), verified};
  std::string problem;
  if (!answer)
    problem = problem_of(answer.error().evidence());
  else if (answer->status == RevocationStatus::not_said)
    problem = problem_of(answer->evidence);
  else
    problem = answer->status == RevocationStatus::revoked ? "it says that the certificate is revoked"
                                                          : "its responder does not know the certificate";
  return fail(no_staple(path, problem));
}

}  // namespace handfast::doctor
