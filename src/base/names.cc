// The names of all enumerators: one row a value.
#include <handfast/error.h>
#include <handfast/types.h>

#include <fmt/format.h>

namespace handfast {
namespace {

template <typename Enum>
struct Row {
  Enum value;
  std::string_view name;
};

template <typename Enum, std::size_t count>
std::string find(const Row<Enum> (&table)[count], Enum value) {
  for (const Row<Enum>& row : table)
    if (row.value == value) return std::string(row.name);
  return fmt::format("0x{:0{}x}", static_cast<unsigned>(value), 2 * sizeof(Enum));
}

constexpr Row<ContentType> content_type_names[] = {
    {ContentType::invalid, "invalid"},
    {ContentType::change_cipher_spec, "change_cipher_spec"},
    {ContentType::alert, "alert"},
    {ContentType::handshake, "handshake"},
    {ContentType::application_data, "application_data"},
};

constexpr Row<HandshakeType> handshake_type_names[] = {
    {HandshakeType::hello_request, "hello_request"},
    {HandshakeType::client_hello, "client_hello"},
    {HandshakeType::server_hello, "server_hello"},
    {HandshakeType::new_session_ticket, "new_session_ticket"},
    {HandshakeType::end_of_early_data, "end_of_early_data"},
    {HandshakeType::encrypted_extensions, "encrypted_extensions"},
    {HandshakeType::certificate, "certificate"},
    {HandshakeType::server_key_exchange, "server_key_exchange"},
    {HandshakeType::certificate_request, "certificate_request"},
    {HandshakeType::server_hello_done, "server_hello_done"},
    {HandshakeType::certificate_verify, "certificate_verify"},
    {HandshakeType::client_key_exchange, "client_key_exchange"},
    {HandshakeType::finished, "finished"},
    {HandshakeType::certificate_status, "certificate_status"},
    {HandshakeType::key_update, "key_update"},
    {HandshakeType::compressed_certificate, "compressed_certificate"},
    {HandshakeType::message_hash, "message_hash"},
};

constexpr Row<ProtocolVersion> protocol_version_names[] = {
    {ProtocolVersion::ssl3_0, "SSL 3.0"}, {ProtocolVersion::tls1_0, "TLS 1.0"}, {ProtocolVersion::tls1_1, "TLS 1.1"},
    {ProtocolVersion::tls1_2, "TLS 1.2"}, {ProtocolVersion::tls1_3, "TLS 1.3"},
};

constexpr Row<CipherSuite> cipher_suite_names[] = {
    {CipherSuite::TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256"},
    {CipherSuite::TLS_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384"},
    {CipherSuite::TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {CipherSuite::TLS_FALLBACK_SCSV, "TLS_FALLBACK_SCSV"},
};

constexpr Row<NamedGroup> named_group_names[] = {
    {NamedGroup::secp256r1, "secp256r1"}, {NamedGroup::secp384r1, "secp384r1"},
    {NamedGroup::secp521r1, "secp521r1"}, {NamedGroup::x25519, "x25519"},
    {NamedGroup::x448, "x448"},           {NamedGroup::X25519MLKEM768, "X25519MLKEM768"},
};

constexpr Row<SignatureScheme> signature_scheme_names[] = {
    {SignatureScheme::rsa_pkcs1_sha1, "rsa_pkcs1_sha1"},
    {SignatureScheme::ecdsa_sha1, "ecdsa_sha1"},
    {SignatureScheme::rsa_pkcs1_sha256, "rsa_pkcs1_sha256"},
    {SignatureScheme::rsa_pkcs1_sha384, "rsa_pkcs1_sha384"},
    {SignatureScheme::rsa_pkcs1_sha512, "rsa_pkcs1_sha512"},
    {SignatureScheme::ecdsa_secp256r1_sha256, "ecdsa_secp256r1_sha256"},
    {SignatureScheme::ecdsa_secp384r1_sha384, "ecdsa_secp384r1_sha384"},
    {SignatureScheme::ecdsa_secp521r1_sha512, "ecdsa_secp521r1_sha512"},
    {SignatureScheme::rsa_pss_rsae_sha256, "rsa_pss_rsae_sha256"},
    {SignatureScheme::rsa_pss_rsae_sha384, "rsa_pss_rsae_sha384"},
    {SignatureScheme::rsa_pss_rsae_sha512, "rsa_pss_rsae_sha512"},
    {SignatureScheme::ed25519, "ed25519"},
    {SignatureScheme::ed448, "ed448"},
    {SignatureScheme::rsa_pss_pss_sha256, "rsa_pss_pss_sha256"},
    {SignatureScheme::rsa_pss_pss_sha384, "rsa_pss_pss_sha384"},
    {SignatureScheme::rsa_pss_pss_sha512, "rsa_pss_pss_sha512"},
};

constexpr Row<ExtensionType> extension_type_names[] = {
    {ExtensionType::server_name, "server_name"},
    {ExtensionType::max_fragment_length, "max_fragment_length"},
    {ExtensionType::status_request, "status_request"},
    {ExtensionType::supported_groups, "supported_groups"},
    {ExtensionType::ec_point_formats, "ec_point_formats"},
    {ExtensionType::signature_algorithms, "signature_algorithms"},
    {ExtensionType::use_srtp, "use_srtp"},
    {ExtensionType::heartbeat, "heartbeat"},
    {ExtensionType::application_layer_protocol_negotiation, "application_layer_protocol_negotiation"},
    {ExtensionType::signed_certificate_timestamp, "signed_certificate_timestamp"},
    {ExtensionType::client_certificate_type, "client_certificate_type"},
    {ExtensionType::server_certificate_type, "server_certificate_type"},
    {ExtensionType::padding, "padding"},
    {ExtensionType::encrypt_then_mac, "encrypt_then_mac"},
    {ExtensionType::extended_master_secret, "extended_master_secret"},
    {ExtensionType::compress_certificate, "compress_certificate"},
    {ExtensionType::record_size_limit, "record_size_limit"},
    {ExtensionType::session_ticket, "session_ticket"},
    {ExtensionType::pre_shared_key, "pre_shared_key"},
    {ExtensionType::early_data, "early_data"},
    {ExtensionType::supported_versions, "supported_versions"},
    {ExtensionType::cookie, "cookie"},
    {ExtensionType::psk_key_exchange_modes, "psk_key_exchange_modes"},
    {ExtensionType::certificate_authorities, "certificate_authorities"},
    {ExtensionType::oid_filters, "oid_filters"},
    {ExtensionType::post_handshake_auth, "post_handshake_auth"},
    {ExtensionType::signature_algorithms_cert, "signature_algorithms_cert"},
    {ExtensionType::key_share, "key_share"},
    {ExtensionType::quic_transport_parameters, "quic_transport_parameters"},
    {ExtensionType::encrypted_client_hello, "encrypted_client_hello"},
    {ExtensionType::renegotiation_info, "renegotiation_info"},
};

constexpr Row<Alert> alert_names[] = {
    {Alert::close_notify, "close_notify"},
    {Alert::unexpected_message, "unexpected_message"},
    {Alert::bad_record_mac, "bad_record_mac"},
    {Alert::decryption_failed_RESERVED, "decryption_failed_RESERVED"},
    {Alert::record_overflow, "record_overflow"},
    {Alert::decompression_failure_RESERVED, "decompression_failure_RESERVED"},
    {Alert::handshake_failure, "handshake_failure"},
    {Alert::no_certificate_RESERVED, "no_certificate_RESERVED"},
    {Alert::bad_certificate, "bad_certificate"},
    {Alert::unsupported_certificate, "unsupported_certificate"},
    {Alert::certificate_revoked, "certificate_revoked"},
    {Alert::certificate_expired, "certificate_expired"},
    {Alert::certificate_unknown, "certificate_unknown"},
    {Alert::illegal_parameter, "illegal_parameter"},
    {Alert::unknown_ca, "unknown_ca"},
    {Alert::access_denied, "access_denied"},
    {Alert::decode_error, "decode_error"},
    {Alert::decrypt_error, "decrypt_error"},
    {Alert::protocol_version, "protocol_version"},
    {Alert::insufficient_security, "insufficient_security"},
    {Alert::internal_error, "internal_error"},
    {Alert::inappropriate_fallback, "inappropriate_fallback"},
    {Alert::user_canceled, "user_canceled"},
    {Alert::no_renegotiation, "no_renegotiation"},
    {Alert::missing_extension, "missing_extension"},
    {Alert::unsupported_extension, "unsupported_extension"},
    {Alert::unrecognized_name, "unrecognized_name"},
    {Alert::bad_certificate_status_response, "bad_certificate_status_response"},
    {Alert::unknown_psk_identity, "unknown_psk_identity"},
    {Alert::certificate_required, "certificate_required"},
    {Alert::general_error, "general_error"},
    {Alert::no_application_protocol, "no_application_protocol"},
    {Alert::ech_required, "ech_required"},
};

constexpr Row<Side> side_names[] = {
    {Side::client, "client"},
    {Side::server, "server"},
};

struct ReasonRow {
  Reason reason;
  std::string_view name;
  std::string_view description;
};

constexpr ReasonRow reasons[] = {
    {Reason::not_tls, "not_tls", "the first bytes are no TLS record"},
    {Reason::http_request, "http_request", "plain HTTP was sent to a TLS port"},
    {Reason::http_proxy_request, "http_proxy_request", "a plain HTTP CONNECT was sent to a TLS port"},
    {Reason::bad_record_version, "bad_record_version", "legacy_record_version with a wrong major version"},
    {Reason::unexpected_record, "unexpected_record", "a record type that is not allowed now"},
    {Reason::bad_outer_content_type, "bad_outer_content_type",
     "a protected record that does not say application_data outside"},
    {Reason::record_too_long, "record_too_long", "TLSCiphertext.length past 2^14 + 256"},
    {Reason::plaintext_too_long, "plaintext_too_long", "TLSInnerPlaintext past 2^14, or past our record_size_limit"},
    {Reason::bad_record_mac, "bad_record_mac", "a record does not decrypt"},
    {Reason::no_content_type, "no_content_type", "a TLSInnerPlaintext of zeros only"},
    {Reason::too_many_empty_records, "too_many_empty_records", "more than Limits::empty_records in a row"},
    {Reason::empty_handshake_record, "empty_handshake_record", "a zero-length handshake fragment"},
    {Reason::bad_change_cipher_spec, "bad_change_cipher_spec", "not the one byte 0x01, or at a wrong time"},
    {Reason::bad_alert, "bad_alert", "an alert that is not two bytes, or of an unknown level"},
    {Reason::too_many_warning_alerts, "too_many_warning_alerts", "more than Limits::warning_alerts in a row"},
    {Reason::truncated, "truncated", "the peer closed without close_notify"},
    {Reason::closed, "closed", "the peer closed (or we did) where the operation needs an open connection"},
    {Reason::alert_received, "alert_received", "the peer sent a fatal alert"},
    {Reason::early_data_too_long, "early_data_too_long", "more early data than may be skipped or was allowed"},
    {Reason::decode_error, "decode_error", "a message that does not parse"},
    {Reason::unexpected_message, "unexpected_message", "unexpected message"},
    {Reason::message_too_long, "message_too_long", "a handshake message past its limit"},
    {Reason::excess_handshake_data, "excess_handshake_data", "handshake bytes left over where keys change"},
    {Reason::duplicate_extension, "duplicate_extension", "duplicate extension"},
    {Reason::too_many_extensions, "too_many_extensions", "too many extensions"},
    {Reason::unsolicited_extension, "unsolicited_extension", "an answer to what was not offered"},
    {Reason::forbidden_extension, "forbidden_extension", "known, but not allowed in that message"},
    {Reason::missing_extension, "missing_extension", "missing extension"},
    {Reason::bad_extension, "bad_extension", "an extension whose content does not parse or is not allowed"},
    {Reason::no_common_version, "no_common_version", "no common version"},
    {Reason::no_common_cipher_suite, "no_common_cipher_suite", "no common cipher suite"},
    {Reason::no_common_group, "no_common_group", "no common group"},
    {Reason::no_common_signature_scheme, "no_common_signature_scheme", "no common signature scheme"},
    {Reason::no_matching_issuer, "no_matching_issuer",
     "no credential was issued by one of the peer's certificate_authorities"},
    {Reason::no_application_protocol, "no_application_protocol", "no application protocol"},
    {Reason::unrecognized_name, "unrecognized_name", "no credential for that name and the config asks for one"},
    {Reason::wrong_version_selected, "wrong_version_selected", "the server chose a version that was not offered"},
    {Reason::wrong_cipher_suite_selected, "wrong_cipher_suite_selected",
     "the server chose a suite that was not offered, or changed it after a retry"},
    {Reason::wrong_group_selected, "wrong_group_selected",
     "the server chose a group that was not offered, or needs no retry"},
    {Reason::wrong_key_share, "wrong_key_share", "a share for a group that was not asked for"},
    {Reason::duplicate_key_share, "duplicate_key_share", "two shares for one group"},
    {Reason::wrong_application_protocol, "wrong_application_protocol",
     "the server selected an ALPN protocol that was not offered"},
    {Reason::wrong_session_id_echo, "wrong_session_id_echo", "legacy_session_id_echo is not what was sent"},
    {Reason::bad_compression_methods, "bad_compression_methods", "legacy_compression_methods is not the single null"},
    {Reason::empty_retry_request, "empty_retry_request", "a HelloRetryRequest that would change nothing"},
    {Reason::second_retry_request, "second_retry_request", "a second HelloRetryRequest"},
    {Reason::changed_hello, "changed_hello", "the second ClientHello changed what it may not"},
    {Reason::bad_cookie, "bad_cookie", "the cookie is not the one that was sent"},
    {Reason::downgrade_detected, "downgrade_detected", "the downgrade sentinel stands in ServerHello.random"},
    {Reason::bad_psk, "bad_psk", "a pre_shared_key extension that is malformed or not last"},
    {Reason::rejected_by_config, "rejected_by_config", "the credential chooser or another hook refused the connection"},
    {Reason::aborted, "aborted", "the caller ended the connection"},
    {Reason::renegotiation, "renegotiation", "the peer tried to renegotiate"},
    {Reason::bad_key_share, "bad_key_share", "a point that is not on the curve, of low order or of a wrong length"},
    {Reason::bad_signature, "bad_signature", "CertificateVerify or ServerKeyExchange does not verify"},
    {Reason::wrong_signature_scheme, "wrong_signature_scheme",
     "a scheme that was not offered or does not fit the certificate's key"},
    {Reason::bad_finished, "bad_finished", "Finished does not verify"},
    {Reason::no_certificate, "no_certificate", "an empty Certificate where one is required"},
    {Reason::too_many_certificates, "too_many_certificates", "more than Limits::chain_length"},
    {Reason::bad_certificate, "bad_certificate", "a certificate that does not parse"},
    {Reason::unsupported_certificate_key, "unsupported_certificate_key",
     "a key type, curve or size that is not supported"},
    {Reason::certificate_expired, "certificate_expired", "certificate expired"},
    {Reason::certificate_not_yet_valid, "certificate_not_yet_valid", "certificate not yet valid"},
    {Reason::unknown_issuer, "unknown_issuer", "no path to a trust anchor"},
    {Reason::self_signed_certificate, "self_signed_certificate", "the leaf is its own issuer and not trusted"},
    {Reason::name_mismatch, "name_mismatch", "name mismatch"},
    {Reason::no_subject_alt_name, "no_subject_alt_name", "the certificate has no name that TLS may use"},
    {Reason::not_a_ca, "not_a_ca", "an issuer without basicConstraints CA"},
    {Reason::ca_as_leaf, "ca_as_leaf", "a CA certificate is used as the certificate of a peer"},
    {Reason::path_length_exceeded, "path_length_exceeded", "pathLenConstraint"},
    {Reason::wrong_key_usage, "wrong_key_usage", "wrong key usage"},
    {Reason::wrong_extended_key_usage, "wrong_extended_key_usage", "wrong extended key usage"},
    {Reason::bad_certificate_signature, "bad_certificate_signature", "bad certificate signature"},
    {Reason::unsupported_signature_algorithm, "unsupported_signature_algorithm",
     "a certificate signed with an algorithm that is not accepted"},
    {Reason::unknown_critical_extension, "unknown_critical_extension", "unknown critical extension"},
    {Reason::name_constraint_violation, "name_constraint_violation", "name constraint violation"},
    {Reason::weak_key, "weak_key", "weak key"},
    {Reason::path_too_complex, "path_too_complex", "the search passed its limits of depth, candidates or signatures"},
    {Reason::verification_failed, "verification_failed", "an external verifier said no"},
    {Reason::too_many_key_updates, "too_many_key_updates", "more than Limits::key_updates without application data"},
    {Reason::sequence_exhausted, "sequence_exhausted", "a key may protect no more records and can't be updated"},
    {Reason::signing_failed, "signing_failed", "the private key answered with an error"},
    {Reason::need_failed, "need_failed", "another outside request was answered with an error"},
    {Reason::wrong_answer, "wrong_answer", "an answer that does not match the outstanding Need"},
    {Reason::out_of_memory, "out_of_memory", "the connection's arena is exhausted"},
    {Reason::internal_error, "internal_error", "a primitive failed that may not"},
    {Reason::file_not_readable, "file_not_readable", "file not readable"},
    {Reason::bad_pem, "bad_pem", "bad pem"},
    {Reason::bad_private_key, "bad_private_key", "bad private key"},
    {Reason::key_does_not_match, "key_does_not_match", "the private key is not that of the leaf certificate"},
    {Reason::bad_config, "bad_config", "an impossible combination"},
};

constexpr const ReasonRow& row(Reason reason) noexcept { return reasons[static_cast<std::size_t>(reason)]; }

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(reasons); ++i)
    if (static_cast<std::size_t>(reasons[i].reason) != i) return false;
  return true;
}
static_assert(in_order(), "a row of `reasons` for every Reason, in the order of the enumeration");

}  // namespace

std::string name(ContentType value) { return find(content_type_names, value); }
std::string name(HandshakeType value) { return find(handshake_type_names, value); }
std::string name(ProtocolVersion value) { return find(protocol_version_names, value); }
std::string name(CipherSuite value) { return find(cipher_suite_names, value); }
std::string name(NamedGroup value) { return find(named_group_names, value); }
std::string name(SignatureScheme value) { return find(signature_scheme_names, value); }
std::string name(ExtensionType value) { return find(extension_type_names, value); }
std::string name(Alert value) { return find(alert_names, value); }
std::string name(Side value) { return find(side_names, value); }

std::string_view name(Reason reason) noexcept { return row(reason).name; }
std::string_view describe(Reason reason) noexcept { return row(reason).description; }

}  // namespace handfast
