#include "doctor/json.h"
#include "doctor/catalogue/catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/cipher_suite.h"
#include "doctor/bytes.h"
#include "doctor/dissect/field.h"
#include "doctor/overload.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

using Json = nlohmann::ordered_json;

Json value_json(const Fact::Value& value) {
  return std::visit(Overload{
                        [](std::int64_t number) { return Json(number); },
                        [](const std::string& text) { return Json(text); },
                        [](const std::vector<std::string>& list) { return Json(list); },
                        [&](const Buffer&) { return Json(to_text(value)); },
                    },
                    value);
}

Json certificates_json(const std::vector<CertificateSummary>& certificates) {
  Json out = Json::array();
  for (const CertificateSummary& certificate : certificates) out.push_back(certificate_json(certificate));
  return out;
}

std::string level_name(Level level) {
  switch (level) {
    case Level::initial: return "initial";
    case Level::early: return "early";
    case Level::handshake: return "handshake";
    case Level::application: return "application";
  }
  return {};
}

Json step_json(const VerificationStep& step) {
  Json checks = Json::array();
  for (const VerificationCheck& check : step.checks) {
    Json out = {{"check", name(check.kind)}, {"outcome", name(check.outcome)}};
    if (check.reason) out.update({{"reason", name(*check.reason)}, {"code", code(*check.reason)}});
    out["evidence"] = facts_json(check.evidence);
    checks.push_back(std::move(out));
  }
  Json issuers = Json::array();
  for (const VerificationStep& issuer : step.issuers) issuers.push_back(step_json(issuer));
  return {{"certificate", step.certificate},
          {"is_anchor", step.is_anchor},
          {"is_accepted", step.is_accepted},
          {"checks", std::move(checks)},
          {"issuers", std::move(issuers)}};
}

/// One event; `from` is the side that sent it.
class EventJson {
 public:
  EventJson(Side side, Detail detail) noexcept : side_(side), detail_(detail) {}

  Json operator()(const Message& message) const {
    const MessageSummary summary = summarize(message);
    Json out = {{"event", "message"},
                {"from", from(message.direction)},
                {"message", title(message)},
                {"size", message.bytes.size()},
                {"level", level_name(message.level)},
                {"encrypted", message.level != Level::initial},
                {"fields", facts_json(summary.facts)}};
    if (!summary.certificates.empty()) out["certificates"] = certificates_json(summary.certificates);
    if (!summary.problem.empty()) out["problem"] = summary.problem;
    if (detail_ == Detail::bytes) out["bytes"] = fields_json(dissect(message.bytes, message.version), message.bytes);
    return out;
  }
  Json operator()(const ChangeCipherSpec& ccs) const {
    return {{"event", "change_cipher_spec"}, {"from", from(ccs.direction)}, {"encrypted", false}};
  }
  Json operator()(const KeyChange& key) const {
    return {{"event", "keys"},
            {"from", from(key.direction)},
            {"level", level_name(key.level)},
            {"secret", key.secret},
            {"cipher_suite", name(key.cipher_suite)}};
  }
  Json operator()(const DerivedSecret& secret) const {
    Json out = {{"event", "secret"}, {"name", secret.name}, {"derivation", secret.derivation}, {"size", secret.size}};
    if (!secret.bytes.empty()) out["secret"] = hex(secret.bytes);
    return out;
  }
  Json operator()(const RecordSeen& record) const {
    Json out = {{"event", "record"},
                {"from", from(record.direction)},
                {"level", level_name(record.level)},
                {"type", name(record.type)},
                {"encrypted", record.encrypted},
                {"size", record.size},
                {"bytes", hex(record.bytes)},
                {"content_size", record.opened ? Json(record.content_size) : Json(nullptr)}};
    if (!record.content.empty()) out["content"] = hex(record.content);
    return out;
  }
  Json operator()(const Decision& decision) const {
    return {{"event", "decision"},
            {"what", decision.what},
            {"chosen", decision.chosen},
            {"offered", decision.offered},
            {"supported", decision.supported}};
  }
  Json operator()(const Verification& verification) const {
    Json out = {{"event", "verification"}};
    out.update(verification_json(verification.report));
    return out;
  }
  Json operator()(const SessionSeen& seen) const {
    const bool resumed = seen.how != Resumption::none;
    return {{"event", "resumption"},
            {"resumed", resumed ? Json(name(seen.how)) : Json(nullptr)},
            {"refusal", resumed ? Json(nullptr) : Json(name(seen.refusal))}};
  }
  Json operator()(const EarlyDataSeen& seen) const {
    return {{"event", "early_data"}, {"outcome", name(seen.outcome)}};
  }
  Json operator()(const AlertSeen& alert) const {
    return {{"event", "alert"},
            {"from", from(alert.direction)},
            {"alert", name(alert.alert)},
            {"fatal", alert.fatal},
            {"encrypted", alert.encrypted}};
  }
  Json operator()(const Data& data) const {
    return {{"event", "application_data"}, {"from", from(data.direction)}, {"level", level_name(data.level)},
            {"encrypted", true},           {"records", data.records},      {"size", data.size}};
  }
  Json operator()(const Completed&) const { return {{"event", "completed"}}; }
  Json operator()(const Failed& failed) const {
    return {{"event", "failed"},
            {"reason", name(failed.error.reason())},
            {"alert", name(failed.error.alert())},
            {"evidence", facts_json(failed.error.evidence())}};
  }

 private:
  std::string from(Direction direction) const {
    const bool client = (direction == Direction::sent) == (side_ == Side::client);
    return name(client ? Side::client : Side::server);
  }
  Side side_;
  Detail detail_;
};

Json response_json(const HttpResponse& response) {
  Json headers = Json::array();
  for (const auto& [name, value] : response.headers) headers.push_back({{"name", name}, {"value", value}});
  return {{"status", response.status},
          {"reason", response.reason},
          {"headers", std::move(headers)},
          {"body", response.body}};
}

Json head(Json target, const Verdict& verdict) {
  return {{"schema", "handfast/connect/1"}, {"target", std::move(target)}, {"verdict", verdict_json(verdict)}};
}

}  // namespace

Json facts_json(const std::vector<Fact>& facts) {
  Json out = Json::object();
  for (const Fact& fact : facts) out[std::string(fact.name)] = value_json(fact.value);
  return out;
}

Json certificate_json(const CertificateSummary& certificate) {
  if (!certificate.problem.empty()) return {{"sha256", certificate.sha256}, {"problem", certificate.problem}};
  return {{"subject", certificate.subject},
          {"issuer", certificate.issuer},
          {"names", certificate.names},
          {"not_before", x509::time_text(certificate.not_before)},
          {"not_after", x509::time_text(certificate.not_after)},
          {"serial_number", certificate.serial_number},
          {"key", certificate.key},
          {"is_ca", certificate.is_ca},
          {"self_issued", certificate.self_issued},
          {"sha256", certificate.sha256}};
}

namespace {

Json cures_json(const Verdict& verdict) {
  Json out = Json::array();
  if (const Entry* entry = find_entry(verdict.code))
    for (const Cure& cure : entry->cures) out.push_back({{"where", cure.where}, {"text", cure.text}});
  return out;
}

Json called_json(const Verdict& verdict) {
  Json out = Json::array();
  if (const Entry* entry = find_entry(verdict.code))
    for (const Alias& alias : entry->aliases) out.push_back({{"program", alias.program}, {"text", alias.text}});
  return out;
}

}  // namespace

Json verdict_json(const Verdict& verdict) {
  const bool ok = verdict.exit_code == ExitCode::ok;
  Json evidence = Json::array();
  for (const Evidence& seen : verdict.evidence)
    evidence.push_back({{"where", seen.where}, {"says", seen.says}, {"bytes", hex(seen.bytes)}});
  Json others = Json::array();
  for (const OtherFinding& other : verdict.others)
    others.push_back({{"code", other.code}, {"reference", other.reference}, {"summary", other.summary}});
  return {{"ok", ok},
          {"exit_code", std::to_underlying(verdict.exit_code)},
          {"code", verdict.code},
          {"reference", verdict.reference.empty() ? Json(nullptr) : Json(verdict.reference)},
          {"fault", verdict.fault == Fault::unknown ? Json(nullptr) : Json(name(verdict.fault))},
          {"confidence", ok ? Json(nullptr) : Json(name(verdict.confidence))},
          {"summary", verdict.summary},
          {"found", verdict.found},
          {"expected", verdict.expected},
          {"evidence", std::move(evidence)},
          {"proof", verdict.proof},
          {"advice", verdict.advice},
          {"others", std::move(others)},
          {"cures", cures_json(verdict)},
          {"called", called_json(verdict)}};
}

Json target_json(const Target& target) {
  return {{"host", target.host}, {"port", target.port}, {"server_name", target.server_name}};
}

Json ladder_json(const Recording& recording, Detail detail) {
  Json out = Json::array();
  for (const Step& step : recording.steps()) {
    Json event = {{"at_us", step.at / 1000}};
    event.update(std::visit(EventJson(recording.side(), detail), step.what));
    out.push_back(std::move(event));
  }
  return out;
}

Json verification_json(const VerificationReport& report) {
  Json certificates = Json::array();
  for (const Buffer& der : report.certificates) certificates.push_back(certificate_json(summarize(der)));
  return {{"verified", !report.error},
          {"reason", report.error ? Json(name(report.error->reason())) : Json()},
          {"code", report.error ? Json(code(report.error->reason())) : Json()},
          {"now", x509::time_text(report.now)},
          {"certificates", std::move(certificates)},
          {"sent", report.sent},
          {"leaf", step_json(report.leaf)}};
}

namespace {

Json identity_json(const Identity& identity) {
  return {{"subject", identity.subject},
          {"common_name", identity.common_name},
          {"dns_names", identity.dns_names},
          {"ip_addresses", identity.ip_addresses},
          {"email_addresses", identity.email_addresses},
          {"uris", identity.uris},
          {"terms", identity.terms()}};
}

}  // namespace

Json info_json(const ConnectionInfo& info) {
  Json out = {{"version", name(info.version)},   {"cipher_suite", name(info.cipher_suite)},
              {"group", name(info.group)},       {"hello_retry_request", info.retried},
              {"server_name", info.server_name}, {"alpn", info.application_protocol}};
  const auto scheme = [](SignatureScheme value) {
    return std::to_underlying(value) != 0 ? Json(name(value)) : Json(nullptr);
  };
  out["peer_signature_scheme"] = scheme(info.peer_signature_scheme);
  out["own_signature_scheme"] = scheme(info.own_signature_scheme);
  const bool is_tls12 = info.version < ProtocolVersion::tls1_3 && info.version != ProtocolVersion{};  // or below
  out["extended_master_secret"] = is_tls12 ? Json(info.extended_master_secret) : Json(nullptr);
  const crypto::SuiteParts* suite = crypto::find_suite(info.cipher_suite);
  out["encrypt_then_mac"] = suite && !suite->has_aead() ? Json(info.encrypt_then_mac) : Json(nullptr);
  out["secure_renegotiation"] = is_tls12 ? Json(info.secure_renegotiation) : Json(nullptr);
  out["peer_verified"] = info.peer_verified;
  const std::optional<Identity> identity = info.peer_identity();
  out["peer_identity"] = identity ? identity_json(*identity) : Json(nullptr);
  out["verified_path"] = Json::array();
  for (Bytes der : info.verified_path()) out["verified_path"].push_back(summarize(der).subject);
  out["resumption"] = name(info.resumption);
  out["early_data"] = name(info.early_data);
  out["post_handshake_auth"] = info.post_handshake_auth;
  std::vector<CertificateSummary> chain;
  chain.reserve(info.peer_certificates.size());
  for (const Buffer& der : info.peer_certificates) chain.push_back(summarize(der));
  out["peer_certificates"] = certificates_json(chain);
  out["server_certificate_type"] = name(info.server_certificate_type);
  out["client_certificate_type"] = name(info.client_certificate_type);
  out["peer_raw_public_key"] =
      info.peer_raw_public_key.empty() ? Json(nullptr) : Json(SpkiPin::of(info.peer_raw_public_key).text());
  return out;
}

Json cost_json(HandshakeCost cost) {
  Json out = Json::object();
  for (const auto& [name, number] : members(cost)) out[std::string(name)] = *number;
  return out;
}

std::string connect_json(const Report& report, const Probing& probing, Detail detail) {
  Json out = head(target_json(report.target), report.verdict);
  Json attempts = Json::array();
  for (const ProbeAttempt& attempt : report.attempts)
    attempts.push_back(
        {{"address", attempt.address}, {"error", attempt.error.empty() ? Json(nullptr) : Json(attempt.error)}});
  out["attempts"] = std::move(attempts);
  out["probes"] = probes_json(probing);
  out["handshake_complete"] = report.recording.completed();
  out["connection"] = report.recording.completed() ? info_json(report.info) : Json(nullptr);
  out["ladder"] = ladder_json(report.recording, detail);
  out["ladder_left_out"] = report.recording.left_out();
  out["early_data"] = report.early_data ? early_data_json(*report.early_data) : Json(nullptr);
  out["session"] = report.session ? session_json(*report.session) : Json(nullptr);
  out["response"] = report.response ? response_json(*report.response) : Json(nullptr);
  return dump(out);
}

std::string connect_json(const Verdict& verdict) { return dump(head(nullptr, verdict)); }

std::string dump(const Json& json) { return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n'; }

}  // namespace handfast::doctor
