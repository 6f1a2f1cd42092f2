#include "doctor/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "doctor/cases.h"
#include "doctor/certificate_case.h"
#include "doctor/evidence.h"
#include "doctor/http_get.h"
#include "net/address.h"

namespace handfast::doctor {
namespace {

bool is_configuration(Reason reason) noexcept {
  return std::to_underlying(reason) >= std::to_underlying(Reason::file_not_readable);
}

/// The handshake was done, the server has asked for another, and then it ended the connection. (A HelloRequest during
/// the handshake says nothing: nobody vouches for it, and it is passed over.)
bool wanted_to_renegotiate(const NetError& error, const Recording& recording) noexcept {
  const Error* tls = error.tls();
  const bool may_be_why = tls == nullptr || tls->reason() == Reason::alert_received ||
                          tls->reason() == Reason::truncated || tls->reason() == Reason::too_many_hello_requests;
  const auto& steps = recording.steps();
  const auto completed =
      std::ranges::find_if(steps, [](const Step& step) { return std::holds_alternative<Completed>(step.what); });
  return may_be_why && std::any_of(completed, steps.end(), [](const Step& step) {
           const auto* message = std::get_if<Message>(&step.what);
           return message != nullptr && message->type == HandshakeType::hello_request &&
                  message->direction == Direction::received;
         });
}

CertificateCase certificate_case(const Target& target, const Error& error, const Recording& recording) {
  const auto* verification = recording.find<Verification>();
  return {.error = error,
          .owner = target.text(),
          .server_name = target.server_name,
          .command = "handfast connect " + typed(target),
          .name_flag = "--sni",
          .now = target.now,
          .sent = certificates_received(recording),
          .report = verification != nullptr ? &verification->report : nullptr,
          .trust = target.trust.get()};
}

}  // namespace

bool is_about_certificate(Reason reason) noexcept {
  if (reason == Reason::bad_signature || reason == Reason::no_certificate) return true;
  return std::to_underlying(reason) >= std::to_underlying(Reason::too_many_certificates) &&
         std::to_underlying(reason) <= std::to_underlying(Reason::not_authorized);
}

std::string Case::evidence(std::string_view name) const {
  const Fact::Value* value = error.find(name);
  return value != nullptr ? printable_utf8(to_text(*value)) : std::string();
}

std::string Case::peer() const { return target.text(); }

std::vector<CertificateSummary> Case::server_chain() const {
  const Message* message = recording.message(HandshakeType::certificate, Direction::received);
  return message != nullptr ? summarize(*message).certificates : std::vector<CertificateSummary>();
}

std::string Case::fact(HandshakeType type, Direction direction, std::string_view name) const {
  return fact_of(recording, type, direction, name);
}

bool Case::offered_session() const {
  if (!fact(HandshakeType::client_hello, Direction::sent, "pre_shared_key").empty()) return true;
  return fact(HandshakeType::client_hello, Direction::sent, "session_ticket").ends_with(" bytes");
}

bool Case::certificate_requested() const noexcept {
  return recording.message(HandshakeType::certificate_request, Direction::received) != nullptr;
}

std::string typed(const Target& target) { return shell_word(target.port == 443 ? target.host : target.text()); }

std::string Target::text() const { return net::to_text({host, port}); }

Verdict judge(const Target& target, const NetError& error, const Recording& recording) {
  const Error* tls = error.tls();
  if (tls != nullptr && is_configuration(tls->reason())) return judge_config(*tls);
  if (wanted_to_renegotiate(error, recording)) {
    const Error cause(Alert::no_renegotiation, Reason::renegotiation);
    Verdict v = judge_renegotiation({target, cause, recording});
    v.set(cause.reason());
    v.evidence = evidence_of(cause, recording);
    return v;
  }
  if (tls == nullptr) {
    const bool connected = error.stage() != Stage::resolve && error.stage() != Stage::connect;
    if (!connected) return judge_network(target, error);
    Verdict v = judge_cut(target, error, recording);
    v.evidence = evidence_of_silence(target.bytes_received, recording);
    return v;
  }
  Verdict v;
  if (is_about_certificate(tls->reason())) {
    v = judge_certificate(certificate_case(target, *tls, recording));
  } else {
    const Case c{target, *tls, recording};
    v = tls->reason() == Reason::alert_received ? judge_alert(c, tls->alert()) : judge_protocol(c);
  }
  v.evidence = evidence_of(*tls, recording);
  if (const auto* verification = recording.find<Verification>())
    v.others = other_findings(verification->report, v.code);
  return v;
}

std::optional<Verdict> judge_response(const Target& target, const HttpResponse& response, const Recording& recording) {
  struct Saying {
    std::string_view text;
    Alert alert;  ///< what says the same in TLS
  };
  constexpr Saying sayings[] = {{"400 No required SSL certificate was sent", Alert::certificate_required},
                                {"400 The SSL certificate error", Alert::bad_certificate}};
  constexpr unsigned bad_request = 400;
  if (response.status != bad_request) return std::nullopt;
  for (const Saying& saying : sayings) {
    if (response.body.find(saying.text) == std::string::npos) continue;
    const Error error(saying.alert, Reason::alert_received);
    const Case c{target, error, recording};
    if (!c.certificate_requested()) return std::nullopt;
    Verdict v = judge_client_certificate(c, saying.alert,
                                         fmt::format("the answer \"{}\", over HTTP, after the handshake", saying.text));
    if (const auto* verification = recording.find<Verification>()) v.others = chain_findings(verification->report);
    return v;
  }
  return std::nullopt;
}

Verdict judge(const Target& target, const ConnectionInfo& info, const Recording& recording) {
  Verdict v;
  v.code = "ok";
  if (const auto* verification = recording.find<Verification>()) v.others = chain_findings(verification->report);
  const std::string speaks = fmt::format("{} speaks {}", target.text(), name(info.version));
  if (info.resumption == Resumption::external_psk)
    v.summary = speaks + ", with a pre-shared key that both sides had.";
  else if (!info.peer_verified)
    v.summary = speaks + "; its certificate was not verified.";
  else if (target.pinned)
    v.summary = speaks + ", with the very certificate that is pinned.";
  else if (info.resumption != Resumption::none)
    v.summary =
        fmt::format("{} and resumes a session, in which its certificate was good for {}.", speaks, target.server_name);
  else
    v.summary = fmt::format("{}, and its certificate is good for {}.", speaks, target.server_name);
  return v;
}

std::string log_line(const NetError& error, Side side) {
  const Error* tls = error.tls();
  const std::string_view peer = side == Side::server ? "the client" : "the server";
  if (tls == nullptr && error.timed_out())
    return fmt::format("{}: timed out: {} did not do its part in time", name(error.stage()), peer);
  if (tls == nullptr) return error.message();
  if (tls->reason() == Reason::alert_received)
    return fmt::format("{} sent the alert {}: {}", peer, name(tls->alert()), meaning(tls->alert()));
  if (tls->reason() == Reason::truncated) return fmt::format("{} closed without close_notify", peer);
  return fmt::format("{} [{}]", printable_utf8(tls->message()), name(tls->reason()));
}

std::string_view log_code(const NetError& error) noexcept {
  const Error* tls = error.tls();
  if (tls == nullptr) return code(error.timed_out() ? Finding::timed_out : Finding::reset);
  return tls->reason() == Reason::alert_received ? code(tls->alert()) : code(tls->reason());
}

std::string_view name(Fault fault) noexcept {
  switch (fault) {
    case Fault::unknown: return "unknown";
    case Fault::client: return "client";
    case Fault::server: return "server";
    case Fault::issuer: return "issuer";
    case Fault::path: return "path";
    case Fault::clock: return "clock";
  }
  return "unknown";
}

std::string_view name(Confidence confidence) noexcept {
  switch (confidence) {
    case Confidence::certain: return "certain";
    case Confidence::likely: return "likely";
    case Confidence::possible: return "possible";
  }
  return "possible";
}

}  // namespace handfast::doctor
