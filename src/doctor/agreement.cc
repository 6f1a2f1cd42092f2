// What was agreed on and what was checked, to stand below the verdict on a connection that succeeded.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/contains.h"
#include "crypto/cipher_suite.h"
#include "doctor/certificate.h"
#include "doctor/message.h"
#include "doctor/verdict.h"
#include "doctor/verification_tree.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

std::string fact_text(const VerificationCheck& check, std::string_view name) {
  const auto fact = std::ranges::find(check.evidence, name, &Fact::name);
  return fact == check.evidence.end() ? std::string() : printable_utf8(to_text(fact->value));
}

/// "CN=example.com, says OCSP, until 2026-11-25T20:40:05Z", for each certificate of the path that is proven good.
std::vector<std::string> proofs_of_no_revocation(const VerificationReport& report) {
  std::vector<std::string> out;
  for (const VerificationStep* step = &report.leaf; step != nullptr; step = accepted_issuer(*step))
    for (const VerificationCheck& check : step->checks) {
      if (check.kind != CheckKind::revocation || check.outcome != CheckOutcome::passed) continue;
      const std::string until = fact_text(check, "next_update");
      out.push_back(fmt::format("{}, says {}{}", fact_text(check, "subject"), fact_text(check, "source"),
                                until.empty() ? "" : ", until " + until));
    }
  return out;
}

}  // namespace

std::vector<std::string> checks_not_made(const VerificationReport& report) {
  std::vector<const VerificationCheck*> on_path;
  for (const VerificationStep* step = &report.leaf; step != nullptr; step = accepted_issuer(*step))
    for (const VerificationCheck& check : step->checks) on_path.push_back(&check);
  std::vector<std::string> out;
  for (const VerificationCheck* check : on_path) {
    if (check->outcome != CheckOutcome::not_made) continue;
    std::string what = spaced(name(check->kind));
    // Where it was made of another certificate, it has to be said of which it was not.
    const bool elsewhere = std::ranges::any_of(on_path, [&](const VerificationCheck* other) {
      return other->kind == check->kind && other->outcome == CheckOutcome::passed;
    });
    const std::string subject = fact_text(*check, "subject");
    if (elsewhere && !subject.empty()) what += " of " + subject;
    if (!base::contains(out, what)) out.push_back(std::move(what));
  }
  return out;
}

std::vector<std::string_view> weaknesses(const ConnectionInfo& info) {
  std::vector<std::string_view> out;
  if (info.version == ProtocolVersion::tls1_3 || info.version == ProtocolVersion{}) return out;
  if (info.version < ProtocolVersion::tls1_2) out.push_back(withdrawn_version);
  if (!info.extended_master_secret) out.push_back(no_extended_master_secret);
  if (!info.secure_renegotiation) out.push_back(no_secure_renegotiation);
  for (std::string_view weakness : suite_weaknesses(info.cipher_suite, info.encrypt_then_mac)) out.push_back(weakness);
  return out;
}

std::vector<std::string_view> suite_weaknesses(CipherSuite suite, bool encrypt_then_mac) {
  std::vector<std::string_view> out;
  const crypto::SuiteParts* parts = crypto::find_suite(suite);
  if (!parts) return out;
  if (!parts->has_forward_secrecy()) out.push_back(no_forward_secrecy);
  if (!parts->has_aead() && !encrypt_then_mac) out.push_back(mac_then_encrypt);
  return out;
}

std::string agreement(const ConnectionInfo& info, const Recording& recording, const Style& style) {
  constexpr std::size_t indent = 15;
  const std::string_view dot = style.dot();
  std::string agreed = fmt::format("{}{}{}", name(info.version), dot, name(info.cipher_suite));
  // Of a session that was resumed without a key exchange there is none.
  if (std::to_underlying(info.group) != 0) agreed += fmt::format("{}{}", dot, name(info.group));
  if (info.retried) agreed += fmt::format("{}after a HelloRetryRequest", dot);
  if (!info.application_protocol.empty()) agreed += fmt::format("{}ALPN {}", dot, printable(info.application_protocol));
  std::string out = paragraph(style, "  agreed", agreed, indent);
  for (const std::string_view weakness : weaknesses(info)) out += paragraph(style, "  weak", weakness, indent);
  if (!info.peer_certificates.empty()) {
    const CertificateSummary leaf = summarize(info.peer_certificates.front());
    out += paragraph(style, "  certificate",
                     fmt::format("{}{}{}{}from {}{}until {}", leaf.subject.empty() ? "(no subject)" : leaf.subject, dot,
                                 leaf.key, dot, leaf.issuer, dot, x509::time_text(leaf.not_after)),
                     indent);
  }
  if (!info.peer_raw_public_key.empty())
    out += paragraph(style, "  raw public key", SpkiPin::of(info.peer_raw_public_key).text(), indent);
  if (std::to_underlying(info.peer_signature_scheme) != 0)
    out +=
        paragraph(style, "  proof",
                  fmt::format("{}signed with {}",
                              info.resumption == Resumption::none ? "" : "the session's key, which goes back to one ",
                              name(info.peer_signature_scheme)),
                  indent);
  if (recording.message(HandshakeType::certificate_request, Direction::received) != nullptr)
    out += paragraph(style, "  client auth",
                     // In TLS 1.2 the server's Finished comes after its decision; but some decide later, over HTTP.
                     fmt::format("asked for; {} not refused so far",
                                 info.credential ? "our certificate was sent, and" : "none was sent, and that was"),
                     indent);
  std::vector<std::string> unrevoked, unchecked;
  if (const auto* verification = recording.find<Verification>()) {
    unrevoked = proofs_of_no_revocation(verification->report);
    unchecked = checks_not_made(verification->report);
  }
  for (const std::string& proof : unrevoked) out += paragraph(style, "  not revoked", proof, indent);
  if (!unchecked.empty())
    out += paragraph(style, "  not checked", fmt::format("{}", fmt::join(unchecked, ", ")), indent);
  return out;
}

}  // namespace handfast::doctor
