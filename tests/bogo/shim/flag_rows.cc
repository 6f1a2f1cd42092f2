#include "flag_rows.h"

#include <span>
#include <utility>

namespace handfast::bogo {
namespace {

struct Row {
  std::string_view name;
  Target target;
};

constexpr Row plumbing[] = {
    {"-port", &Flags::port},
    {"-ipv6", &Flags::ipv6},
    {"-shim-id", &Flags::shim_id},
    {"-server", &Flags::server},
    {"-is-handshaker-supported", &Flags::is_handshaker_supported},
    {"-write-settings", Ignored::with_value},  // main looks for it itself
    {"-trust-cert", Ignored::with_value},      // the runner's verifier says yes or no, whatever the chain is
    {"-wait-for-debugger", Ignored::alone},
    {"-resume-count", &Flags::resume_count},
    {"-fuzzer-mode", Feature::fuzzer},
    {"-dtls", Feature::dtls},
    {"-quic", Feature::quic},
};

constexpr Row input_and_output[] = {
    {"-async", &Flags::async},
    {"-implicit-handshake", &Flags::implicit_handshake},
    {"-shim-writes-first", &Flags::shim_writes_first},
    {"-shim-initial-write", &Flags::shim_initial_write},
    {"-repeat-shim-initial-write", &Flags::repeat_shim_initial_write},
    {"-read-with-unfinished-write", &Flags::read_with_unfinished_write},
    {"-read-size", &Flags::read_size},
    {"-write-different-record-sizes", &Flags::write_different_record_sizes},
    {"-max-send-fragment", &Flags::max_send_fragment},
    {"-shim-shuts-down", &Flags::shim_shuts_down},
    {"-check-close-notify", &Flags::check_close_notify},
    {"-send-alert", &Flags::send_alert},
    {"-handshake-never-done", &Flags::handshake_never_done},
    {"-max-cert-list", &Flags::max_cert_list},
    {"-handshake-twice", &Flags::handshake_twice},
    {"-expect-msg-callback", &Flags::expect_msg_callback},
    // Our connections have no call for a handshake, so that one more is nothing; `send` takes all that it is given.
    {"-no-op-extra-handshake", Ignored::alone},
    {"-partial-write", Ignored::alone},
    {"-peek-then-read", Feature::peeking},
};

constexpr Row negotiation[] = {
    {"-min-version", &Flags::min_version},
    {"-max-version", &Flags::max_version},
    {"-no-tls1", &Flags::no_tls1},
    {"-no-tls11", &Flags::no_tls11},
    {"-no-tls12", &Flags::no_tls12},
    {"-no-tls13", &Flags::no_tls13},
    {"-expect-version", &Flags::expect_version},
    {"-server-preference", &Flags::server_preference},
    {"-expect-cipher", &Flags::expect_cipher},
    {"-expect-cipher-aes", &Flags::expect_cipher_aes},
    {"-expect-cipher-no-aes", &Flags::expect_cipher_no_aes},
    {"-curves", &Flags::curves},
    {"-curves-flags", &Flags::curves_flags},
    {"-server-supported-groups-hint", &Flags::server_supported_groups_hint},
    {"-key-shares", &Flags::key_shares},
    {"-no-key-shares", &Flags::no_key_shares},
    {"-expect-curve-id", &Flags::expect_curve_id},
    {"-expect-hrr", &Flags::expect_hrr},
    {"-expect-no-hrr", &Flags::expect_no_hrr},
    {"-verify-prefs", &Flags::verify_prefs},
    {"-expect-peer-signature-algorithm", &Flags::expect_peer_signature_algorithm},
    {"-expect-peer-verify-pref", &Flags::expect_peer_verify_prefs},
    {"-enable-grease", &Flags::enable_grease},
    {"-permute-extensions", &Flags::permute_extensions},
    {"-cipher", &Flags::cipher},
    {"-fallback-scsv", &Flags::fallback_scsv},
    {"-false-start", &Flags::false_start},
    {"-allow-false-start-without-alpn", &Flags::allow_false_start_without_alpn},
    {"-expect-extended-master-secret", &Flags::expect_extended_master_secret},
    {"-expect-secure-renegotiation", &Flags::expect_secure_renegotiation},
    {"-expect-no-secure-renegotiation", &Flags::expect_no_secure_renegotiation},
    {"-no-legacy-server-connect", &Flags::no_legacy_server_connect},
    {"-renegotiate-ignore", &Flags::renegotiate_ignore},
    {"-cbc-record-splitting", Ignored::alone},  // Handfast always does, where it is of use
    {"-psk", Feature::psk_suites},
    {"-psk-identity", Feature::psk_suites},
    {"-advertise-npn", Feature::next_protocol_negotiation},
    {"-advertise-empty-npn", Feature::next_protocol_negotiation},
    {"-expect-next-proto", Feature::next_protocol_negotiation},
    {"-expect-no-next-proto", Feature::next_protocol_negotiation},
    {"-select-next-proto", Feature::next_protocol_negotiation},
    {"-select-empty-next-proto", Feature::next_protocol_negotiation},
    {"-jdk11-workaround", Feature::jdk11_workaround},
    {"-renegotiate-once", Feature::renegotiation},
    {"-renegotiate-freely", Feature::renegotiation},
    {"-renegotiate-explicit", Feature::renegotiation},
    {"-forbid-renegotiation-after-handshake", Feature::renegotiation},
    {"-expect-total-renegotiations", Special::total_renegotiations},
    {"-fips-202205", Feature::policies},
    {"-wpa-202304", Feature::policies},
    {"-cnsa-202407", Feature::policies},
    {"-cnsa1-202603", Feature::policies},
    {"-cnsa2-202603", Feature::policies},
};

constexpr Row certificates[] = {
    {"-cert-file", &CredentialFlags::cert_file},
    {"-key-file", &CredentialFlags::key_file},
    {"-signing-prefs", &CredentialFlags::signing_prefs},
    {"-ocsp-response", &CredentialFlags::ocsp_response},
    {"-signed-cert-timestamps", &CredentialFlags::signed_cert_timestamps},
    {"-must-match-issuer", &CredentialFlags::must_match_issuer},
    {"-new-x509-credential", Special::new_credential},
    {"-new-psk-credential", Special::new_psk_credential},
    {"-psk-importer-key", &CredentialFlags::psk_key},
    {"-psk-importer-identity", &CredentialFlags::psk_identity},
    {"-psk-importer-context", &CredentialFlags::psk_context},
    {"-psk-importer-sha256", &CredentialFlags::psk_sha256},
    {"-psk-importer-sha384", &CredentialFlags::psk_sha384},
    {"-expect-selected-credential", &Flags::expect_selected_credential},
    {"-verify-peer", &Flags::verify_peer},
    {"-require-any-client-certificate", &Flags::require_any_client_certificate},
    {"-verify-fail", &Flags::verify_fail},
    {"-expect-verify-result", &Flags::expect_verify_result},
    {"-use-custom-verify-callback", &Flags::use_custom_verify_callback},
    {"-use-old-client-cert-callback", Ignored::alone},
    {"-fail-cert-callback", &Flags::fail_cert_callback},
    {"-use-early-callback", &Flags::use_early_callback},
    {"-fail-early-callback", &Flags::fail_early_callback},
    {"-install-ddos-callback", Ignored::alone},
    {"-fail-ddos-callback", &Flags::fail_ddos_callback},
    {"-expect-peer-cert-file", &Flags::expect_peer_cert_file},
    {"-expect-no-peer-cert", &Flags::expect_no_peer_cert},
    {"-use-client-ca-list", &Flags::use_client_ca_list},
    {"-expect-client-ca-list", &Flags::expect_client_ca_list},
    {"-expect-certificate-types", &Flags::expect_certificate_types},
    {"-retain-only-sha256-client-cert", &Flags::retain_only_sha256_client_cert},
    {"-expect-sha256-client-cert", &Flags::expect_sha256_client_cert},
    {"-install-cert-compression-algs", Feature::certificate_compression},
    {"-install-one-cert-compression-alg", Feature::certificate_compression},
    {"-new-rpk-credential", Special::new_raw_public_key},
    {"-accepted-peer-cert-types", &Flags::accepted_peer_cert_types},
    {"-available-client-cert-types", &Flags::available_client_cert_types},
    {"-expect-peer-certificate-type", &Flags::expect_peer_certificate_type},
    {"-expect-peer-rpk-sha256", &Flags::expect_peer_rpk_sha256},
    {"-new-delegated-credential", Feature::delegated_credentials},
    {"-delegated-credential", Feature::delegated_credentials},
    {"-cert-properties", &CredentialFlags::cert_properties},
    {"-requested-trust-anchors", &Flags::requested_trust_anchors},
    {"-available-trust-anchors", &Flags::available_trust_anchors},
    {"-expect-peer-available-trust-anchors", &Flags::expect_peer_available_trust_anchors},
    {"-expect-peer-match-trust-anchor", &Flags::expect_peer_match_trust_anchor},
    {"-expect-no-peer-match-trust-anchor", &Flags::expect_no_peer_match_trust_anchor},
    {"-new-spake2plusv1-credential", Feature::pake},
};

constexpr Row extensions[] = {
    {"-host-name", &Flags::host_name},
    {"-expect-server-name", &Flags::expect_server_name},
    {"-expect-no-server-name", &Flags::expect_no_server_name},
    {"-no-server-name-ack", &Flags::no_server_name_ack},
    {"-advertise-alpn", &Flags::advertise_alpn},
    {"-expect-alpn", &Flags::expect_alpn},
    {"-expect-advertised-alpn", &Flags::expect_advertised_alpn},
    {"-select-alpn", &Flags::select_alpn},
    {"-decline-alpn", &Flags::decline_alpn},
    {"-reject-alpn", &Flags::reject_alpn},
    {"-select-empty-alpn", &Flags::select_empty_alpn},
    {"-allow-unknown-alpn-protos", &Flags::allow_unknown_alpn_protos},
    {"-enable-ocsp-stapling", &Flags::enable_ocsp_stapling},
    {"-expect-ocsp-response", &Flags::expect_ocsp_response},
    {"-use-ocsp-callback", &Flags::use_ocsp_callback},
    {"-set-ocsp-in-callback", &Flags::set_ocsp_in_callback},
    {"-decline-ocsp-callback", &Flags::decline_ocsp_callback},
    {"-fail-ocsp-callback", &Flags::fail_ocsp_callback},
    {"-enable-signed-cert-timestamps", &Flags::enable_signed_cert_timestamps},
    {"-expect-signed-cert-timestamps", &Flags::expect_signed_cert_timestamps},
    {"-key-update", &Flags::key_update},
    {"-key-update-before-read", &Flags::key_update_before_read},
    {"-export-keying-material", &Flags::export_keying_material},
    {"-export-label", &Flags::export_label},
    {"-export-context", &Flags::export_context},
    {"-use-export-context", &Flags::use_export_context},
    {"-use-exporter-between-reads", &Flags::use_exporter_between_reads},
    {"-export-traffic-secrets", &Flags::export_traffic_secrets},
    {"-tls-unique", &Flags::tls_unique},
    {"-application-settings", Feature::alps},
    {"-expect-peer-application-settings", Feature::alps},
    {"-alps-use-new-codepoint", Feature::alps},
    {"-defer-alps", Feature::alps},
    {"-send-channel-id", Feature::channel_id},
    {"-expect-channel-id", Feature::channel_id},
    {"-enable-channel-id", Feature::channel_id},
    {"-srtp-profiles", Feature::dtls},
    {"-quic-transport-params", Feature::quic},
    {"-expect-quic-transport-params", Feature::quic},
    {"-quic-use-legacy-codepoint", Feature::quic},
    {"-quic-early-data-context", Feature::quic},
    {"-request-server-padding", Feature::server_padding},
    {"-expect-server-sent-requested-padding", Feature::server_padding},
    {"-server-supports-padding", Feature::server_padding},
};

constexpr Row sessions[] = {
    {"-no-ticket", &Flags::no_ticket},
    {"-renew-ticket", &Flags::renew_ticket},
    {"-skip-ticket", &Flags::skip_ticket},
    // It gives the key of each ticket, as TicketKeys do in any case.
    {"-use-ticket-callback", Ignored::alone},
    {"-use-ticket-aead-callback", &Flags::use_ticket_aead_callback},
    {"-ticket-key", &Flags::ticket_key},
    {"-resumption-delay", &Flags::resumption_delay},
    {"-resumption-across-names-enabled", &Flags::resumption_across_names_enabled},
    {"-reverify-on-resume", &Flags::reverify_on_resume},
    {"-expect-session-miss", &Flags::expect_session_miss},
    {"-expect-no-session", &Flags::expect_no_session},
    {"-expect-session-id", &Flags::expect_session_id},
    {"-expect-no-session-id", &Flags::expect_no_session_id},
    {"-expect-ticket-renewal", &Flags::expect_ticket_renewal},
    {"-expect-ticket-age-skew", &Flags::expect_ticket_age_skew},
    {"-expect-resumable-across-names", &Flags::expect_resumable_across_names},
    {"-expect-not-resumable-across-names", &Flags::expect_not_resumable_across_names},
    {"-enable-early-data", &Flags::enable_early_data},
    {"-expect-ticket-supports-early-data", &Flags::expect_ticket_supports_early_data},
    {"-expect-accept-early-data", &Flags::expect_accept_early_data},
    {"-expect-reject-early-data", &Flags::expect_reject_early_data},
    {"-expect-no-offer-early-data", &Flags::expect_no_offer_early_data},
    {"-expect-early-data-reason", &Flags::expect_early_data_reason},
    {"-early-write-after-message", &Flags::early_write_after_message},
};

constexpr Row beyond[] = {
    {"-ech-config-list", Feature::ech},
    {"-expect-ech-accept", Feature::ech},
    {"-expect-ech-name-override", Feature::ech},
    {"-expect-no-ech-name-override", Feature::ech},
    {"-expect-ech-retry-configs", Feature::ech},
    {"-expect-no-ech-retry-configs", Feature::ech},
    {"-ech-server-config", Feature::ech},
    {"-ech-server-key", Feature::ech},
    {"-ech-is-retry-config", Feature::ech},
    {"-enable-ech-grease", Feature::ech},
    {"-reject-unusable-ech-config", Feature::ech},
    {"-fail-early-callback-ech-rewind", Feature::ech},
    {"-handshake-hints", Feature::split_handshakes},
    {"-allow-hint-mismatch", Feature::split_handshakes},
    {"-handshaker-path", Feature::split_handshakes},
    {"-handshaker-resume", Feature::split_handshakes},
};

constexpr std::span<const Row> tables[] = {plumbing,   input_and_output, negotiation, certificates,
                                           extensions, sessions,         beyond};

}  // namespace

std::string_view name(Feature feature) {
  switch (feature) {
    case Feature::quic: return "QUIC";
    case Feature::dtls: return "DTLS";
    case Feature::split_handshakes: return "handshakes split between processes";
    case Feature::next_protocol_negotiation: return "NPN";
    case Feature::jdk11_workaround: return "BoringSSL's workaround for JDK 11";
    case Feature::renegotiation: return "renegotiation";
    case Feature::ech: return "ECH";
    case Feature::delegated_credentials: return "delegated credentials";
    case Feature::trust_anchor_groups: return "groups of trust anchors";
    case Feature::pake: return "PAKE";
    case Feature::psk_suites: return "PSK suites of TLS 1.2";
    case Feature::alps: return "ALPS";
    case Feature::channel_id: return "Channel ID";
    case Feature::certificate_compression: return "certificate compression";
    case Feature::policies: return "BoringSSL's compliance policies";
    case Feature::peeking: return "looking at data without taking it";
    case Feature::server_padding: return "BoringSSL's server padding";
    case Feature::fuzzer: return "BoringSSL's fuzzer mode";
  }
  std::unreachable();
}

const Target* find_flag(std::string_view flag) {
  for (std::span<const Row> table : tables)
    for (const Row& row : table)
      if (row.name == flag) return &row.target;
  return nullptr;
}

}  // namespace handfast::bogo
