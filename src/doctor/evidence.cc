#include "doctor/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "doctor/cases.h"
#include "doctor/certificate.h"
#include "doctor/message.h"
#include "doctor/style.h"
#include "wire/server_hello.h"
#include "x509/certificate.h"
#include "x509/describe.h"
#include "x509/name.h"
#include "x509/oid.h"

namespace handfast::doctor {
namespace {

Buffer owned(Bytes bytes) { return Buffer(bytes.begin(), bytes.end()); }

std::string text_of(const Error& error, std::string_view name) {
  const Fact::Value* value = error.find(name);
  return value != nullptr ? printable_utf8(to_text(*value)) : std::string();
}

const Message* last_received(const Recording& recording) noexcept {
  const Message* last = nullptr;
  for (const Step& step : recording.steps())
    if (const auto* message = std::get_if<Message>(&step.what);
        message != nullptr && message->direction == Direction::received)
      last = message;
  return last;
}

/// "ServerHello, 122 bytes"; what came last, or that nothing did.
Evidence last_message(const Recording& recording) {
  const Message* last = last_received(recording);
  if (last == nullptr) return {"the server's messages", "none came", {}};
  constexpr std::size_t shown = 16;
  return {"the server's last message", fmt::format("{}, {} bytes", title(*last), last->bytes.size()),
          owned(Bytes(last->bytes).first(std::min(shown, last->bytes.size())))};
}

/// The server's chain, as a message; what came last where none did.
Evidence chain_message(const Recording& recording) {
  const Message* chain = recording.message(HandshakeType::certificate, Direction::received);
  if (chain == nullptr) return last_message(recording);
  return {
      title(*chain),
      fmt::format("{} bytes, {}", chain->bytes.size(), counted(certificates_received(recording).size(), "certificate")),
      {}};
}

/// Our own side of it: what was asked.
std::optional<Evidence> our_hello(const Recording& recording) {
  const Message* hello = recording.message(HandshakeType::client_hello, Direction::sent);
  if (hello == nullptr) return std::nullopt;
  const std::string name = fact_of(recording, HandshakeType::client_hello, Direction::sent, "server_name");
  return Evidence{"our ClientHello",
                  fmt::format("{} bytes, {}", hello->bytes.size(),
                              name.empty() ? std::string("without a server name") : "for " + name),
                  {}};
}

Evidence alert_evidence(const AlertSeen& alert, const Recording& recording) {
  const Message* before = last_received(recording);
  const std::string when = recording.completed() ? "after the handshake"
                           : before != nullptr   ? fmt::format("after {}", title(*before))
                                                 : "instead of a ServerHello";
  return {fmt::format("the server's alert, {}", when),
          fmt::format("fatal, {} ({})", name(alert.alert), std::to_underlying(alert.alert)),
          {2, std::to_underlying(alert.alert)}};
}

/// Fields of a ServerHello that stand at fixed places: four bytes of header, legacy_version, random.
constexpr std::size_t random_at = 6, random_size = 32;

Evidence server_hello_evidence(const Error& error, const Recording& recording) {
  const Message* hello = recording.message(HandshakeType::server_hello, Direction::received);
  if (hello == nullptr || hello->bytes.size() < random_at + random_size) return last_message(recording);
  const Bytes bytes = hello->bytes;
  if (error.reason() == Reason::downgrade_detected)
    return {"ServerHello: the end of random", "\"DOWNGRD\" and the version that the server could have spoken",
            owned(bytes.subspan(random_at + random_size - wire::downgrade_to_tls1_2.size(),
                                wire::downgrade_to_tls1_2.size()))};
  return {"ServerHello: legacy_version", "the server chose " + text_of(error, "selected"),
          owned(bytes.subspan(random_at - 2, 2))};
}

// Certificates.

/// The field of a certificate that a reason is about.
struct CertificateField {
  std::string name;
  Bytes bytes;
};

CertificateField extension_field(const x509::CertificateView& certificate, Bytes oid) {
  const auto extension = x509::find_extension(certificate, oid);
  return {x509::extension_name(oid) + (extension ? "" : " is not there"), extension ? extension->value : Bytes()};
}

CertificateField field_of(Reason reason, const x509::CertificateView& certificate) {
  switch (reason) {
    case Reason::certificate_expired:
    case Reason::certificate_not_yet_valid: return {"validity, notBefore and notAfter", certificate.validity};
    case Reason::name_mismatch:
    case Reason::no_subject_alt_name: return extension_field(certificate, x509::oid::subjectAltName);
    case Reason::unknown_issuer:
    case Reason::self_signed_certificate: return {"issuer", certificate.issuer};
    case Reason::not_a_ca:
    case Reason::ca_as_leaf:
    case Reason::path_length_exceeded: return extension_field(certificate, x509::oid::basicConstraints);
    case Reason::wrong_key_usage: return extension_field(certificate, x509::oid::keyUsage);
    case Reason::wrong_extended_key_usage: return extension_field(certificate, x509::oid::extKeyUsage);
    case Reason::missing_ocsp_response:
    case Reason::missing_tls_feature: return extension_field(certificate, x509::oid::tlsFeature);
    case Reason::weak_key:
    case Reason::unsupported_certificate_key:
    case Reason::wrong_certificate_key:
    case Reason::pin_mismatch: return {"subjectPublicKeyInfo", certificate.public_key.der};
    case Reason::unsupported_signature_algorithm: return {"signatureAlgorithm", certificate.signature_algorithm.der};
    case Reason::bad_certificate_signature: return {"signatureValue", certificate.signature};
    default: return {"serialNumber", certificate.serial_number};
  }
}

/// "the server's own", "number 2 of 3 that were sent", "one that is trusted here".
std::string place_of(std::size_t index, std::size_t sent) {
  if (index == 0) return "the server's own";
  return index < sent ? fmt::format("number {} of the {} that were sent", index + 1, sent) : "one that is trusted here";
}

/// The certificate that the error is about: that of its evidence `subject`, else the leaf.
std::size_t culprit_of(const Error& error, const std::vector<Buffer>& certificates) {
  const std::string subject = text_of(error, "subject");
  for (std::size_t i = 0; !subject.empty() && i < certificates.size(); ++i)
    if (summarize(certificates[i]).subject == subject) return i;
  return 0;
}

std::vector<Evidence> certificate_evidence(const Error& error, const VerificationReport& report) {
  if (report.certificates.empty()) return {};
  const std::size_t index = culprit_of(error, report.certificates);
  const CertificateSummary summary = summarize(report.certificates[index]);
  std::vector<Evidence> out;
  out.push_back(
      {fmt::format("the certificate, {}", place_of(index, report.sent)),
       fmt::format("{}, SHA-256 {}", summary.subject.empty() ? "(no subject)" : summary.subject, summary.sha256),
       {}});
  if (const auto certificate = x509::parse_certificate(report.certificates[index])) {
    CertificateField field = field_of(error.reason(), *certificate);
    out.push_back({"its field", std::move(field.name), owned(field.bytes)});
  }
  return out;
}

void collect(const VerificationReport& report, const VerificationStep& step, std::set<std::string_view>& seen,
             std::vector<OtherFinding>& out) {
  for (const VerificationCheck& check : step.checks) {
    if (check.outcome != CheckOutcome::failed || !check.reason || !seen.insert(name(*check.reason)).second) continue;
    const CertificateSummary summary = summarize(report.certificates[step.certificate]);
    std::string details;
    for (const Fact& fact : check.evidence)
      if (fact.name != "subject")
        details += fmt::format("; {} {}", spaced(fact.name), printable_utf8(to_text(fact.value)));
    out.push_back({std::string(name(*check.reason)), std::string(code(*check.reason)),
                   fmt::format("{}: {}{}", summary.subject.empty() ? "(no subject)" : summary.subject,
                               describe(*check.reason), details)});
  }
  for (const VerificationStep& issuer : step.issuers) collect(report, issuer, seen, out);
}

}  // namespace

std::vector<Evidence> evidence_of(const Error& error, const Recording& recording) {
  const auto* verification = recording.find<Verification>();
  if (verification != nullptr && verification->report.error && verification->report.error->reason() == error.reason())
    return certificate_evidence(error, verification->report);
  std::vector<Evidence> out;
  switch (error.reason()) {
    case Reason::alert_received:
      if (const AlertSeen* alert = recording.fatal_alert()) out.push_back(alert_evidence(*alert, recording));
      break;
    case Reason::not_tls:
    case Reason::http_request:
    case Reason::http_proxy_request:
    case Reason::bad_record_version:
      if (const Fact::Value* first = error.find("first_bytes"))
        if (const auto* bytes = std::get_if<Buffer>(first))
          out.push_back({"the first bytes", fmt::format("\"{}\"", printable(as_text(*bytes), 64)), *bytes});
      break;
    case Reason::downgrade_detected:
    case Reason::wrong_version_selected: out.push_back(server_hello_evidence(error, recording)); break;
    case Reason::bad_signature:
    case Reason::wrong_signature_scheme: out.push_back(last_message(recording)); break;
    default:
      out.push_back(is_about_certificate(error.reason()) ? chain_message(recording) : last_message(recording));
      break;
  }
  if (last_received(recording) == nullptr)
    if (auto hello = our_hello(recording)) out.push_back(std::move(*hello));
  return out;
}

std::vector<Evidence> evidence_of_silence(std::uint64_t bytes_received, const Recording& recording) {
  std::vector<Evidence> out;
  if (auto hello = our_hello(recording)) out.push_back(std::move(*hello));
  if (last_received(recording) != nullptr) out.push_back(last_message(recording));
  out.push_back({"over TCP", fmt::format("{} bytes came", bytes_received), {}});
  return out;
}

std::vector<OtherFinding> other_findings(const VerificationReport& report, std::string_view code) {
  std::vector<OtherFinding> out;
  std::set<std::string_view> seen = {code};
  // A chain that leads nowhere is told once, by whatever name.
  if (report.error) seen.insert(name(report.error->reason()));
  if (report.error && report.error->reason() == Reason::self_signed_certificate)
    seen.insert(name(Reason::unknown_issuer));
  if (!report.certificates.empty()) collect(report, report.leaf, seen, out);
  return out;
}

}  // namespace handfast::doctor
