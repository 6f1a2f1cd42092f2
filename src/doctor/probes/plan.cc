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

bool offers(const Report& report, ProtocolVersion version) {
  return offered_versions(report.recording).find(name(version)) != std::string::npos;
}

template <typename Number>
bool offers_all(const std::string& offered, const std::vector<Number>& spoken) {
  return std::ranges::all_of(spoken,
                             [&](Number number) { return offered.find(handfast::name(number)) != std::string::npos; });
}

/// The server did not go on behind our ClientHello. Each list of what is offered comes before the version: with less
/// in common a server of TLS 1.3 fails where the same of TLS 1.2 does not.
std::vector<Change> refused_hello(const Report& report) {
  const bool spoke = report.target.bytes_received != 0;
  // A server that lacks something says so, or at least ends the connection; one that is silent is not asked for long.
  const bool silent = report.verdict.code == name(Finding::timed_out);
  const bool session = hello_says(report, "pre_shared_key") || in_hello(report, "session_ticket").ends_with(" bytes");
  const bool tls13 = offers(report, ProtocolVersion::tls1_3), tls12 = offers(report, ProtocolVersion::tls1_2);
  std::vector<Change> out;
  const auto add = [&](Change change, bool sensible) {
    if (sensible) out.push_back(change);
  };
  add(Change::listen, !spoke);
  add(session ? Change::no_session : Change::nothing, true);
  add(Change::no_server_name, hello_says(report, "server_name"));
  add(Change::with_server_name, !hello_says(report, "server_name"));
  add(Change::no_alpn, hello_says(report, "alpn"));
  add(Change::spoken_groups, !silent && !offers_all(in_hello(report, "supported_groups"), default_groups()));
  add(Change::every_group, !silent);
  add(Change::spoken_suites, !silent && !offers_all(in_hello(report, "cipher_suites"), supported_cipher_suites()));
  add(Change::every_suite, !silent);
  add(Change::every_signature_scheme, !silent);
  add(Change::tls12_only, tls13 && tls12);
  add(Change::older_versions, !silent && tls13 && tls12);
  add(Change::small, !spoke);
  add(Change::small_padded, !spoke);
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
  if (answered || !refused) return {};
  // It has said it itself: of an older version only which one is left to ask.
  if (is(Reason::no_common_version) && v.fault == Fault::server) return {Change::nothing, Change::older_versions};
  // It is about the name.
  if (is(Finding::server_name_refused)) return {Change::nothing, Change::no_server_name};
  if (is(Finding::server_name_required)) return {Change::nothing, Change::with_server_name};
  const bool is_cut = is(Reason::truncated) || is(Reason::closed) || is(Finding::reset) || is(Finding::timed_out);
  if (!is_cut && !v.code.starts_with("alert_")) return {};
  return refused_hello(report);
}

}  // namespace handfast::doctor
