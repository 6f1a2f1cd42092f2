// The words for every Reason.
#include <handfast/error.h>

#include <algorithm>
#include <iterator>

namespace handfast {
namespace {

/// A code is never given to another reason, nor changed: people search for it. New rows take the next of their hundred:
/// 01 the byte stream, 02 authentication, 03 messages, 04 negotiation, 05 an open connection, 06 the outside, 07
/// configuration.
struct ReasonRow {
  Reason reason;
  std::string_view code;
  std::string_view name;
  std::string_view description;
};

constexpr ReasonRow reasons[] = {
    {Reason::not_tls, "HF0101", "not_tls", "the first bytes are no TLS record"},
    {Reason::http_request, "HF0102", "http_request", "plain HTTP was sent to a TLS port"},
    {Reason::http_proxy_request, "HF0103", "http_proxy_request", "a plain HTTP CONNECT was sent to a TLS port"},
    {Reason::bad_record_version, "HF0104", "bad_record_version", "legacy_record_version with a wrong major version"},
    {Reason::unexpected_record, "HF0105", "unexpected_record", "a record type that is not allowed now"},
    {Reason::bad_outer_content_type, "HF0106", "bad_outer_content_type",
     "a protected record that does not say application_data outside"},
    {Reason::record_too_long, "HF0107", "record_too_long", "TLSCiphertext.length past 2^14 + 256"},
    {Reason::plaintext_too_long, "HF0108", "plaintext_too_long",
     "TLSInnerPlaintext past 2^14, or past our record_size_limit"},
    {Reason::bad_record_mac, "HF0109", "bad_record_mac", "a record does not decrypt"},
    {Reason::no_content_type, "HF0110", "no_content_type", "a TLSInnerPlaintext of zeros only"},
    {Reason::too_many_empty_records, "HF0111", "too_many_empty_records", "more than Limits::empty_records in a row"},
    {Reason::empty_handshake_record, "HF0112", "empty_handshake_record", "a zero-length handshake fragment"},
    {Reason::bad_change_cipher_spec, "HF0113", "bad_change_cipher_spec", "not the one byte 0x01, or at a wrong time"},
    {Reason::bad_alert, "HF0114", "bad_alert", "an alert that is not two bytes, or of an unknown level"},
    {Reason::too_many_warning_alerts, "HF0115", "too_many_warning_alerts", "more than Limits::warning_alerts in a row"},
    {Reason::truncated, "HF0116", "truncated", "the peer closed without close_notify"},
    {Reason::closed, "HF0117", "closed", "the peer closed (or we did) where the operation needs an open connection"},
    {Reason::alert_received, "HF0118", "alert_received", "the peer sent a fatal alert"},
    {Reason::early_data_too_long, "HF0119", "early_data_too_long",
     "more early data than may be skipped or was allowed"},
    {Reason::decode_error, "HF0301", "decode_error", "a message that does not parse"},
    {Reason::unexpected_message, "HF0302", "unexpected_message", "unexpected message"},
    {Reason::message_too_long, "HF0303", "message_too_long", "a handshake message past its limit"},
    {Reason::excess_handshake_data, "HF0304", "excess_handshake_data", "handshake bytes left over where keys change"},
    {Reason::duplicate_extension, "HF0305", "duplicate_extension", "duplicate extension"},
    {Reason::too_many_extensions, "HF0306", "too_many_extensions", "too many extensions"},
    {Reason::unsolicited_extension, "HF0307", "unsolicited_extension", "an answer to what was not offered"},
    {Reason::forbidden_extension, "HF0308", "forbidden_extension", "known, but not allowed in that message"},
    {Reason::missing_extension, "HF0309", "missing_extension", "missing extension"},
    {Reason::bad_extension, "HF0310", "bad_extension", "an extension whose content does not parse or is not allowed"},
    {Reason::no_common_version, "HF0401", "no_common_version", "no common version"},
    {Reason::no_common_cipher_suite, "HF0402", "no_common_cipher_suite", "no common cipher suite"},
    {Reason::no_common_group, "HF0403", "no_common_group", "no common group"},
    {Reason::no_common_signature_scheme, "HF0404", "no_common_signature_scheme", "no common signature scheme"},
    {Reason::no_matching_issuer, "HF0405", "no_matching_issuer",
     "no credential was issued by one of the peer's certificate_authorities"},
    {Reason::no_common_certificate_type, "HF0428", "no_common_certificate_type",
     "neither certificates nor raw public keys that one side shows and the other takes"},
    {Reason::no_application_protocol, "HF0406", "no_application_protocol", "no application protocol"},
    {Reason::unrecognized_name, "HF0407", "unrecognized_name",
     "no credential for that name and the config asks for one"},
    {Reason::wrong_version_selected, "HF0408", "wrong_version_selected",
     "the server chose a version that was not offered"},
    {Reason::wrong_cipher_suite_selected, "HF0409", "wrong_cipher_suite_selected",
     "the server chose a suite that was not offered, or changed it after a retry"},
    {Reason::wrong_group_selected, "HF0410", "wrong_group_selected",
     "the server chose a group that was not offered, or needs no retry"},
    {Reason::wrong_key_share, "HF0411", "wrong_key_share", "a share for a group that was not asked for"},
    {Reason::duplicate_key_share, "HF0412", "duplicate_key_share", "two shares for one group"},
    {Reason::wrong_application_protocol, "HF0413", "wrong_application_protocol",
     "the server selected an ALPN protocol that was not offered"},
    {Reason::wrong_certificate_type, "HF0429", "wrong_certificate_type",
     "the server chose a type of certificate that was not offered"},
    {Reason::wrong_session_id_echo, "HF0414", "wrong_session_id_echo",
     "the server's session ID: not that of our hello in TLS 1.3, or in TLS 1.2 one that was never given"},
    {Reason::bad_compression_methods, "HF0415", "bad_compression_methods",
     "compression: not the single null; in TLS 1.2 no null offered, or another chosen"},
    {Reason::empty_retry_request, "HF0416", "empty_retry_request", "a HelloRetryRequest that would change nothing"},
    {Reason::second_retry_request, "HF0417", "second_retry_request", "a second HelloRetryRequest"},
    {Reason::changed_hello, "HF0418", "changed_hello", "the second ClientHello changed what it may not"},
    {Reason::bad_cookie, "HF0419", "bad_cookie", "the cookie is not the one that was sent"},
    {Reason::downgrade_detected, "HF0420", "downgrade_detected", "the downgrade sentinel stands in ServerHello.random"},
    {Reason::bad_psk, "HF0421", "bad_psk", "a pre_shared_key extension that is malformed or not last"},
    {Reason::rejected_by_config, "HF0422", "rejected_by_config",
     "the credential chooser or another hook refused the connection"},
    {Reason::aborted, "HF0423", "aborted", "the caller ended the connection"},
    {Reason::renegotiation, "HF0424", "renegotiation", "the peer tried to renegotiate"},
    {Reason::inappropriate_fallback, "HF0425", "inappropriate_fallback",
     "TLS_FALLBACK_SCSV of a client that could speak a newer version"},
    {Reason::no_extended_master_secret, "HF0426", "no_extended_master_secret",
     "TLS 1.2 without extended_master_secret, where the config requires it"},
    {Reason::bad_renegotiation_info, "HF0427", "bad_renegotiation_info",
     "a first handshake whose renegotiation_info is not empty"},
    {Reason::bad_key_share, "HF0201", "bad_key_share",
     "a point that is not on the curve, of low order or of a wrong length"},
    {Reason::bad_signature, "HF0202", "bad_signature", "CertificateVerify or ServerKeyExchange does not verify"},
    {Reason::wrong_signature_scheme, "HF0203", "wrong_signature_scheme",
     "a scheme that was not offered or does not fit the certificate's key"},
    {Reason::wrong_certificate_key, "HF0239", "wrong_certificate_key",
     "a certificate of TLS 1.2 or below whose key fits not the cipher suite, the version or the types that were asked "
     "for"},
    {Reason::unknown_public_key, "HF0240", "unknown_public_key",
     "the peer's raw public key is none of those that are trusted"},
    {Reason::bad_finished, "HF0204", "bad_finished", "Finished does not verify"},
    {Reason::wrong_request_context, "HF0236", "wrong_request_context",
     "a Certificate that answers another CertificateRequest than ours"},
    {Reason::no_certificate, "HF0205", "no_certificate", "an empty Certificate where one is required"},
    {Reason::too_many_certificates, "HF0206", "too_many_certificates", "more than Limits::chain_length"},
    {Reason::bad_certificate, "HF0207", "bad_certificate", "a certificate that does not parse"},
    {Reason::unsupported_certificate_key, "HF0208", "unsupported_certificate_key",
     "a key type, curve or size that is not supported"},
    {Reason::certificate_expired, "HF0209", "certificate_expired", "certificate expired"},
    {Reason::certificate_not_yet_valid, "HF0210", "certificate_not_yet_valid", "certificate not yet valid"},
    {Reason::unknown_issuer, "HF0211", "unknown_issuer", "no path to a trust anchor"},
    {Reason::self_signed_certificate, "HF0212", "self_signed_certificate",
     "the leaf is its own issuer and not trusted"},
    {Reason::name_mismatch, "HF0213", "name_mismatch", "name mismatch"},
    {Reason::no_subject_alt_name, "HF0214", "no_subject_alt_name", "the certificate has no name that TLS may use"},
    {Reason::not_a_ca, "HF0215", "not_a_ca", "an issuer without basicConstraints CA"},
    {Reason::ca_as_leaf, "HF0216", "ca_as_leaf", "a CA certificate is used as the certificate of a peer"},
    {Reason::path_length_exceeded, "HF0217", "path_length_exceeded", "pathLenConstraint"},
    {Reason::wrong_key_usage, "HF0218", "wrong_key_usage", "wrong key usage"},
    {Reason::wrong_extended_key_usage, "HF0219", "wrong_extended_key_usage", "wrong extended key usage"},
    {Reason::bad_certificate_signature, "HF0220", "bad_certificate_signature", "bad certificate signature"},
    {Reason::unsupported_signature_algorithm, "HF0221", "unsupported_signature_algorithm",
     "a certificate signed with an algorithm that is not accepted"},
    {Reason::unknown_critical_extension, "HF0222", "unknown_critical_extension", "unknown critical extension"},
    {Reason::name_constraint_violation, "HF0223", "name_constraint_violation", "name constraint violation"},
    {Reason::weak_key, "HF0224", "weak_key", "weak key"},
    {Reason::path_too_complex, "HF0225", "path_too_complex",
     "the search passed its limits of depth, candidates or signatures"},
    {Reason::verification_failed, "HF0226", "verification_failed", "an external verifier said no"},
    {Reason::certificate_revoked, "HF0227", "certificate_revoked", "the issuer has revoked the certificate"},
    {Reason::revocation_unknown, "HF0228", "revocation_unknown", "nothing proves that the certificate is not revoked"},
    {Reason::bad_ocsp_response, "HF0229", "bad_ocsp_response", "the stapled OCSP response is not acceptable"},
    {Reason::missing_ocsp_response, "HF0230", "missing_ocsp_response",
     "the certificate must come with an OCSP response, and came without a good one"},
    {Reason::bad_crl, "HF0231", "bad_crl", "a certificate revocation list is not acceptable"},
    {Reason::pin_mismatch, "HF0232", "pin_mismatch", "no key of the path is one of the pinned"},
    {Reason::anchor_not_for_name, "HF0233", "anchor_not_for_name", "the trust anchor is trusted for other names only"},
    {Reason::no_acceptable_policy, "HF0234", "no_acceptable_policy",
     "no certificate policy holds along the path, and one is required"},
    {Reason::missing_tls_feature, "HF0237", "missing_tls_feature",
     "the certificate lacks a TLS feature that its issuer asks of all that it signs"},
    {Reason::profile_violation, "HF0238", "profile_violation", "the certificate breaks a rule of the strict profile"},
    {Reason::not_authorized, "HF0235", "not_authorized", "the peer has proved who it is, and may not connect"},
    {Reason::too_many_key_updates, "HF0501", "too_many_key_updates",
     "more than Limits::key_updates without application data"},
    {Reason::too_many_certificate_requests, "HF0503", "too_many_certificate_requests",
     "more requests for a certificate than may be waiting for an answer"},
    {Reason::too_many_hello_requests, "HF0504", "too_many_hello_requests",
     "more than Limits::hello_requests without application data"},
    {Reason::sequence_exhausted, "HF0502", "sequence_exhausted",
     "a key may protect no more records and can't be updated"},
    {Reason::signing_failed, "HF0601", "signing_failed", "the private key answered with an error"},
    {Reason::need_failed, "HF0602", "need_failed", "another outside request was answered with an error"},
    {Reason::wrong_answer, "HF0603", "wrong_answer", "an answer that does not match the outstanding Need"},
    {Reason::out_of_memory, "HF0604", "out_of_memory", "the connection's arena is exhausted"},
    {Reason::internal_error, "HF0605", "internal_error", "a primitive failed that may not"},
    {Reason::file_not_readable, "HF0701", "file_not_readable", "file not readable"},
    {Reason::bad_pem, "HF0702", "bad_pem", "bad pem"},
    {Reason::bad_private_key, "HF0703", "bad_private_key", "bad private key"},
    {Reason::key_does_not_match, "HF0704", "key_does_not_match", "the private key is not that of the leaf certificate"},
    {Reason::bad_config, "HF0705", "bad_config", "an impossible combination"},
};

constexpr const ReasonRow& row(Reason reason) noexcept { return reasons[static_cast<std::size_t>(reason)]; }

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(reasons); ++i)
    if (static_cast<std::size_t>(reasons[i].reason) != i) return false;
  return true;
}
static_assert(in_order(), "a row of `reasons` for every Reason, in the order of the enumeration");

constexpr bool codes_differ() {
  for (std::size_t i = 0; i < std::size(reasons); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (reasons[i].code == reasons[j].code) return false;
  return true;
}
static_assert(codes_differ());

}  // namespace

std::string_view code(Reason reason) noexcept { return row(reason).code; }
std::optional<Reason> reason_of(std::string_view code) noexcept {
  const auto found = std::ranges::find(reasons, code, &ReasonRow::code);
  if (found == std::end(reasons)) return std::nullopt;
  return found->reason;
}
std::string_view name(Reason reason) noexcept { return row(reason).name; }
std::string_view describe(Reason reason) noexcept { return row(reason).description; }

}  // namespace handfast
