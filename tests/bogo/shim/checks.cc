#include "checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "encoding.h"
#include "failure.h"

namespace handfast::bogo {

void expect(bool holds, const std::string& otherwise) {
  if (!holds) throw Failure(otherwise);
}

namespace {

template <typename Enum>
void expect_value(int wanted, Enum got, const std::string& what) {
  if (wanted != 0) expect(wanted == static_cast<int>(got), what + " is " + name(got));
}

void check_certificates(const Flags& flags, const ConnectionInfo& info) {
  if (!flags.expect_ocsp_response.empty())
    expect(info.ocsp_response == flags.expect_ocsp_response, "another OCSP response than expected");
  if (!flags.expect_signed_cert_timestamps.empty())
    expect(info.signed_certificate_timestamps == flags.expect_signed_cert_timestamps, "other SCTs than expected");
  if (flags.expect_verify_result && info.has_peer_certificate()) {
    expect(info.peer_verified != flags.verify_fail, flags.verify_fail ? "the peer was verified" : "it was not");
    expect(info.verification_error.has_value() == flags.verify_fail, "what the verification came to is not told");
  }
  if (!flags.expect_peer_available_trust_anchors.empty()) {
    std::vector<std::string> names;
    for (const Buffer& id : info.available_trust_anchors) names.emplace_back(id.begin(), id.end());
    expect(to_length_prefixed(names) == as_text(flags.expect_peer_available_trust_anchors),
           "other trust anchors are available than expected");
  }
  if (flags.expect_peer_match_trust_anchor) expect(info.matched_trust_anchor, "no trust anchor was matched");
  if (flags.expect_no_peer_match_trust_anchor) expect(!info.matched_trust_anchor, "a trust anchor was matched");
  if (flags.expect_peer_certificate_type) {
    const CertificateType type = flags.server ? info.client_certificate_type : info.server_certificate_type;
    expect(static_cast<int>(type) == *flags.expect_peer_certificate_type, "the peer's type is " + name(type));
  }
  if (!flags.expect_peer_rpk_sha256.empty())
    expect(std::ranges::equal(SpkiPin::of(info.peer_raw_public_key).sha256, flags.expect_peer_rpk_sha256),
           "another raw public key than expected");
  if (flags.retain_only_sha256_client_cert) expect(info.peer_certificates.empty(), "more than a hash was kept");
  expect(info.peer_certificate_sha256.has_value() == flags.expect_sha256_client_cert, "a hash is there, or is not");
  if (!flags.expect_peer_cert_file.empty())
    expect(info.peer_certificates == certificates_from_pem(read_file(flags.expect_peer_cert_file)),
           "another peer certificate than expected");
  if (flags.expect_no_peer_cert)
    expect(info.peer_certificates.empty(), "a peer certificate");
  else if (info.resumption == Resumption::external_psk)
    expect(info.peer_certificates.empty(), "a peer certificate beside a pre-shared key");
  else if (!flags.server || (flags.require_any_client_certificate && !flags.verify_peer))
    expect(info.has_peer_certificate(), "no peer certificate");
}

/// As the runner numbers them. The one without -new-...-credential, and none at all, are -1.
int selected_credential(const std::vector<Proof>& proofs, const ConnectionInfo& info) {
  const bool by_psk = info.resumption == Resumption::external_psk;
  for (std::size_t i = 0; i + 1 < proofs.size(); ++i) {
    const auto& [certificate, psk] = proofs[i];
    if (by_psk ? psk && psk->identity() == info.psk_identity : certificate && certificate == info.credential)
      return static_cast<int>(i);
  }
  return -1;
}

/// What TLS 1.2 and below negotiate and TLS 1.3 always has.
void check_of_tls12(const Flags& flags, const ConnectionInfo& info) {
  const bool always = info.version == ProtocolVersion::tls1_3;
  const bool secure_renegotiation = always || info.secure_renegotiation;
  if (flags.no_legacy_server_connect && !secure_renegotiation)
    throw Unimplemented("refusing servers without secure renegotiation");
  if (flags.expect_secure_renegotiation) expect(secure_renegotiation, "no secure renegotiation");
  if (flags.expect_no_secure_renegotiation) expect(!secure_renegotiation, "secure renegotiation");
  if (flags.expect_extended_master_secret) expect(always || info.extended_master_secret, "no extended master secret");
}

/// Where a handshake before TLS 1.3 brings a session: a ticket, or on a server an ID of its own.
void check_new_session(const Flags& flags, const Sessions& sessions, const ConnectionInfo& info) {
  if (info.version == ProtocolVersion::tls1_3) return;
  const bool expected =
      !flags.expect_no_session && (info.resumption == Resumption::none || flags.expect_ticket_renewal);
  expect(expected == sessions.received().has_value(), expected ? "no new session" : "a new session");
}

void check_resumption(const Flags& flags, const Sessions& sessions, const Connection& connection) {
  const ConnectionInfo& info = connection.info();
  const bool resumed = info.resumption != Resumption::none && info.resumption != Resumption::external_psk;
  const bool expected = sessions.resuming() && !flags.expect_session_miss;
  expect(resumed == expected, resumed ? "the session was resumed" : "the session was not resumed");
  if (sessions.resuming() && flags.expect_ticket_age_skew != 0)
    expect(info.ticket_age_skew == flags.expect_ticket_age_skew,
           "the skew of the ticket's age is " + std::to_string(info.ticket_age_skew));
  if (!flags.server && !connection.handshaking()) check_new_session(flags, sessions, info);
  if (sessions.resuming()) return;
  if (flags.expect_session_id) expect(sessions.kept() != 0, "no session was kept");
  if (flags.expect_no_session_id) expect(sessions.kept() == 0, "a session was kept");
}

void check_early_data(const Flags& flags, const ConnectionInfo& info) {
  const bool accepted = info.early_data == EarlyData::accepted;
  const std::string got(name(info.early_data));
  if (flags.expect_accept_early_data) expect(accepted, "early data: " + got);
  if (flags.expect_reject_early_data) expect(!accepted, "early data was accepted");
  // The word that the runner has for it in some places.
  const std::string wanted = flags.expect_early_data_reason == "accept" ? "accepted" : flags.expect_early_data_reason;
  if (!wanted.empty()) expect(got == wanted, "early data: " + got);
}

}  // namespace

void check_handshake(const Flags& flags, const Settings& settings, const Sessions& sessions,
                     const Connection& connection) {
  const ConnectionInfo& info = connection.info();
  const bool false_started = connection.handshaking();
  expect(!flags.handshake_never_done || false_started, "the handshake was done");
  // A session that is resumed leaves nothing to be false about.
  const bool may_false_start = flags.false_start && info.resumption == Resumption::none;
  expect(!may_false_start || flags.implicit_handshake || false_started, "no False Start");
  check_of_tls12(flags, info);
  check_certificates(flags, info);
  check_resumption(flags, sessions, connection);
  check_early_data(flags, info);
  if (flags.expect_selected_credential) {
    const int selected = selected_credential(settings.proofs, info);
    expect(selected == *flags.expect_selected_credential, "credential " + std::to_string(selected) + " was used");
  }
  expect_value(flags.expect_version, info.version, "the version");
  expect_value(flags.expect_curve_id, info.group, "the group");
  expect_value(flags.expect_peer_signature_algorithm, info.peer_signature_scheme, "the peer's signature scheme");
  expect_value(flags.expect_cipher, info.cipher_suite, "the cipher suite");
  const bool has_aes = supported_cipher_suites().front() != CipherSuite::TLS_CHACHA20_POLY1305_SHA256;
  expect_value(has_aes ? flags.expect_cipher_aes : flags.expect_cipher_no_aes, info.cipher_suite, "the cipher suite");
  if (flags.expect_hrr) expect(info.retried, "no HelloRetryRequest");
  if (flags.expect_no_hrr) expect(!info.retried, "a HelloRetryRequest");
  if (!flags.expect_server_name.empty())
    expect(info.server_name == flags.expect_server_name, "the server name is " + info.server_name);
  if (flags.expect_no_server_name) expect(info.server_name.empty(), "the server name is " + info.server_name);
  const std::string& protocol = flags.server ? flags.select_alpn : flags.expect_alpn;
  expect(info.application_protocol == protocol, "the ALPN protocol is " + info.application_protocol);
}

void check_early_offer(const Flags& flags, const ConnectionInfo& info) {
  expect(!flags.expect_no_offer_early_data, "Client unexpectedly offered early data.");
  expect(flags.expect_early_data_reason.empty() || flags.expect_accept_early_data,
         "what became of early data is not known while it is offered");
  if (info.cipher_suite == CipherSuite{}) return;  // nothing is foretold
  expect_value(flags.expect_version, info.version, "the version");
  expect_value(flags.expect_cipher, info.cipher_suite, "the cipher suite");
  expect(info.application_protocol == flags.expect_alpn, "the ALPN protocol is " + info.application_protocol);
  check_certificates(flags, info);
}

void check_tickets(const Flags& flags, const Sessions& sessions, const ConnectionInfo& info) {
  if (flags.server || info.version != ProtocolVersion::tls1_3) return;
  const std::optional<SavedSession>& session = sessions.received();
  const bool expected = !flags.expect_no_session && !flags.shim_shuts_down;
  expect(expected == session.has_value(), expected ? "no ticket" : "a ticket");
  if (!session) return;
  expect(flags.expect_ticket_supports_early_data == (session->max_early_data() > 0),
         "a ticket for " + std::to_string(session->max_early_data()) + " bytes of early data");
  if (flags.expect_resumable_across_names) expect(session->resumption_across_names(), "a ticket for one name");
  if (flags.expect_not_resumable_across_names)
    expect(!session->resumption_across_names(), "a ticket for other names too");
}

void check_messages(const Flags& flags, const Settings& settings) {
  std::string text = settings.trace->text();
  // RFC 5246, section 7.2.1: close_notify is answered. BoringSSL does so where it is told to.
  constexpr std::string_view answer = "write alert 1 0\n";
  if (!flags.check_close_notify && text.ends_with(answer)) text.resize(text.size() - answer.size());
  expect(flags.expect_msg_callback.empty() || text == flags.expect_msg_callback, "the messages were:\n" + text);
}

}  // namespace handfast::bogo
