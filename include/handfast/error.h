// What went wrong, as a value: the alert that the RFC asks for, a typed reason, and the evidence.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <handfast/bytes.h>
#include <handfast/types.h>

namespace handfast {

/// Why an operation failed. The order is of no meaning; programs compare with the enumerators, people read `name`.
enum class Reason : std::uint16_t {
  // The byte stream is not what TLS allows (RFC 8446, section 5).
  not_tls,                  ///< the first bytes are no TLS record; evidence `first_bytes`
  http_request,             ///< plain HTTP was sent to a TLS port
  http_proxy_request,       ///< a plain HTTP CONNECT was sent to a TLS port
  bad_record_version,       ///< legacy_record_version with a wrong major version
  unexpected_record,        ///< a record type that is not allowed now; evidence `content_type`
  bad_outer_content_type,   ///< a protected record that does not say application_data outside
  record_too_long,          ///< TLSCiphertext.length past 2^14 + 256
  plaintext_too_long,       ///< TLSInnerPlaintext past 2^14, or past our record_size_limit
  bad_record_mac,           ///< a record does not decrypt
  no_content_type,          ///< a TLSInnerPlaintext of zeros only
  too_many_empty_records,   ///< more than Limits::empty_records in a row
  empty_handshake_record,   ///< a zero-length handshake fragment
  bad_change_cipher_spec,   ///< not the one byte 0x01, or at a wrong time
  bad_alert,                ///< an alert that is not two bytes, or of an unknown level
  too_many_warning_alerts,  ///< more than Limits::warning_alerts in a row
  truncated,                ///< the peer closed without close_notify
  closed,                   ///< the peer closed (or we did) where the operation needs an open connection
  alert_received,           ///< the peer sent a fatal alert; evidence `alert`
  early_data_too_long,      ///< more early data than may be skipped or was allowed
  // Messages (RFC 8446, section 4).
  decode_error,           ///< a message that does not parse; evidence `message`, and `field` where known
  unexpected_message,     ///< evidence `received`, `expected`
  message_too_long,       ///< a handshake message past its limit; evidence `length`, `limit`
  excess_handshake_data,  ///< handshake bytes left over where keys change
  duplicate_extension,    ///< evidence `extension`
  too_many_extensions,    ///< evidence `limit`
  unsolicited_extension,  ///< an answer to what was not offered; evidence `extension`
  forbidden_extension,    ///< known, but not allowed in that message; evidence `extension`, `message`
  missing_extension,      ///< evidence `extension`
  bad_extension,          ///< an extension whose content does not parse or is not allowed; evidence `extension`
  // Negotiation.
  no_common_version,            ///< evidence `offered`, `supported`
  no_common_cipher_suite,       ///< evidence `offered`, `supported`
  no_common_group,              ///< evidence `offered`, `supported`
  no_common_signature_scheme,   ///< evidence `offered`, `supported`
  no_matching_issuer,           ///< no credential was issued by one of the peer's certificate_authorities
  no_common_certificate_type,   ///< certificates or raw public keys (RFC 7250); evidence `offered`, `supported`
  no_application_protocol,      ///< evidence `offered`, `supported`
  unrecognized_name,            ///< no credential for that name and the config asks for one; evidence `server_name`
  wrong_version_selected,       ///< the server chose a version that was not offered
  wrong_cipher_suite_selected,  ///< the server chose a suite that was not offered, or changed it after a retry
  wrong_group_selected,         ///< the server chose a group that was not offered, or needs no retry
  wrong_key_share,              ///< a share for a group that was not asked for
  duplicate_key_share,          ///< two shares for one group
  wrong_application_protocol,   ///< the server selected an ALPN protocol that was not offered
  wrong_certificate_type,       ///< the server chose a type of certificate that was not offered, or, where none but
                                ///< others were, left it at X.509; evidence `extension`, `selected`, `offered`
  wrong_session_id_echo,        ///< in TLS 1.3 not that of our hello; in TLS 1.2 one that was never given
  bad_compression_methods,      ///< not the single null; in TLS 1.2 no null among them, or another was chosen
  empty_retry_request,          ///< a HelloRetryRequest that would change nothing
  second_retry_request,         ///< a second HelloRetryRequest
  changed_hello,                ///< the second ClientHello changed what it may not; evidence `extension` or `field`
  bad_cookie,                   ///< the cookie is not the one that was sent
  downgrade_detected,           ///< the downgrade sentinel stands in ServerHello.random
  bad_psk,                      ///< a pre_shared_key extension that is malformed or not last
  rejected_by_config,           ///< the credential chooser or another hook refused the connection
  aborted,                      ///< the caller ended the connection
  renegotiation,                ///< the peer tried to renegotiate
  inappropriate_fallback,  ///< TLS_FALLBACK_SCSV of a client that could speak a newer version; `offered`, `supported`
  no_extended_master_secret,  ///< TLS 1.2 without it, where the config requires it
  bad_renegotiation_info,     ///< a first handshake whose renegotiation_info is not empty
  // Authentication.
  bad_key_share,                ///< a point that is not on the curve, of low order or of a wrong length
  bad_signature,                ///< CertificateVerify or ServerKeyExchange does not verify
  wrong_signature_scheme,       ///< a scheme that was not offered or does not fit the certificate's key
  wrong_certificate_key,        ///< a key that does not fit the cipher suite of TLS 1.2; evidence `cipher_suite`,
                                ///< `algorithm`; or of ours, a type that was not asked for; evidence `signature_scheme`
  unknown_public_key,           ///< a raw public key that is none of the trusted; evidence `pin`
  bad_finished,                 ///< Finished does not verify
  wrong_request_context,        ///< a Certificate that answers another CertificateRequest than ours
  no_certificate,               ///< an empty Certificate where one is required
  too_many_certificates,        ///< more than Limits::chain_length
  bad_certificate,              ///< a certificate that does not parse; evidence `field`, `index`
  unsupported_certificate_key,  ///< a key type, curve or size that is not supported
  certificate_expired,          ///< evidence `not_after`, `now`, `subject`
  certificate_not_yet_valid,    ///< evidence `not_before`, `now`, `subject`
  unknown_issuer,               ///< no path to a trust anchor; evidence `issuer`, `subject`
  self_signed_certificate,      ///< the leaf is its own issuer and not trusted
  name_mismatch,                ///< evidence `expected`, `found`
  no_subject_alt_name,          ///< the certificate has no name that TLS may use
  not_a_ca,                     ///< an issuer without basicConstraints CA; evidence `subject`
  ca_as_leaf,                   ///< a CA certificate as the peer's own, not pinned; evidence `subject`
  path_length_exceeded,         ///< pathLenConstraint; evidence `subject`
  wrong_key_usage,              ///< evidence `subject`, `required`
  wrong_extended_key_usage,     ///< evidence `subject`, `required`
  bad_certificate_signature,    ///< evidence `subject`, `issuer`
  unsupported_signature_algorithm,  ///< a certificate signed with an algorithm that is not accepted
  unknown_critical_extension,       ///< evidence `oid`, `subject`
  name_constraint_violation,        ///< evidence `subject`, `constraint`
  weak_key,                         ///< evidence `bits`, `subject`
  path_too_complex,                 ///< the search passed its limits of depth, candidates or signatures
  verification_failed,              ///< an external verifier said no
  certificate_revoked,              ///< evidence `subject`, `source`, `revoked_at`, `reason`
  revocation_unknown,               ///< a proof that it is not revoked is required, and there is none; `subject`
  bad_ocsp_response,                ///< a staple that is malformed, forged or of another certificate; `problem`
  missing_ocsp_response,            ///< the certificate says "must staple" (RFC 7633), and no good response came
  bad_crl,                          ///< a CRL that is malformed or not its issuer's; evidence `field` or `problem`
  pin_mismatch,                     ///< no key of the path is one of the pinned; evidence `pins`, `found`
  anchor_not_for_name,              ///< the anchor is trusted for other names only; evidence `allowed`, `expected`
  no_acceptable_policy,             ///< certificate policies (RFC 5280, section 6.1.5); evidence `subject`
  missing_tls_feature,              ///< one of the issuer's (RFC 7633, section 4.2.2); `subject`, `issuer`, `feature`
  profile_violation,                ///< a rule of Profile::strict is broken; evidence `field`, `rule`, `subject`
  not_authorized,                   ///< the peer is who it says, and may not connect; evidence `identity`
  // Later in a connection.
  too_many_key_updates,           ///< more than Limits::key_updates without application data
  too_many_certificate_requests,  ///< past one of Limits' two, or a second one of ours; evidence `limit`
  too_many_hello_requests,        ///< more than Limits::hello_requests without application data
  sequence_exhausted,             ///< a key may protect no more records and can't be updated
  // The outside.
  signing_failed,  ///< the private key answered with an error
  need_failed,     ///< another outside request was answered with an error
  wrong_answer,    ///< an answer that does not match the outstanding Need
  out_of_memory,   ///< the connection's arena is exhausted
  internal_error,  ///< a primitive failed that may not; evidence `operation`
  // Configuration.
  file_not_readable,   ///< evidence `path`, `error`
  bad_pem,             ///< evidence `path`, `expected`
  bad_private_key,     ///< evidence `path`
  key_does_not_match,  ///< the private key is not that of the leaf certificate
  bad_config,          ///< an impossible combination; evidence `option`, `problem`
};

/// One piece of evidence: what it is and its value, e.g. {"expected", "example.com"}.
struct Fact {
  using Value = std::variant<std::int64_t, std::string, std::vector<std::string>, Buffer>;
  std::string_view name;  ///< a literal
  Value value;
};

/// An error: at most 24 bytes, cheap to move and to copy. Who failed and how it is to be told stands in `alert`.
class Error {
 public:
  Error(Alert alert, Reason reason) noexcept : alert_(alert), reason_(reason) {}

  /// The alert that this side sends for it; for Reason::alert_received the one that came. Nothing is sent for what the
  /// peer has ended itself (alert_received, closed, truncated) and for plain HTTP.
  Alert alert() const noexcept { return alert_; }
  Reason reason() const noexcept { return reason_; }

  /// Adds a piece of evidence; `name` must be a literal.
  Error&& with(std::string_view name, Fact::Value value) &&;

  const std::vector<Fact>& evidence() const noexcept;
  /// The evidence of that name, or nullptr.
  const Fact::Value* find(std::string_view name) const noexcept;

  /// One line for people: the reason in words and the evidence behind it.
  std::string message() const;

 private:
  std::shared_ptr<std::vector<Fact>> evidence_;
  Alert alert_;
  Reason reason_;
};
static_assert(sizeof(Error) <= 24);

std::string_view name(Reason) noexcept;                           ///< "bad_record_mac"
std::string_view code(Reason) noexcept;                           ///< "HF0109": short and stable, to be looked up
std::optional<Reason> reason_of(std::string_view code) noexcept;  ///< the Reason of that code, if it is one's
std::string_view describe(Reason) noexcept;                       ///< "a record does not decrypt"
std::string to_text(const Fact::Value&);  ///< numbers in decimal, lists with commas, bytes in hexadecimal

template <typename T = void>
using Result = std::expected<T, Error>;

/// `return fail(Alert::decode_error, Reason::decode_error);` in a function that gives a Result.
inline std::unexpected<Error> fail(Alert alert, Reason reason) { return std::unexpected<Error>(Error(alert, reason)); }
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace handfast
