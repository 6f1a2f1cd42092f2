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
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {CipherSuite::TLS_FALLBACK_SCSV, "TLS_FALLBACK_SCSV"},
};

constexpr Row<NamedGroup> named_group_names[] = {
    {NamedGroup::secp256r1, "secp256r1"},
    {NamedGroup::secp384r1, "secp384r1"},
    {NamedGroup::secp521r1, "secp521r1"},
    {NamedGroup::x25519, "x25519"},
    {NamedGroup::x448, "x448"},
    {NamedGroup::MLKEM768, "MLKEM768"},
    {NamedGroup::MLKEM1024, "MLKEM1024"},
    {NamedGroup::SecP256r1MLKEM768, "SecP256r1MLKEM768"},
    {NamedGroup::X25519MLKEM768, "X25519MLKEM768"},
    {NamedGroup::SecP384r1MLKEM1024, "SecP384r1MLKEM1024"},
};

constexpr Row<SignatureScheme> signature_scheme_names[] = {
    {SignatureScheme::rsa_pkcs1_sha1, "rsa_pkcs1_sha1"},
    {SignatureScheme::rsa_pkcs1_md5_sha1, "rsa_pkcs1_md5_sha1"},
    {SignatureScheme::ecdsa_sha1, "ecdsa_sha1"},
    {SignatureScheme::rsa_pkcs1_sha256, "rsa_pkcs1_sha256"},
    {SignatureScheme::rsa_pkcs1_sha384, "rsa_pkcs1_sha384"},
    {SignatureScheme::rsa_pkcs1_sha512, "rsa_pkcs1_sha512"},
    {SignatureScheme::rsa_pkcs1_sha256_legacy, "rsa_pkcs1_sha256_legacy"},
    {SignatureScheme::rsa_pkcs1_sha384_legacy, "rsa_pkcs1_sha384_legacy"},
    {SignatureScheme::rsa_pkcs1_sha512_legacy, "rsa_pkcs1_sha512_legacy"},
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
    {SignatureScheme::mldsa44, "mldsa44"},
    {SignatureScheme::mldsa65, "mldsa65"},
    {SignatureScheme::mldsa87, "mldsa87"},
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
    {ExtensionType::tls_flags, "tls_flags"},
    {ExtensionType::trust_anchors, "trust_anchors"},
    {ExtensionType::encrypted_client_hello, "encrypted_client_hello"},
    {ExtensionType::renegotiation_info, "renegotiation_info"},
};

constexpr Row<CertificateType> certificate_type_names[] = {
    {CertificateType::X509, "X509"},
    {CertificateType::RawPublicKey, "RawPublicKey"},
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

}  // namespace

std::string name(ContentType value) { return find(content_type_names, value); }
std::string name(HandshakeType value) { return find(handshake_type_names, value); }
std::string name(ProtocolVersion value) { return find(protocol_version_names, value); }
std::string name(CipherSuite value) { return find(cipher_suite_names, value); }
std::string name(NamedGroup value) { return find(named_group_names, value); }
std::string name(SignatureScheme value) { return find(signature_scheme_names, value); }
std::string name(ExtensionType value) { return find(extension_type_names, value); }
std::string name(CertificateType value) { return find(certificate_type_names, value); }
std::string name(Alert value) { return find(alert_names, value); }
std::string name(Side value) { return find(side_names, value); }

}  // namespace handfast
