#include "doctor/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

#include "base/contains.h"
#include "doctor/cases.h"
#include "doctor/certificate_case.h"
#include "doctor/certificate_file.h"
#include "net/address.h"
#include "x509/certificate.h"

namespace handfast::doctor {
namespace {

/// Reasons that are about the server's certificate, or about its proof of it.
bool is_about_certificate(Reason reason) noexcept {
  if (reason == Reason::bad_signature || reason == Reason::no_certificate) return true;
  return std::to_underlying(reason) >= std::to_underlying(Reason::too_many_certificates) &&
         std::to_underlying(reason) <= std::to_underlying(Reason::not_authorized);
}

bool is_configuration(Reason reason) noexcept {
  return std::to_underlying(reason) >= std::to_underlying(Reason::file_not_readable);
}

Verdict judge_network(const Target& target, const NetError& error) {
  namespace asio = boost::asio;
  const std::string peer = target.text();
  const boost::system::error_code code = error.transport();
  Verdict v;
  v.exit_code = ExitCode::network;
  v.found = printable_utf8(code.message());
  if (error.stage() == Stage::resolve) {
    v.code = "name_not_resolved";
    v.summary = fmt::format("The name {} could not be resolved to an address.", target.host);
    v.expected = "an A or AAAA record";
    v.advice = {fmt::format("Check the spelling. What this machine's resolver says: getent ahosts {}", target.host)};
    return v;
  }
  v.found += fmt::format(" at {}", fmt::join(target.tried, ", "));
  v.expected = "a TCP connection";
  if (code == asio::error::connection_refused) {
    v.code = "tcp_refused";
    v.summary = fmt::format("Nothing listens on {}.", peer);
    v.advice = {"Check the port, and that the server runs (there: ss -ltnp).",
                "A firewall that rejects looks the same."};
  } else if (error.timed_out()) {
    v.code = "tcp_timed_out";
    v.summary = fmt::format("{} does not answer.", peer);
    v.advice = {"The host is down, or a firewall on the way drops the packets without a word."};
  } else {
    v.code = "tcp_failed";
    v.summary = fmt::format("There is no TCP connection to {}.", peer);
    v.advice = {"Check the address, and whether this machine has a route to it: ip route get ADDRESS"};
  }
  return v;
}

/// The TCP connection was there, and failed under TLS.
Verdict judge_cut(const Target& target, const NetError& error, const Recording& recording) {
  const std::string peer = target.text();
  const bool silent = target.bytes_received == 0;
  const bool done = recording.completed();
  const std::string_view when = done     ? "after the handshake"
                                : silent ? "after our ClientHello"
                                         : "in the middle of the handshake";
  Verdict v;
  v.exit_code = ExitCode::transport;
  v.expected = done ? "an answer" : silent ? "a ServerHello" : "the rest of the handshake";
  if (error.timed_out()) {
    v.code = "timed_out";
    v.summary = silent ? fmt::format("{} took the TCP connection and says nothing.", peer)
                : done ? fmt::format("{} did not answer in time after the handshake.", peer)
                       : fmt::format("{} did not finish the handshake in time.", peer);
    v.found = silent ? "not one byte within the time-out"
                     : fmt::format("{} bytes in all when the time was over", target.bytes_received);
    if (silent) v.advice = {"The port may not speak TLS, or wait for a command first (mail servers: STARTTLS)."};
    v.advice.emplace_back("If the server is only slow, give it longer: --timeout 60");
    return v;
  }
  v.code = "reset";
  v.summary = fmt::format("{} broke the connection {}.", peer, when);
  v.found = printable_utf8(error.transport().message()) + ", and no alert that says why";
  if (silent)
    v.advice = {fmt::format("A firewall, or a server that does not know the name that was sent ({}), may do so: try "
                            "--sni NAME, or from another network.",
                            target.server_name),
                "Or the port does not speak TLS."};
  else
    v.advice = {"The server's log may say why."};
  return v;
}

/// The flag that sets an option of the library, where people have named it so.
std::string flag_of(const std::string& option) {
  struct Row {
    std::string_view option, flag;
  };
  constexpr Row rows[] = {
      {"min_version", "--tls"},
      {"max_version", "--tls"},
      {"cipher_suites", "--suites"},
      {"groups", "--groups"},
      {"application_protocols", "--alpn"},
      {"credentials", "--cert"},
      {"credential", "--cert"},
      {"client_trust", "--client-ca"},
      {"post_handshake_auth", "--client-auth-for"},
      {"trust_anchors", "--ca-for"},
      {"pin", "--pin"},
      {"server_name", "the name"},
      {"address", "the address"},
  };
  for (const Row& row : rows)
    if (row.option == option) return std::string(row.flag);
  return option;
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

std::string fault_text(Fault fault) {
  switch (fault) {
    case Fault::unknown: return "not known";
    case Fault::client: return "on this side: what is trusted or asked for here";
    case Fault::server: return "the server's: whoever runs it has to act";
    case Fault::issuer: return "of whoever issued the certificate";
    case Fault::clock: return "this machine's clock";
  }
  return {};
}

std::string fact_text(const VerificationCheck& check, std::string_view name) {
  const auto fact = std::ranges::find(check.evidence, name, &Fact::name);
  return fact == check.evidence.end() ? std::string() : printable_utf8(to_text(fact->value));
}

/// The next step of the path that was found; nullptr at its end.
const VerificationStep* accepted_issuer(const VerificationStep& step) noexcept {
  const auto next = std::ranges::find_if(step.issuers, &VerificationStep::is_accepted);
  return next == step.issuers.end() ? nullptr : &*next;
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
  const Message* message = recording.message(type, direction);
  if (message == nullptr) return {};
  for (const Fact& fact : summarize(*message).facts)
    if (fact.name == name) return to_text(fact.value);
  return {};
}

bool Case::offered_session() const {
  if (!fact(HandshakeType::client_hello, Direction::sent, "pre_shared_key").empty()) return true;
  return fact(HandshakeType::client_hello, Direction::sent, "session_ticket").ends_with(" bytes");
}

bool Case::certificate_requested() const noexcept {
  return recording.message(HandshakeType::certificate_request, Direction::received) != nullptr;
}

std::string typed(const Target& target) { return target.port == 443 ? target.host : target.text(); }

std::string Target::text() const { return net::to_text({host, port}); }

Verdict judge(const Target& target, const NetError& error, const Recording& recording) {
  const Error* tls = error.tls();
  if (wanted_to_renegotiate(error, recording)) {
    const Error cause(Alert::no_renegotiation, Reason::renegotiation);
    Verdict v = judge_renegotiation({target, cause, recording});
    v.set_reason(cause.reason());
    return v;
  }
  if (tls == nullptr)
    return error.stage() == Stage::resolve || error.stage() == Stage::connect ? judge_network(target, error)
                                                                              : judge_cut(target, error, recording);
  if (is_configuration(tls->reason())) return judge_config(*tls);
  if (is_about_certificate(tls->reason())) return judge_certificate(certificate_case(target, *tls, recording));
  const Case c{target, *tls, recording};
  if (tls->reason() == Reason::alert_received) return judge_alert(c, tls->alert());
  Verdict v = judge_protocol(c);
  v.set_reason(tls->reason());
  return v;
}

Verdict judge(const Target& target, const ConnectionInfo& info) {
  Verdict v;
  v.code = "ok";
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

Verdict judge_config(const Error& error) {
  Verdict v;
  v.exit_code = ExitCode::usage;
  v.set_reason(error.reason());
  const auto evidence = [&](std::string_view name) {
    const Fact::Value* value = error.find(name);
    return value != nullptr ? printable_utf8(to_text(*value)) : std::string();
  };
  const std::string path = evidence("path");
  const std::string file = path.empty() ? std::string("The input") : path;
  switch (error.reason()) {
    case Reason::file_not_readable:
      v.summary = fmt::format("{} can't be read.", file);
      v.found = evidence("error");
      break;
    case Reason::bad_pem:
      v.expected = evidence("expected");
      v.found = evidence("found");
      if (v.expected.ends_with("PEM or DER")) {
        v.summary = fmt::format("{} is not what was expected.", file);
        if (v.found == no_certificate_among_it)
          v.advice = {fmt::format("What it holds: handfast cert inspect {}", shell_word(path))};
        break;
      }
      v.summary = fmt::format("{} is not the PEM file that was expected.", file);
      v.advice = {
          "A PEM file is text with -----BEGIN ...----- lines. From DER: openssl x509 -inform DER -in FILE -out "
          "FILE.pem"};
      break;
    case Reason::bad_private_key:
      v.summary = fmt::format("{} holds no private key that can be used.", file);
      v.found = evidence("problem");
      v.expected = "PKCS#8, SEC 1 or PKCS#1 in PEM, not encrypted: RSA, ECDSA on P-256, P-384 or P-521, Ed25519";
      break;
    case Reason::key_does_not_match:
      v.summary = "The private key does not belong to the certificate.";
      v.found = evidence("subject").empty() ? "" : "the certificate " + evidence("subject");
      v.expected = "the key that the certificate (the first one in its file) was issued for";
      v.advice = {"Both must show the same: openssl x509 -in CERT -noout -pubkey and openssl pkey -in KEY -pubout"};
      break;
    case Reason::bad_config:
      v.summary = fmt::format("{}: {}.", flag_of(evidence("option")), evidence("problem"));
      v.found = evidence("value");
      if (std::string remedy = evidence("remedy"); !remedy.empty()) v.advice.push_back(std::move(remedy));
      break;
    default: v.summary = printable_utf8(error.message()) + "."; break;
  }
  return v;
}

std::string log_line(const NetError& error, Side side) {
  const Error* tls = error.tls();
  if (tls == nullptr) return error.timed_out() ? fmt::format("{}: timed out", name(error.stage())) : error.message();
  const std::string_view peer = side == Side::server ? "the client" : "the server";
  if (tls->reason() == Reason::alert_received)
    return fmt::format("{} sent the alert {}: {}", peer, name(tls->alert()), meaning(tls->alert()));
  if (tls->reason() == Reason::truncated) return fmt::format("{} closed without close_notify", peer);
  return fmt::format("{} [{}]", printable_utf8(tls->message()), name(tls->reason()));
}

std::string_view name(Fault fault) noexcept {
  switch (fault) {
    case Fault::unknown: return "unknown";
    case Fault::client: return "client";
    case Fault::server: return "server";
    case Fault::issuer: return "issuer";
    case Fault::clock: return "clock";
  }
  return "unknown";
}

std::string verdict_text(const Verdict& verdict, const Style& style) {
  constexpr std::size_t indent = 12;
  const bool ok = verdict.exit_code == ExitCode::ok;
  std::string out;
  const std::string mark(ok ? style.passed() : style.failed());
  bool first = true;
  for (const std::string& line : wrap(verdict.summary, style.width - columns(mark) - 1)) {
    out += (first ? style.paint(ok ? Paint::green : Paint::red, mark) : std::string(columns(mark), ' ')) + ' ' +
           style.paint(Paint::bold, line) + '\n';
    first = false;
  }
  out += paragraph(style, "  found", verdict.found, indent);
  out += paragraph(style, "  expected", verdict.expected, indent);
  if (verdict.fault != Fault::unknown) out += paragraph(style, "  fault", fault_text(verdict.fault), indent);
  first = true;
  for (const std::string& advice : verdict.advice) {
    out += paragraph(style, first ? "  to do" : "", advice, indent);
    first = false;
  }
  if (!ok) {
    const std::string code =
        fmt::format("{}{}{} (exit code {})", verdict.reference, verdict.reference.empty() ? "" : " ", verdict.code,
                    std::to_underlying(verdict.exit_code));
    out += paragraph(style, "  code", code, indent);
  }
  return out;
}

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
  if (info.version != ProtocolVersion::tls1_2) return out;
  if (!info.extended_master_secret) out.push_back(no_extended_master_secret);
  if (!info.secure_renegotiation) out.push_back(no_secure_renegotiation);
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
  if (std::to_underlying(info.peer_signature_scheme) != 0)
    out +=
        paragraph(style, "  proof",
                  fmt::format("{}signed with {}",
                              info.resumption == Resumption::none ? "" : "the session's key, which goes back to one ",
                              name(info.peer_signature_scheme)),
                  indent);
  if (recording.message(HandshakeType::certificate_request, Direction::received) != nullptr)
    out += paragraph(style, "  client auth",
                     fmt::format("asked for; {} {}",
                                 info.credential ? "our certificate was sent, and" : "none was sent, and that was",
                                 // In TLS 1.2 the server's Finished comes after its decision.
                                 info.version == ProtocolVersion::tls1_2 ? "accepted" : "not refused so far"),
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
