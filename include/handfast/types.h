// The numbers of the TLS registries, spelled as the RFCs spell them.
//
// A value that arrives from a peer may be one that has no enumerator here (a GREASE value, a suite of another decade):
// every one of these types may hold any number of its width, and `name` says "0x...." for those it does not know.
#pragma once

#include <cstdint>
#include <string>

namespace handfast {

/// RFC 8446, section 5.1.
enum class ContentType : std::uint8_t {
  invalid = 0,
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
};

/// RFC 8446, section 4, and the messages of TLS 1.2 (RFC 5246, section 7.4).
enum class HandshakeType : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  new_session_ticket = 4,
  end_of_early_data = 5,
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_status = 22,
  key_update = 24,
  compressed_certificate = 25,
  message_hash = 254,
};

/// RFC 8446, section 4.2.1.
enum class ProtocolVersion : std::uint16_t {
  ssl3_0 = 0x0300,
  tls1_0 = 0x0301,
  tls1_1 = 0x0302,
  tls1_2 = 0x0303,
  tls1_3 = 0x0304,
};

/// RFC 8446, appendix B.4; of TLS 1.2 those of RFC 5289 and RFC 7905, those with RSA key exchange or CBC (RFC 5246,
/// RFC 5288, RFC 5289, RFC 8422), and the two signals that are no suites.
enum class CipherSuite : std::uint16_t {
  TLS_AES_128_GCM_SHA256 = 0x1301,
  TLS_AES_256_GCM_SHA384 = 0x1302,
  TLS_CHACHA20_POLY1305_SHA256 = 0x1303,
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = 0xc02b,
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = 0xc02c,
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 = 0xc02f,
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = 0xc030,
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = 0xcca8,
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 = 0xcca9,
  TLS_RSA_WITH_AES_128_CBC_SHA = 0x002f,
  TLS_RSA_WITH_AES_256_CBC_SHA = 0x0035,
  TLS_RSA_WITH_AES_128_CBC_SHA256 = 0x003c,
  TLS_RSA_WITH_AES_256_CBC_SHA256 = 0x003d,
  TLS_RSA_WITH_AES_128_GCM_SHA256 = 0x009c,
  TLS_RSA_WITH_AES_256_GCM_SHA384 = 0x009d,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA = 0xc009,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA = 0xc00a,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA = 0xc013,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA = 0xc014,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 = 0xc023,
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 = 0xc024,
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 = 0xc027,
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 = 0xc028,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff,  ///< RFC 5746, section 3.3
  TLS_FALLBACK_SCSV = 0x5600,                  ///< RFC 7507
};

/// RFC 8446, section 4.2.7; those with ML-KEM of draft-ietf-tls-ecdhe-mlkem and draft-ietf-tls-mlkem, for TLS 1.3
/// alone.
enum class NamedGroup : std::uint16_t {
  secp256r1 = 23,
  secp384r1 = 24,
  secp521r1 = 25,
  x25519 = 29,
  x448 = 30,
  MLKEM768 = 513,
  MLKEM1024 = 514,
  SecP256r1MLKEM768 = 4587,
  X25519MLKEM768 = 4588,
  SecP384r1MLKEM1024 = 4589,
};

/// RFC 8446, section 4.2.3; RSASSA-PKCS1-v1_5 for clients of TLS 1.3 (RFC 9963); ML-DSA (draft-ietf-tls-mldsa).
enum class SignatureScheme : std::uint16_t {
  /// RSASSA-PKCS1-v1_5 of TLS 1.1 and 1.0: over MD5 and then SHA-1 of the message, 36 bytes without a DigestInfo (RFC
  /// 4346, section 4.7). It has no number in the registry, where this one is for private use, and none on the wire:
  /// a peer of a later version that names 0xff01 means something else by it, and it is never chosen there.
  rsa_pkcs1_md5_sha1 = 0xff01,
  rsa_pkcs1_sha1 = 0x0201,
  ecdsa_sha1 = 0x0203,
  rsa_pkcs1_sha256 = 0x0401,
  rsa_pkcs1_sha384 = 0x0501,
  rsa_pkcs1_sha512 = 0x0601,
  rsa_pkcs1_sha256_legacy = 0x0420,
  rsa_pkcs1_sha384_legacy = 0x0520,
  rsa_pkcs1_sha512_legacy = 0x0620,
  ecdsa_secp256r1_sha256 = 0x0403,
  ecdsa_secp384r1_sha384 = 0x0503,
  ecdsa_secp521r1_sha512 = 0x0603,
  rsa_pss_rsae_sha256 = 0x0804,
  rsa_pss_rsae_sha384 = 0x0805,
  rsa_pss_rsae_sha512 = 0x0806,
  ed25519 = 0x0807,
  ed448 = 0x0808,
  rsa_pss_pss_sha256 = 0x0809,
  rsa_pss_pss_sha384 = 0x080a,
  rsa_pss_pss_sha512 = 0x080b,
  mldsa44 = 0x0904,
  mldsa65 = 0x0905,
  mldsa87 = 0x0906,
};

/// RFC 8446, section 4.2, with those of TLS 1.2 that a ClientHello may carry.
enum class ExtensionType : std::uint16_t {
  server_name = 0,
  max_fragment_length = 1,
  status_request = 5,
  supported_groups = 10,
  ec_point_formats = 11,
  signature_algorithms = 13,
  use_srtp = 14,
  heartbeat = 15,
  application_layer_protocol_negotiation = 16,
  signed_certificate_timestamp = 18,
  client_certificate_type = 19,
  server_certificate_type = 20,
  padding = 21,
  encrypt_then_mac = 22,
  extended_master_secret = 23,
  compress_certificate = 27,
  record_size_limit = 28,
  session_ticket = 35,
  pre_shared_key = 41,
  early_data = 42,
  supported_versions = 43,
  cookie = 44,
  psk_key_exchange_modes = 45,
  certificate_authorities = 47,
  oid_filters = 48,
  post_handshake_auth = 49,
  signature_algorithms_cert = 50,
  key_share = 51,
  quic_transport_parameters = 57,
  tls_flags = 62,          ///< draft-ietf-tls-tlsflags
  trust_anchors = 0xca34,  ///< draft-ietf-tls-trust-anchor-ids
  encrypted_client_hello = 0xfe0d,
  renegotiation_info = 0xff01,
};

/// What a peer shows to authenticate: a chain of certificates, or its public key alone (RFC 7250, section 3; RFC 8446,
/// section 4.4.2).
enum class CertificateType : std::uint8_t { X509 = 0, RawPublicKey = 2 };

/// RFC 8446, section 6 (AlertDescription).
enum class Alert : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  decryption_failed_RESERVED = 21,
  record_overflow = 22,
  decompression_failure_RESERVED = 30,
  handshake_failure = 40,
  no_certificate_RESERVED = 41,
  bad_certificate = 42,
  unsupported_certificate = 43,
  certificate_revoked = 44,
  certificate_expired = 45,
  certificate_unknown = 46,
  illegal_parameter = 47,
  unknown_ca = 48,
  access_denied = 49,
  decode_error = 50,
  decrypt_error = 51,
  protocol_version = 70,
  insufficient_security = 71,
  internal_error = 80,
  inappropriate_fallback = 86,
  user_canceled = 90,
  no_renegotiation = 100,
  missing_extension = 109,
  unsupported_extension = 110,
  unrecognized_name = 112,
  bad_certificate_status_response = 113,
  unknown_psk_identity = 115,
  certificate_required = 116,
  general_error = 117,
  no_application_protocol = 120,
  ech_required = 121,
};

/// Whether a KeyUpdate asks for one in return (RFC 8446, section 4.6.3).
enum class KeyUpdateRequest : std::uint8_t { update_not_requested = 0, update_requested = 1 };

/// Which of the two ends of a connection.
enum class Side : std::uint8_t { client, server };

/// The registry's name of a value ("TLS_AES_128_GCM_SHA256"), or its number in hexadecimal where it has none here.
std::string name(ContentType);
std::string name(HandshakeType);
std::string name(ProtocolVersion);  ///< "TLS 1.3"
std::string name(CipherSuite);
std::string name(NamedGroup);
std::string name(SignatureScheme);
std::string name(ExtensionType);
std::string name(CertificateType);
std::string name(Alert);
std::string name(Side);

}  // namespace handfast
