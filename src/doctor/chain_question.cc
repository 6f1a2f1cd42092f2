#include "doctor/chain_question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <utility>

#include "doctor/certificate_case.h"
#include "doctor/json.h"

namespace handfast::doctor {
namespace {

/// The name that is asked for; empty where there is none.
std::string host_of(const ChainQuestion& question) {
  const auto* server = std::get_if<x509::ServerAuth>(&question.purpose);
  return server != nullptr ? server->name.text() : std::string();
}

bool is_client(const ChainQuestion& question) { return std::holds_alternative<x509::ClientAuth>(question.purpose); }

std::string subject_of(const x509::Certificate& certificate) {
  const std::string subject = summarize(certificate.der()).subject;
  return subject.empty() ? "(no subject)" : subject;
}

Verdict judge_good(const ChainQuestion& question, const x509::VerifiedChain& verified,
                   const VerificationReport& report) {
  Verdict v;
  v.code = "ok";
  const std::string host = host_of(question);
  const std::string whom = is_client(question) ? "a client" : host.empty() ? "a server" : host;
  const std::string subject = subject_of(verified.path.front());
  v.summary = verified.path.size() == 1 ? fmt::format("{} verifies for {}: it is pinned.", subject, whom)
                                        : fmt::format("{} verifies for {}, up to {}, which is trusted.", subject, whom,
                                                      subject_of(verified.path.back()));
  const std::vector<std::string> unchecked = checks_not_made(report);
  if (!unchecked.empty()) v.found = fmt::format("not checked: {}", fmt::join(unchecked, ", "));
  for (std::size_t i = 1; i + 1 < verified.path.size(); ++i)
    for (std::size_t k = question.sent; k < question.chain.size(); ++k)
      if (verified.path[i] == question.chain[k])
        v.advice.push_back(
            fmt::format("A server has to send {} as well, which came from --untrusted: handfast cert "
                        "chain-fix",
                        subject_of(question.chain[k])));
  return v;
}

Verdict judge_bad(const ChainQuestion& question, const Error& error, const VerificationReport& report) {
  CertificateCase c{.error = error,
                    .owner = question.owner,
                    .server_name = host_of(question),
                    .command = question.command,
                    .name_flag = "--host",
                    .now = question.now,
                    .now_was_asked_for = question.now_was_asked_for,
                    .sent = {},
                    .report = &report,
                    .trust = question.anchors.get()};
  for (std::size_t i = 0; i < question.sent; ++i)
    c.sent.emplace_back(question.chain[i].der().begin(), question.chain[i].der().end());
  return judge_certificate(c);
}

}  // namespace

ChainAnswer ask(const ChainQuestion& question) {
  ChainAnswer out;
  const Bytes response = question.ocsp_response;
  const auto verified = x509::verify({.chain = question.chain,
                                      .purpose = question.purpose,
                                      .anchors = *question.anchors,
                                      .now = question.now,
                                      .policy = {.profile = question.options.profile},
                                      .revocation = {.policy = question.options.revocation,
                                                     .lists = question.options.revocation_lists.get(),
                                                     .ocsp_responses = {&response, response.empty() ? 0U : 1U}}},
                                     &out.report);
  out.report.sent = question.sent;
  out.verdict =
      verified ? judge_good(question, *verified, out.report) : judge_bad(question, verified.error(), out.report);
  return out;
}

std::string chain_answer_json(const ChainQuestion& question, const ChainAnswer& answer) {
  nlohmann::ordered_json out = {{"schema", "handfast/cert-verify/1"}, {"verdict", verdict_json(answer.verdict)}};
  out["host"] = nullptr;
  if (const std::string host = host_of(question); !host.empty()) out["host"] = host;
  out["purpose"] = is_client(question) ? "client" : "server";
  out["verification"] = verification_json(answer.report);
  return dump(out);
}

}  // namespace handfast::doctor
