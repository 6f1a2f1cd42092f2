#include "doctor/html/verdict_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/catalogue/catalogue.h"
#include "doctor/catalogue/prose.h"
#include "doctor/certificate.h"
#include "doctor/message_words.h"
#include "doctor/resumption.h"
#include "doctor/style.h"

namespace handfast::doctor {
namespace {

/// A list of labels and what stands beside them; what has nothing beside it is left out.
class Rows {
 public:
  explicit Rows(Html& out) : out_(out), list_(out.open("dl", "rows")) {}

  void add(std::string_view label, std::string_view text, std::string_view classes = {}) {
    if (text.empty()) return;
    out_.add("dt", classes, label);
    out_.add("dd", classes, text);
  }
  void add(std::string_view label, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    out_.add("dt", "", label);
    for (const std::string& text : texts) out_.add("dd", "", text);
  }

 private:
  Html& out_;
  Html::Element list_;
};

std::string signature_text(const ConnectionInfo& info) {
  if (std::to_underlying(info.peer_signature_scheme) == 0) return "none: the session's secret is its proof";
  const std::string scheme = name(info.peer_signature_scheme);
  return info.resumption == Resumption::none ? scheme : "none: the session's secret goes back to one with " + scheme;
}

std::string session_text(const Report& report) {
  if (report.info.resumption != Resumption::none) return fmt::format("resumed {}", words(report.info.resumption));
  const SessionRefusal refusal = session_refusal(report.recording);
  return refusal == SessionRefusal::none ? "a new one" : fmt::format("a new one; not resumed: {}", words(refusal));
}

std::string client_authentication_text(const Report& report) {
  if (report.recording.message(HandshakeType::certificate_request, Direction::received) == nullptr) return {};
  return report.info.credential ? "asked for; our certificate was sent" : "asked for; none was sent";
}

template <typename Item, typename Text>
std::vector<std::string> texts_of(const std::vector<Item>& items, Text text) {
  std::vector<std::string> out;
  for (const Item& item : items) out.push_back(text(item));
  return out;
}

std::string evidence_text(const Evidence& seen) {
  constexpr std::size_t most_bytes = 64;
  std::string out = fmt::format("{}: {}", seen.where, seen.says);
  if (seen.bytes.empty()) return out;
  const Bytes first = Bytes(seen.bytes).first(std::min(seen.bytes.size(), most_bytes));
  return out + fmt::format(" [{:02x}{}]", fmt::join(first, " "), seen.bytes.size() > most_bytes ? " ..." : "");
}

/// How whoever runs the server, or sits here, mends it; what is to be copied as it is.
void write_cures(Html& out, const Entry& entry) {
  if (entry.cures.empty()) return;
  const auto fold = out.open("details", "cures");
  out.add("summary", "", "How to mend it");
  for (const Cure& cure : entry.cures) {
    out.add("h4", "", cure.where);
    for (const Block& block : blocks(cure.text)) out.add(block.is_verbatim ? "pre" : "p", "", block.text);
  }
}

void write_called(Html& out, const Entry& entry) {
  if (entry.aliases.empty()) return;
  const auto fold = out.open("details", "called");
  out.add("summary", "", "What other programs call it");
  const auto list = out.open("ul");
  for (const Alias& alias : entry.aliases) out.add("li", "", fmt::format("{}: {}", alias.program, alias.text));
}

void write_rows(Html& out, const Verdict& verdict) {
  Rows rows(out);
  rows.add("found", verdict.found);
  rows.add("expected", verdict.expected);
  rows.add("evidence", texts_of(verdict.evidence, evidence_text));
  rows.add(verdict.confidence == Confidence::certain ? "proven" : "tried", verdict.proof);
  if (verdict.fault != Fault::unknown) rows.add("fault", describe(verdict.fault));
  const bool ok = verdict.exit_code == ExitCode::ok;
  if (!ok) rows.add("sure?", describe(verdict.confidence));
  rows.add("to do", verdict.advice);
  rows.add("besides", texts_of(verdict.others, [](const OtherFinding& other) {
             return fmt::format("{} ({} {})", other.summary, other.reference, other.code);
           }));
  if (!ok)
    rows.add("code", fmt::format("{}{}{} (exit code {})", verdict.reference, verdict.reference.empty() ? "" : " ",
                                 verdict.code, std::to_underlying(verdict.exit_code)));
}

}  // namespace

void write_verdict(Html& out, const Verdict& verdict) {
  const bool ok = verdict.exit_code == ExitCode::ok;
  const auto box = out.open("div", ok ? "verdict good" : "verdict bad");
  {
    const auto summary = out.open("p", "summary");
    out.add("b", "mark", ok ? "✓" : "✗", {{"aria-label", ok ? "ok:" : "failed:"}});
    out.text(" " + verdict.summary);
  }
  if (ok && verdict.found.empty() && verdict.expected.empty() && verdict.advice.empty()) return;
  const Entry* entry = ok ? nullptr : find_entry(verdict.code);
  write_rows(out, verdict);
  if (entry == nullptr) return;
  write_cures(out, *entry);
  write_called(out, *entry);
}

void write_probes(Html& out, const Probing& probing) {
  if (probing.probes.empty()) return;
  const auto fold = out.open("details", "probes");
  out.add("summary", "", fmt::format("It was tried again, {}", counted(probing.probes.size(), "time")));
  const auto list = out.open("ol");
  for (const Probe& probe : probing.probes)
    out.add("li", "", fmt::format("{} ({} bytes): {}", describe(probe.change), probe.bytes_sent, outcome(probe)));
  for (const Change change : probing.left_out)
    out.add("li", "", fmt::format("{}: not made, at the limit of time and number", describe(change)));
}

void write_agreement(Html& out, const Report& report) {
  const ConnectionInfo& info = report.info;
  Rows rows(out);
  rows.add("version", name(info.version));
  rows.add("cipher suite", name(info.cipher_suite));
  rows.add("group", std::to_underlying(info.group) == 0
                        ? "none: the session's secret alone"
                        : name(info.group) + (info.retried ? ", after a HelloRetryRequest" : ""));
  rows.add("protocol", info.application_protocol.empty() ? "none (no ALPN)" : info.application_protocol);
  rows.add("server name", info.server_name.empty() ? "none was sent" : info.server_name);
  rows.add("session", session_text(report));
  if (!info.peer_certificates.empty())
    rows.add("certificate", fmt::format("{}", fmt::join(words(summarize(info.peer_certificates.front())), " · ")));
  if (!info.peer_raw_public_key.empty()) rows.add("raw public key", SpkiPin::of(info.peer_raw_public_key).text());
  rows.add("its proof", signature_text(info));
  rows.add("client's certificate", client_authentication_text(report));
  if (info.early_data != EarlyData::disabled) rows.add("early data", words(info.early_data));
  for (const std::string_view weakness : weaknesses(info)) rows.add("weak", weakness, "warning");
  if (const auto* verification = report.recording.find<Verification>())
    rows.add("not checked", fmt::format("{}", fmt::join(checks_not_made(verification->report), ", ")), "warning");
  if (report.session && report.session->resumed() && report.session->full_handshake)
    rows.add("saved", savings(report.session->handshake, *report.session->full_handshake));
}

}  // namespace handfast::doctor
