// Verdicts on what the server sent or did not send: alerts, choices, bytes that are no TLS.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "doctor/cases.h"
#include "doctor/greeting.h"

namespace handfast::doctor {
namespace {

std::string alert_found(Alert alert) { return fmt::format("the server's alert {}: {}", name(alert), meaning(alert)); }

/// We were asked for a certificate, and have answered with none: no key of ours is of a kind that was asked for.
bool sent_no_certificate(const Case& c) {
  const Message* message = c.recording.message(HandshakeType::certificate, Direction::sent);
  return message != nullptr && summarize(*message).certificates.empty();
}

/// What to do about a certificate of ours that the server does not take.
std::string_view cure_of_refusal(Alert alert) noexcept {
  switch (alert) {
    case Alert::certificate_expired: return "Renew it: have whoever issued it issue it anew, and give the new one.";
    case Alert::certificate_revoked: return "Its issuer has revoked it: have another one issued, for a new key.";
    case Alert::unsupported_certificate:
      return "It may be for servers only: have one issued with extendedKeyUsage clientAuth, and with a key of a kind "
             "that the server takes. handfast cert inspect shows both.";
    case Alert::access_denied: return "Ask whoever runs the server to let it in: it is good, and has no access.";
    default: return "Ask whoever runs the server which authority must have issued it, and look at its dates.";
  }
}

}  // namespace

Verdict judge_client_certificate(const Case& c, Alert alert, std::string found) {
  Verdict v;
  v.exit_code = ExitCode::client_authentication;
  v.found = std::move(found);
  const std::string authorities =
      c.fact(HandshakeType::certificate_request, Direction::received, "certificate_authorities");
  v.expected = authorities.empty() ? "a client certificate from an authority that the server trusts (it names none)"
                                   : "a client certificate from one of: " + authorities;
  v.fault = Fault::client;
  if (!c.target.has_credential) {
    v.set(Finding::client_certificate_required);
    v.summary = fmt::format("{} wants a client certificate, and none was sent.", c.peer());
    v.advice = {fmt::format("Give yours: handfast connect {} --cert client.pem --key client.key", typed(c.target))};
  } else if (sent_no_certificate(c)) {
    v.set(Finding::client_certificate_required);
    v.summary = fmt::format("{} wants a client certificate, and ours was not sent: it fits none of what is asked for.",
                            c.peer());
    const std::string schemes = c.fact(HandshakeType::certificate_request, Direction::received, "signature_algorithms");
    if (!schemes.empty()) v.expected += fmt::format(", with a key that signs with one of: {}", schemes);
    v.advice = {"Give one whose key is of a kind that the server takes: --cert and --key, as often as there are."};
  } else {
    v.set(Finding::client_certificate_refused);
    v.summary = fmt::format("{} refuses our client certificate.", c.peer());
    v.advice = {std::string(cure_of_refusal(alert))};
  }
  return v;
}

namespace {

Verdict not_tls(const Case& c) {
  std::string first;
  if (const Fact::Value* value = c.error.find("first_bytes"))
    if (const auto* bytes = std::get_if<Buffer>(value)) first.assign(as_text(*bytes));
  if (std::optional<Verdict> greeted = judge_greeting(c.target, first)) return std::move(*greeted);
  Verdict v;
  v.exit_code = ExitCode::transport;
  v.expected = "a TLS ServerHello";
  v.found = first.empty() ? std::string("bytes that are no TLS record")
                          : fmt::format("the bytes \"{}\"", printable(first, 64));
  v.fault = Fault::client;
  v.summary = fmt::format("{} does not speak TLS.", c.peer());
  v.advice = {"Check the port: what answers here is something else."};
  return v;
}

Verdict closed(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::transport;
  v.confidence = Confidence::possible;
  const bool silent = c.target.bytes_received == 0;
  v.summary = silent ? fmt::format("{} closed the connection without a word.", c.peer())
                     : fmt::format("{} closed the connection in the middle of the handshake.", c.peer());
  if (c.recording.completed()) v.summary = fmt::format("{} closed the connection without close_notify.", c.peer());
  v.found = silent ? "the end of the TCP connection after our ClientHello, and no alert"
                   : "the end of the TCP connection, and no alert that says why";
  v.expected = c.recording.completed() ? "close_notify, which tells an end from a cut" : "the rest of the handshake";
  if (silent)
    v.advice = {fmt::format("Some servers and firewalls do so for a name that they do not know (sent: {}): try --sni.",
                            c.target.server_name),
                "Or the port does not speak TLS."};
  else
    v.advice = {"The server's log may say why."};
  return v;
}

/// The session that was offered, or the data that came with it, may be what the server stumbles over.
void suspect_session(const Case& c, Verdict& v) {
  if (c.recording.completed() || !c.offered_session()) return;
  v.advice.emplace_back(
      "A session was offered: whether it is the cause, a connection without --session (and --early-data) shows.");
}

Verdict no_common_ground(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} and we found no common ground: {}.", c.peer(), describe(c.error.reason()));
  v.found = c.evidence("offered");
  v.expected = c.evidence("supported");
  v.advice = {"Leave --suites, --groups and --alpn at their defaults, or name one that the server has."};
  return v;
}

Verdict broken_protocol(const Case& c) {
  Verdict v;
  v.confidence = Confidence::likely;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} broke the protocol.", c.peer());
  v.found = printable_utf8(c.error.message());
  const bool tls12 =
      c.fact(HandshakeType::server_hello, Direction::received, "version") == name(ProtocolVersion::tls1_2);
  v.expected =
      fmt::format("what RFC {} asks for; we answered with the alert {}", tls12 ? 5246 : 8446, name(c.error.alert()));
  v.advice = {"A fault of the server, or of something in between that changes the bytes: try from another network."};
  suspect_session(c, v);
  return v;
}

/// The server goes on with a pre-shared key that it was not offered (RFC 8446, section 4.2.11).
Verdict wrong_psk(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::negotiation;
  v.summary = fmt::format("{} goes on with a pre-shared key that was not offered.", c.peer());
  const std::string selected = c.evidence("selected");
  v.found = selected.empty() ? printable_utf8(c.error.message()) : fmt::format("pre-shared key number {}", selected);
  v.expected = c.fact(HandshakeType::client_hello, Direction::sent, "pre_shared_key");
  v.advice = {"A fault of the server. Without --session nothing is offered that it could take for something else."};
  return v;
}

Verdict ours(const Case& c) {
  Verdict v;
  v.exit_code = ExitCode::internal;
  v.summary = "Handfast itself failed.";
  v.found = printable_utf8(c.error.message());
  v.advice = {"Please report it, with the output of --json."};
  return v;
}

}  // namespace

std::string_view meaning(Alert alert) noexcept {
  switch (alert) {
    case Alert::close_notify: return "it closes the connection";
    case Alert::unexpected_message: return "a message came that it did not expect";
    case Alert::bad_record_mac: return "a record did not decrypt";
    case Alert::record_overflow: return "a record was too long";
    case Alert::handshake_failure: return "no acceptable set of parameters";
    case Alert::bad_certificate: return "the certificate is broken or its signature wrong";
    case Alert::unsupported_certificate: return "the certificate is of a kind that it does not support";
    case Alert::certificate_revoked: return "the certificate was revoked";
    case Alert::certificate_expired: return "the certificate has expired or is not valid yet";
    case Alert::certificate_unknown: return "the certificate is not acceptable, for a reason it does not name";
    case Alert::illegal_parameter: return "a field of the handshake was wrong";
    case Alert::unknown_ca: return "it does not trust the authority that issued the certificate";
    case Alert::access_denied: return "the certificate is valid, but access was denied";
    case Alert::decode_error: return "a message could not be parsed";
    case Alert::decrypt_error: return "a signature or Finished did not verify";
    case Alert::protocol_version: return "it does not speak a version that was offered";
    case Alert::insufficient_security: return "it wants stronger cryptography than was offered";
    case Alert::internal_error: return "it failed inside";
    case Alert::inappropriate_fallback: return "a fallback to an older version was refused";
    case Alert::user_canceled: return "it was canceled";
    case Alert::no_renegotiation: return "it does not renegotiate";
    case Alert::missing_extension: return "an extension is missing that must be there";
    case Alert::unsupported_extension: return "an extension came that was not offered";
    case Alert::unrecognized_name: return "it has no site of that name";
    case Alert::bad_certificate_status_response: return "the stapled OCSP response is not acceptable";
    case Alert::unknown_psk_identity: return "it does not know the pre-shared key";
    case Alert::certificate_required: return "a certificate is required";
    case Alert::no_application_protocol: return "it speaks none of the application protocols that were offered";
    case Alert::ech_required: return "Encrypted ClientHello is required";
    default: return "an alert without a meaning here";
  }
}

Verdict judge_alert(const Case& c, Alert alert) {
  Verdict v;
  v.exit_code = ExitCode::negotiation;
  v.confidence = Confidence::possible;
  v.found = alert_found(alert);
  const std::string name_sent = c.fact(HandshakeType::client_hello, Direction::sent, "server_name");
  switch (alert) {
    case Alert::certificate_required:
    case Alert::bad_certificate:
    case Alert::unsupported_certificate:
    case Alert::certificate_revoked:
    case Alert::certificate_expired:
    case Alert::certificate_unknown:
    case Alert::unknown_ca:
    case Alert::access_denied: v = judge_client_certificate(c, alert, v.found); break;
    case Alert::protocol_version: v = judge_version(c, v.found); break;
    case Alert::inappropriate_fallback: v = judge_fallback(c, v.found); break;
    case Alert::handshake_failure:
      if (c.certificate_requested()) {
        v = judge_client_certificate(c, alert, v.found);
        break;
      }
      [[fallthrough]];
    case Alert::insufficient_security:
      v = judge_refused_offer(c);
      v.found = alert_found(alert);
      break;
    case Alert::unrecognized_name:
      v.set(name_sent.empty() ? Finding::server_name_required : Finding::server_name_refused);
      v.confidence = Confidence::certain;
      if (name_sent.empty()) v.fault = Fault::client;
      v.summary = name_sent.empty() ? fmt::format("{} wants to be asked for by name, and no name was sent.", c.peer())
                                    : fmt::format("{} has no site called {}.", c.peer(), name_sent);
      v.expected = "a name that the server is configured for";
      v.advice = {fmt::format("Give one: handfast connect {} --sni NAME", typed(c.target))};
      if (!name_sent.empty())
        v.advice.emplace_back(
            "If the name is right, whoever runs the server must add it (nginx: server_name; Apache: ServerName; "
            "HAProxy: crt; Caddy: the site's address).");
      break;
    case Alert::no_application_protocol:
      v.set(Reason::no_application_protocol);
      v.confidence = Confidence::certain;
      v.fault = Fault::client;
      v.summary = fmt::format("{} speaks none of the application protocols that were offered.", c.peer());
      v.expected = "one of: " + c.fact(HandshakeType::client_hello, Direction::sent, "alpn");
      v.advice = {fmt::format("Offer another, or none: handfast connect {}", typed(c.target))};
      break;
    case Alert::internal_error:
      v.fault = Fault::server;
      v.summary = fmt::format("{} failed inside, it says.", c.peer());
      v.expected = "a handshake that goes on";
      v.advice = {
          "The server's log should say why. Some servers send this for a name that they do not know: try --sni."};
      break;
    default:
      v.summary = fmt::format("{} ended the handshake.", c.peer());
      v.expected = "a handshake that goes on";
      v.advice = {
          "One of the two sides has a fault, or something in between changes the bytes. The server's log may "
          "say more; --json here has every message."};
      break;
  }
  if (v.code.empty()) v.set(alert);
  suspect_session(c, v);
  return v;
}

namespace {

Verdict protocol_story(const Case& c) {
  switch (c.error.reason()) {
    case Reason::not_tls:
    case Reason::http_request:
    case Reason::http_proxy_request:
    case Reason::bad_record_version: return not_tls(c);
    case Reason::bad_psk: return wrong_psk(c);
    case Reason::truncated:
    case Reason::closed: return closed(c);
    case Reason::wrong_version_selected:
      // A server that knows nothing newer answers so (RFC 5246, appendix E.1); one that does breaks the protocol.
      return c.error.alert() == Alert::protocol_version ? judge_version(c, "the server chose " + c.evidence("selected"))
                                                        : broken_protocol(c);
    case Reason::downgrade_detected: return judge_downgrade(c);
    case Reason::no_extended_master_secret: return judge_missing_extended_master_secret(c);
    case Reason::too_many_hello_requests: return c.recording.completed() ? judge_renegotiation(c) : broken_protocol(c);
    case Reason::no_common_cipher_suite:
    case Reason::no_common_group:
    case Reason::no_common_signature_scheme:
    case Reason::no_application_protocol: return no_common_ground(c);
    case Reason::signing_failed:
    case Reason::need_failed:
    case Reason::wrong_answer:
    case Reason::out_of_memory:
    case Reason::internal_error: return ours(c);
    default: return broken_protocol(c);
  }
}

}  // namespace

Verdict judge_protocol(const Case& c) {
  Verdict v = protocol_story(c);
  if (v.code.empty()) v.set(c.error.reason());
  return v;
}

}  // namespace handfast::doctor
