// Which probes say something of which failure.
#include <algorithm>

#include "doctor/message.h"
#include "doctor/probes/probes.h"

namespace handfast::doctor {
namespace {

std::string in_hello(const Report& report, std::string_view name) {
  return fact_of(report.recording, HandshakeType::client_hello, Direction::sent, name);
}
bool hello_says(const Report& report, std::string_view name) { return !in_hello(report, name).empty(); }

bool offers_tls13(const Report& report) {
  return in_hello(report, "supported_versions").find(name(ProtocolVersion::tls1_3)) != std::string::npos;
}

/// The server did not go on behind our ClientHello.
std::vector<Change> refused_hello(const Report& report) {
  const bool spoke = report.target.bytes_received != 0;
  std::vector<Change> out;
  const auto add = [&](Change change, bool sensible) {
    if (sensible) out.push_back(change);
  };
  add(Change::listen, !spoke);
  add(Change::nothing, true);
  add(Change::no_session,
      hello_says(report, "pre_shared_key") || in_hello(report, "session_ticket").ends_with(" bytes"));
  add(Change::no_server_name, hello_says(report, "server_name"));
  add(Change::with_server_name, !hello_says(report, "server_name"));
  add(Change::no_alpn, hello_says(report, "alpn"));
  add(Change::tls12_only, offers_tls13(report));
  add(Change::small, !spoke);
  add(Change::small_padded, !spoke);
  // A server that lacks these says so, or at least ends the connection; one that is silent is not asked for so long.
  const bool silent = report.verdict.code == name(Finding::timed_out);
  add(Change::every_suite, !silent);
  add(Change::every_group, !silent);
  add(Change::every_signature_scheme, !silent);
  add(Change::older_versions, !silent);
  add(Change::http, !spoke);
  return out;
}

/// After a handshake that is well: what of other clients' hellos?
constexpr Change robustness[] = {Change::nothing, Change::two_segments, Change::two_records, Change::large};

}  // namespace

std::vector<Change> plan(const Report& report, ProbePolicy policy) {
  if (policy == ProbePolicy::never || report.attempts.empty() || !report.attempts.back().error.empty()) return {};
  const Verdict& v = report.verdict;
  if (v.exit_code == ExitCode::ok) {
    if (policy != ProbePolicy::always) return {};
    return {std::begin(robustness), std::end(robustness)};
  }
  const auto is = [&](auto what) { return v.code == name(what); };
  if (is(Reason::name_mismatch) && hello_says(report, "server_name")) return {Change::certificate_without_sni};
  if (is(Reason::unknown_issuer) || is(Reason::self_signed_certificate) || is(Finding::intercepted))
    return {Change::certificate_for_another};
  const bool answered = report.recording.message(HandshakeType::server_hello, Direction::received) != nullptr;
  const bool refused = v.exit_code == ExitCode::transport || v.exit_code == ExitCode::negotiation;
  if (answered || !refused || is(Reason::inappropriate_fallback)) return {};
  // The server has said it itself.
  if (is(Reason::no_application_protocol)) return {};
  for (const Finding plain : {Finding::plain_http, Finding::plain_smtp, Finding::plain_imap, Finding::plain_pop3,
                              Finding::plain_ftp, Finding::plain_ssh})
    if (is(plain)) return {};
  if (is(Reason::wrong_version_selected) || is(Reason::no_common_version)) return {Change::older_versions};
  return refused_hello(report);
}

}  // namespace handfast::doctor
