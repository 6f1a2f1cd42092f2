#include "error_strings.h"

#include <optional>

namespace handfast::bogo {
namespace {

/// Where BoringSSL has two strings for one of our Reasons, what tells them apart: the alert, a piece of evidence and,
/// unless any will do, its value, our side, whether the version is TLS 1.2 or below, whether there was a
/// HelloRetryRequest before, whether no version has been chosen yet, or whether early data has been offered and not
/// been rejected.
struct Case {
  std::optional<Alert> alert = {};
  std::string_view evidence = {};
  std::string_view value = {};
  std::optional<Side> side = {};
  bool before_tls13 = false;
  bool after_retry = false;
  bool before_version = false;
  bool in_early_data = false;
};
constexpr Case always{};
constexpr Case with_alert(Alert alert, Case when = {}) {
  when.alert = alert;
  return when;
}
constexpr Case on_extension(std::string_view extension) { return {.evidence = "extension", .value = extension}; }
constexpr Case in_message(std::string_view message) { return {.evidence = "message", .value = message}; }

constexpr Case after_retry(Case when = {}) {
  when.after_retry = true;
  return when;
}
constexpr Case before_tls13(Case when = {}) {
  when.before_tls13 = true;
  return when;
}
constexpr Case before_version(Case when = {}) {
  when.before_version = true;
  return when;
}
constexpr Case in_early_data(Case when = {}) {
  when.in_early_data = true;
  return when;
}
constexpr Case of_client(Case when = {}) {
  when.side = Side::client;
  return when;
}
constexpr Case of_server(Case when = {}) {
  when.side = Side::server;
  return when;
}
constexpr Case in_field(std::string_view field) { return {.evidence = "field", .value = field}; }
constexpr Case under_key(std::string_view algorithm) { return {.evidence = "algorithm", .value = algorithm}; }
constexpr Case with_evidence(std::string_view name) { return {.evidence = name}; }
constexpr Case instead_of(std::string_view expected) { return {.evidence = "expected", .value = expected}; }
constexpr Case without_it_in_session{.evidence = "session", .value = "it has it not"};
constexpr Case with_option(std::string_view option) { return {.evidence = "option", .value = option}; }

struct Row {
  Reason reason;
  Case when;
  std::string_view text;
};

constexpr std::string_view rsassa_pss = "1.2.840.113549.1.1.10";  // RFC 4055, section 3.1

/// The first row that fits counts.
constexpr Row rows[] = {
    // The byte stream.
    {Reason::not_tls, always, ":WRONG_VERSION_NUMBER:"},
    {Reason::http_request, always, ":HTTP_REQUEST:"},
    {Reason::http_proxy_request, always, ":HTTPS_PROXY_REQUEST:"},
    {Reason::bad_record_version, always, ":WRONG_VERSION_NUMBER:"},
    {Reason::unexpected_record, always, ":UNEXPECTED_RECORD:"},
    {Reason::bad_outer_content_type, always, ":INVALID_OUTER_RECORD_TYPE:"},
    {Reason::record_too_long, always, ":ENCRYPTED_LENGTH_TOO_LONG:"},
    {Reason::plaintext_too_long, always, ":DATA_LENGTH_TOO_LONG:"},
    {Reason::bad_record_mac, always, ":BAD_DECRYPT: :DECRYPTION_FAILED_OR_BAD_RECORD_MAC:"},  // the AEAD's and its own
    {Reason::no_content_type, always, ":DECRYPTION_FAILED_OR_BAD_RECORD_MAC:"},
    {Reason::too_many_empty_records, always, ":TOO_MANY_EMPTY_FRAGMENTS:"},
    // It is refused by itself; BoringSSL passes over it, and refuses a ClientHello of SSL 2.0 behind it.
    {Reason::empty_handshake_record, before_version(of_server()), ":UNEXPECTED_RECORD: :WRONG_VERSION_NUMBER:"},
    {Reason::empty_handshake_record, always, ":UNEXPECTED_RECORD:"},
    {Reason::bad_change_cipher_spec, before_tls13(), ":BAD_CHANGE_CIPHER_SPEC:"},
    {Reason::bad_change_cipher_spec, always, ":UNEXPECTED_RECORD:"},
    {Reason::bad_alert, with_alert(Alert::illegal_parameter), ":UNKNOWN_ALERT_TYPE:"},
    {Reason::bad_alert, always, ":BAD_ALERT:"},
    {Reason::too_many_warning_alerts, always, ":TOO_MANY_WARNING_ALERTS:"},
    {Reason::early_data_too_long, in_early_data(), ":TOO_MUCH_READ_EARLY_DATA:"},
    {Reason::early_data_too_long, always, ":TOO_MUCH_SKIPPED_EARLY_DATA:"},
    // Messages.
    {Reason::decode_error, in_message("client_hello"), ":CLIENTHELLO_PARSE_FAILED: :DECODE_ERROR:"},
    {Reason::decode_error, in_field("cert_data"), ":DECODE_ERROR: :INVALID_RAW_PUBLIC_KEY:"},
    {Reason::decode_error, always, ":DECODE_ERROR:"},
    {Reason::unexpected_message, instead_of("change_cipher_spec"), ":UNEXPECTED_RECORD:"},
    {Reason::unexpected_message, always, ":UNEXPECTED_MESSAGE:"},
    {Reason::message_too_long, always, ":EXCESSIVE_MESSAGE_SIZE:"},
    {Reason::excess_handshake_data, always, ":EXCESS_HANDSHAKE_DATA:"},
    {Reason::duplicate_extension, always, ":DUPLICATE_EXTENSION:"},
    // BoringSSL's ClientHello always offers these, and refuses the answer of TLS 1.3 for what it holds.
    {Reason::unsolicited_extension, on_extension("ec_point_formats"), ":ERROR_PARSING_EXTENSION:"},
    {Reason::unsolicited_extension, on_extension("extended_master_secret"), ":ERROR_PARSING_EXTENSION:"},
    {Reason::unsolicited_extension, on_extension("session_ticket"), ":ERROR_PARSING_EXTENSION:"},
    {Reason::unsolicited_extension, always, ":UNEXPECTED_EXTENSION:"},
    {Reason::forbidden_extension, on_extension("ec_point_formats"), ":ERROR_PARSING_EXTENSION:"},
    {Reason::forbidden_extension, on_extension("extended_master_secret"), ":ERROR_PARSING_EXTENSION:"},
    {Reason::forbidden_extension, on_extension("session_ticket"), ":ERROR_PARSING_EXTENSION: :UNEXPECTED_EXTENSION:"},
    {Reason::forbidden_extension, with_alert(Alert::unsupported_extension, on_extension("renegotiation_info")),
     ":ERROR_PARSING_EXTENSION:"},
    // A ServerHello without supported_versions is one of TLS 1.2, and key_share has no place there.
    {Reason::forbidden_extension, after_retry(on_extension("key_share")), ":SECOND_SERVERHELLO_VERSION_MISMATCH:"},
    {Reason::forbidden_extension, always, ":UNEXPECTED_EXTENSION:"},
    {Reason::missing_extension, on_extension("supported_groups"), ":NO_SHARED_GROUP:"},
    {Reason::missing_extension, on_extension("key_share"), ":MISSING_KEY_SHARE:"},
    {Reason::missing_extension, in_message("certificate_request"), ":DECODE_ERROR:"},
    {Reason::missing_extension, on_extension("signature_algorithms"), ":NO_COMMON_SIGNATURE_ALGORITHMS:"},
    {Reason::missing_extension, always, ":MISSING_EXTENSION:"},
    {Reason::bad_extension, on_extension("application_layer_protocol_negotiation"), ":PARSE_TLSEXT:"},
    {Reason::bad_extension, on_extension("client_certificate_type"), ":DECODE_ERROR:"},
    {Reason::bad_extension, on_extension("server_certificate_type"), ":DECODE_ERROR:"},
    {Reason::bad_extension, on_extension("trust_anchors"), ":ERROR_PARSING_EXTENSION: :DECODE_ERROR:"},
    {Reason::bad_extension, on_extension("cookie"), ":DECODE_ERROR:"},
    {Reason::bad_extension, on_extension("key_share"), ":DECODE_ERROR:"},
    {Reason::bad_extension, before_tls13(on_extension("status_request")), ":ERROR_PARSING_EXTENSION:"},
    {Reason::bad_extension, on_extension("status_request"), ":DECODE_ERROR:"},
    {Reason::bad_extension, on_extension("supported_versions"), ":DECODE_ERROR:"},
    {Reason::bad_extension, in_message("new_session_ticket"), ":DECODE_ERROR:"},
    {Reason::bad_extension, in_message("certificate_request"), ":ERROR_PARSING_EXTENSION: :DECODE_ERROR:"},
    {Reason::bad_extension, always, ":ERROR_PARSING_EXTENSION:"},
    // Negotiation.
    {Reason::no_common_version, always, ":UNSUPPORTED_PROTOCOL:"},
    {Reason::no_common_cipher_suite, always, ":NO_SHARED_CIPHER:"},
    // A server of TLS 1.2 passes over the suites that it has no group or scheme for, and so over all of them; the other
    // string is that of a certificate's curve.
    {Reason::no_common_group, before_tls13(of_server()), ":NO_SHARED_CIPHER: :WRONG_CURVE:"},
    {Reason::no_common_signature_scheme, before_tls13(of_server()), ":NO_SHARED_CIPHER:"},
    {Reason::no_common_group, always, ":NO_SHARED_GROUP:"},
    {Reason::no_common_signature_scheme, always, ":NO_COMMON_SIGNATURE_ALGORITHMS:"},
    {Reason::no_matching_issuer, always, ":NO_MATCHING_ISSUER:"},
    {Reason::no_common_certificate_type, with_alert(Alert::unsupported_certificate), ":UNSUPPORTED_CERTIFICATE:"},
    {Reason::no_common_certificate_type, always, ":UNKNOWN_CERTIFICATE_TYPE:"},
    {Reason::wrong_certificate_type, always, ":UNSUPPORTED_CERTIFICATE:"},
    {Reason::no_application_protocol, always, ":NO_APPLICATION_PROTOCOL:"},
    {Reason::wrong_version_selected, after_retry(in_field("legacy_version")), ":DECODE_ERROR:"},
    {Reason::wrong_version_selected, after_retry(), ":SECOND_SERVERHELLO_VERSION_MISMATCH:"},
    {Reason::wrong_version_selected, in_field("early_data"), ":WRONG_VERSION_ON_EARLY_DATA:"},
    {Reason::wrong_version_selected, with_evidence("session"), ":OLD_SESSION_VERSION_NOT_RETURNED:"},
    {Reason::wrong_version_selected, always, ":UNSUPPORTED_PROTOCOL:"},
    {Reason::wrong_cipher_suite_selected, in_field("early_data"), ":CIPHER_MISMATCH_ON_EARLY_DATA:"},
    {Reason::wrong_cipher_suite_selected, in_field("pre_shared_key"), ":OLD_SESSION_PRF_HASH_MISMATCH:"},
    {Reason::wrong_cipher_suite_selected, with_evidence("session"), ":OLD_SESSION_CIPHER_NOT_RETURNED:"},
    {Reason::wrong_cipher_suite_selected, always, ":WRONG_CIPHER_RETURNED:"},
    {Reason::wrong_group_selected, always, ":WRONG_CURVE:"},
    {Reason::wrong_key_share, always, ":WRONG_CURVE:"},
    {Reason::duplicate_key_share, always, ":DUPLICATE_KEY_SHARE:"},
    {Reason::wrong_application_protocol, in_early_data(), ":ALPN_MISMATCH_ON_EARLY_DATA:"},
    {Reason::wrong_application_protocol, always, ":INVALID_ALPN_PROTOCOL:"},
    // The other string is for a client that has offered a session of TLS 1.3.
    {Reason::wrong_session_id_echo, before_tls13(),
     ":SERVER_ECHOED_INVALID_SESSION_ID: :OLD_SESSION_VERSION_NOT_RETURNED:"},
    {Reason::wrong_session_id_echo, always, ":DECODE_ERROR:"},
    {Reason::bad_compression_methods, of_client(), ":UNSUPPORTED_COMPRESSION_ALGORITHM:"},
    {Reason::bad_compression_methods, always, ":INVALID_COMPRESSION_LIST:"},
    {Reason::empty_retry_request, always, ":EMPTY_HELLO_RETRY_REQUEST:"},
    {Reason::second_retry_request, always, ":UNEXPECTED_MESSAGE:"},
    {Reason::downgrade_detected, always, ":TLS13_DOWNGRADE:"},
    {Reason::inappropriate_fallback, always, ":INAPPROPRIATE_FALLBACK:"},
    {Reason::bad_psk, with_alert(Alert::decode_error), ":DECODE_ERROR:"},
    {Reason::bad_psk, with_alert(Alert::decrypt_error), ":DIGEST_CHECK_FAILED:"},
    {Reason::bad_psk, in_field("position"), ":PRE_SHARED_KEY_MUST_BE_LAST:"},
    {Reason::bad_psk, in_field("binders"), ":PSK_IDENTITY_BINDER_COUNT_MISMATCH:"},
    {Reason::bad_psk, of_client(), ":PSK_IDENTITY_NOT_FOUND:"},
    {Reason::changed_hello, on_extension("pre_shared_key"), ":PSK_IDENTITY_NOT_FOUND:"},
    {Reason::no_extended_master_secret, without_it_in_session, ":RESUMED_NON_EMS_SESSION_WITH_EMS_EXTENSION:"},
    {Reason::no_extended_master_secret, always, ":RESUMED_EMS_SESSION_WITHOUT_EMS_EXTENSION:"},
    {Reason::bad_renegotiation_info, always, ":RENEGOTIATION_MISMATCH:"},
    {Reason::renegotiation, with_alert(Alert::no_renegotiation), ":NO_RENEGOTIATION:"},
    {Reason::renegotiation, always, ":UNEXPECTED_MESSAGE:"},
    // Authentication.
    {Reason::bad_key_share, always, ":BAD_ECPOINT:"},
    {Reason::bad_signature, always, ":BAD_SIGNATURE:"},
    // BoringSSL refuses the key; Handfast has such keys, but not with the scheme that the runner signs with.
    {Reason::wrong_signature_scheme, under_key(rsassa_pss), ":UNSUPPORTED_ALGORITHM:"},
    {Reason::wrong_signature_scheme, always, ":WRONG_SIGNATURE_TYPE:"},
    {Reason::wrong_certificate_key, with_alert(Alert::handshake_failure), ":UNKNOWN_CERTIFICATE_TYPE:"},
    {Reason::wrong_certificate_key, with_evidence("group"), ":BAD_ECC_CERT:"},
    {Reason::wrong_certificate_key, under_key(rsassa_pss), ":UNSUPPORTED_ALGORITHM:"},
    {Reason::wrong_certificate_key, with_evidence("version"), ":PEER_ERROR_UNSUPPORTED_CERTIFICATE_TYPE:"},
    {Reason::wrong_certificate_key, always, ":WRONG_CERTIFICATE_TYPE:"},
    {Reason::bad_finished, always, ":DIGEST_CHECK_FAILED:"},
    {Reason::no_certificate, before_tls13(with_alert(Alert::decode_error)), ":DECODE_ERROR:"},
    {Reason::no_certificate, always, ":PEER_DID_NOT_RETURN_A_CERTIFICATE:"},
    {Reason::bad_certificate, in_field("ASN1_subjectPublicKeyInfo"), ":DECODE_ERROR:"},
    {Reason::bad_certificate, always, ":CANNOT_PARSE_LEAF_CERT:"},
    {Reason::unsupported_certificate_key, always, ":UNSUPPORTED_ALGORITHM:"},
    {Reason::wrong_key_usage, always, ":KEY_USAGE_BIT_INCORRECT:"},
    // Later, and before.
    {Reason::too_many_key_updates, always, ":TOO_MANY_KEY_UPDATES:"},
    {Reason::bad_config, with_option("min_version"), ":NO_SUPPORTED_VERSIONS_ENABLED:"},
    {Reason::bad_config, with_option("signed_certificate_timestamps"), ":INVALID_SCT_LIST:"},
    {Reason::bad_config, with_option("application_protocols"), ":INVALID_ALPN_PROTOCOL:"},
};

/// RFC 8446, section 6: the alerts that the peer sent, by number.
constexpr struct {
  Alert alert;
  std::string_view text;
} received_alerts[] = {
    {Alert::unexpected_message, ":SSLV3_ALERT_UNEXPECTED_MESSAGE:"},
    {Alert::bad_record_mac, ":SSLV3_ALERT_BAD_RECORD_MAC:"},
    {Alert::decryption_failed_RESERVED, ":TLSV1_ALERT_DECRYPTION_FAILED:"},
    {Alert::record_overflow, ":TLSV1_ALERT_RECORD_OVERFLOW:"},
    {Alert::decompression_failure_RESERVED, ":SSLV3_ALERT_DECOMPRESSION_FAILURE:"},
    {Alert::handshake_failure, ":SSLV3_ALERT_HANDSHAKE_FAILURE:"},
    {Alert::no_certificate_RESERVED, ":SSLV3_ALERT_NO_CERTIFICATE:"},
    {Alert::bad_certificate, ":SSLV3_ALERT_BAD_CERTIFICATE:"},
    {Alert::unsupported_certificate, ":SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:"},
    {Alert::certificate_revoked, ":SSLV3_ALERT_CERTIFICATE_REVOKED:"},
    {Alert::certificate_expired, ":SSLV3_ALERT_CERTIFICATE_EXPIRED:"},
    {Alert::certificate_unknown, ":SSLV3_ALERT_CERTIFICATE_UNKNOWN:"},
    {Alert::illegal_parameter, ":SSLV3_ALERT_ILLEGAL_PARAMETER:"},
    {Alert::unknown_ca, ":TLSV1_ALERT_UNKNOWN_CA:"},
    {Alert::access_denied, ":TLSV1_ALERT_ACCESS_DENIED:"},
    {Alert::decode_error, ":TLSV1_ALERT_DECODE_ERROR:"},
    {Alert::decrypt_error, ":TLSV1_ALERT_DECRYPT_ERROR:"},
    {Alert::protocol_version, ":TLSV1_ALERT_PROTOCOL_VERSION:"},
    {Alert::insufficient_security, ":TLSV1_ALERT_INSUFFICIENT_SECURITY:"},
    {Alert::internal_error, ":TLSV1_ALERT_INTERNAL_ERROR:"},
    {Alert::inappropriate_fallback, ":TLSV1_ALERT_INAPPROPRIATE_FALLBACK:"},
    {Alert::user_canceled, ":TLSV1_ALERT_USER_CANCELLED:"},
    {Alert::no_renegotiation, ":TLSV1_ALERT_NO_RENEGOTIATION:"},
    {Alert::unsupported_extension, ":TLSV1_ALERT_UNSUPPORTED_EXTENSION:"},
    {Alert::unrecognized_name, ":TLSV1_ALERT_UNRECOGNIZED_NAME:"},
    {Alert::bad_certificate_status_response, ":TLSV1_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:"},
    {Alert::unknown_psk_identity, ":TLSV1_ALERT_UNKNOWN_PSK_IDENTITY:"},
    {Alert::certificate_required, ":TLSV1_ALERT_CERTIFICATE_REQUIRED:"},
    {Alert::no_application_protocol, ":TLSV1_ALERT_NO_APPLICATION_PROTOCOL:"},
    {Alert::ech_required, ":TLSV1_ALERT_ECH_REQUIRED:"},
};

bool in_early_data(const Connection& connection) {
  const EarlyData early_data = connection.info().early_data;
  return early_data == EarlyData::offered || early_data == EarlyData::accepted;
}

bool is_before_tls13(ProtocolVersion version) {
  return version != ProtocolVersion{} && version < ProtocolVersion::tls1_3;
}

bool fits(const Case& when, const Error& error, const Connection* connection) {
  if (when.alert && *when.alert != error.alert()) return false;
  if (when.side && !(connection && connection->side() == *when.side)) return false;
  if (when.before_tls13 && !(connection && is_before_tls13(connection->info().version))) return false;
  if (when.before_version && !(connection && connection->info().version == ProtocolVersion{})) return false;
  if (when.in_early_data && !(connection && in_early_data(*connection))) return false;
  if (when.after_retry && !(connection && connection->info().retried)) return false;
  if (when.evidence.empty()) return true;
  const Fact::Value* value = error.find(when.evidence);
  return value && (when.value.empty() || to_text(*value) == when.value);
}

std::string of_received_alert(const Error& error, const Connection& connection) {
  std::string text;
  for (const auto& row : received_alerts)
    if (row.alert == error.alert()) text = row.text;
  // What a server says to a ClientHello that it can't use, BoringSSL tells apart from the same alert later.
  const bool to_client_hello = connection.side() == Side::client && connection.info().cipher_suite == CipherSuite{};
  if (error.alert() == Alert::handshake_failure && to_client_hello) text += " :HANDSHAKE_FAILURE_ON_CLIENT_HELLO:";
  return text;
}

}  // namespace

std::string boringssl_strings(const Error& error, const Connection* connection) {
  if (const Fact::Value* text = error.find(injected)) return to_text(*text);
  if (connection && error.reason() == Reason::alert_received) return of_received_alert(error, *connection);
  for (const Row& row : rows)
    if (row.reason == error.reason() && fits(row.when, error, connection)) return std::string(row.text);
  return {};
}

}  // namespace handfast::bogo
